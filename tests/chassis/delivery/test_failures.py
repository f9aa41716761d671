"""What fails holds its own key and nothing else; what is hopeless is parked, and drained in order later."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis import inbox
from chassis.db import Scope, Tx
from chassis.hears import Batch, Context
from chassis.inbox.holds import ENOUGH_DEAD
from chassis.refusals import Refusal
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.events.tenancy import CompanyActivated, CompanyRegistered
from tests.chassis.delivery.carriers import Carrier
from tests.chassis.delivery.probe import AT, CUSTOMER, Defect, Poison, Probe, apply, company, until

MODES = ("one", "many")


class NeverMind(Refusal):
    slug = "never-mind"


def poisoned(probe: Probe, mode: str, *bad: tuple[str, int], refused: bool = False) -> Poison:
    """Handlers of that kind which fail on these events."""
    poison = Poison(set(bad), NeverMind if refused else Defect)
    probe.hears = {CompanyRegistered: poison.one if mode == "one" else Batch(poison.many)}
    return poison


async def make_due(probe: Probe) -> None:
    """Ends the wait of keys that are to be tried again."""
    await probe.query("UPDATE inbox_hold SET until = now() - interval '1 s' WHERE until IS NOT NULL")


@pytest.mark.parametrize("mode", MODES)
async def test_a_poison_parks_its_key_only_and_replay_drains_in_order(probe: Probe, mode: str) -> None:
    poison = poisoned(probe, mode, ("b", 2), refused=True)
    for key in "abc":
        await probe.say(key, 4)
    await probe.drain()
    assert await probe.of_key("a") == [1, 2, 3, 4]
    assert await probe.of_key("b") == [1]
    assert await probe.of_key("c") == [1, 2, 3, 4]
    standing = await inbox.standing(probe.db)
    assert (standing.dead, standing.parked_keys, standing.held, standing.pending) == (1, 1, 2, 0)
    await probe.say("b", 2)
    await probe.drain()
    assert await probe.of_key("b") == [1]
    poison.bad.clear()
    assert await inbox.replay(probe.db) == 1
    await probe.drain()
    assert await probe.of_key("b") == [1, 2, 3, 4, 5, 6]
    standing = await inbox.standing(probe.db)
    assert (standing.dead, standing.parked_keys, standing.held) == (0, 0, 0)


@pytest.mark.parametrize("mode", MODES)
async def test_a_passing_failure_is_tried_again_and_its_key_waits(probe: Probe, mode: str) -> None:
    poison = poisoned(probe, mode, ("a", 1))
    await probe.say("a", 3)
    await probe.say("b", 1)
    await probe.drain()
    assert await probe.applied() == [("b", 1)]
    assert (await inbox.standing(probe.db)).waiting_keys == 1
    poison.bad.clear()
    await make_due(probe)
    await probe.work()
    assert await probe.of_key("a") == [1, 2, 3]
    assert (await inbox.standing(probe.db)).waiting_keys == 0


async def test_a_refusal_is_dead_at_once_and_another_failure_after_its_attempts(probe: Probe) -> None:
    poison = poisoned(probe, "one", ("a", 1), ("b", 1))
    await probe.say("a", 1)
    await probe.drain()
    for _ in range(20):
        await make_due(probe)
        await probe.work()
    poison.fault = NeverMind
    await probe.say("b", 1)
    await probe.drain()
    defect, refusal = await probe.query("SELECT state, attempts, error FROM inbox ORDER BY seq")
    assert (defect.state, defect.attempts) == ("dead", 12)
    assert "Defect" in defect.error
    assert (refusal.state, refusal.attempts) == ("dead", 1)
    assert "NeverMind" in refusal.error


async def test_a_lost_connection_costs_the_event_no_attempt(probe: Probe) -> None:
    calls: list[int] = []

    async def loses_it_once(tx: Tx, event: Event, envelope: Envelope, context: Context) -> None:
        calls.append(1)
        if len(calls) == 1:
            await tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        await apply(tx, event, envelope, context)

    probe.hears = {CompanyRegistered: loses_it_once}
    await probe.say("a")
    await probe.relay()
    while not await probe.receive():
        pass
    with pytest.raises(DBAPIError):
        await probe.work()
    (row,) = await probe.query("SELECT state, attempts FROM inbox")
    assert (row.state, row.attempts) == ("pending", 0)
    await probe.work()
    assert await probe.of_key("a") == [1]


async def test_the_wait_is_real_time_with_jitter(probe: Probe) -> None:
    poison = poisoned(probe, "one", ("a", 1))
    await probe.say("a", 1)
    await probe.drain()
    poison.bad.clear()

    async def is_applied() -> bool:
        await probe.work()
        return await probe.of_key("a") == [1]

    await until(is_applied, 60)


async def test_what_stands_behind_a_parked_key_costs_nothing(probe: Probe) -> None:
    poison = poisoned(probe, "many", ("a", 1), refused=True)
    await probe.say("a", 60)
    await probe.drain()
    poison.tried.clear()
    await probe.say("b", 1)
    await probe.drain()
    assert poison.tried == [("b", 1)]
    assert (await inbox.standing(probe.db)).held == 59
    assert await probe.work() == 0


async def test_a_discarded_event_lets_its_key_go_on(probe: Probe) -> None:
    poisoned(probe, "one", ("a", 2), refused=True)
    envelopes = await probe.say("a", 4)
    await probe.drain()
    assert await inbox.discard(probe.db, envelopes[1].id) == 1
    await probe.drain()
    assert await probe.of_key("a") == [1, 3, 4]
    assert await inbox.discard(probe.db, envelopes[1].id) == 0


async def test_replay_by_key_leaves_the_others_parked(probe: Probe) -> None:
    poison = poisoned(probe, "one", ("a", 1), ("b", 1), refused=True)
    await probe.say("a", 2)
    await probe.say("b", 2)
    await probe.drain()
    poison.bad.clear()
    assert await inbox.replay(probe.db, key=str(company("a"))) == 1
    await probe.drain()
    assert await probe.applied() == [("a", 1), ("a", 2)]


async def test_when_most_is_dead_handling_stops_until_someone_resumes(probe: Probe) -> None:
    poison = poisoned(probe, "one", *((f"k{n}", 1) for n in range(40)), refused=True)
    for n in range(40):
        await probe.say(f"k{n}", 1)
    await probe.drain()
    standing = await inbox.standing(probe.db)
    assert standing.stopped_at is not None
    assert standing.dead == ENOUGH_DEAD
    assert standing.pending == 40 - ENOUGH_DEAD
    poison.bad.clear()
    await probe.work()
    assert await probe.applied() == []
    await inbox.resume(probe.db)
    await probe.drain()
    assert len(await probe.applied()) == 40 - ENOUGH_DEAD
    await inbox.replay(probe.db)
    await probe.drain()
    assert len(await probe.applied()) == 40


async def test_a_few_dead_among_many_do_not_stop_it(probe: Probe) -> None:
    poisoned(probe, "one", *((f"k{n}", 1) for n in range(0, 60, 3)), refused=True)
    for n in range(60):
        await probe.say(f"k{n}", 1)
    await probe.drain()
    standing = await inbox.standing(probe.db)
    assert (standing.stopped_at, standing.dead) == (None, 20)


async def test_an_unparseable_record_does_not_block_its_partition(probe: Probe, carrier: Carrier) -> None:
    for partition in range(12):
        await carrier.append_garbage(partition)
    await probe.say("a", 2)
    await probe.drain()
    assert await probe.of_key("a") == [1, 2]
    rows = await probe.query("SELECT partition, value, reason FROM unreadable ORDER BY partition")
    assert [row.partition for row in rows] == list(range(12))
    assert rows[0].value == b"\xff\x00"
    assert rows[0].reason
    assert (await inbox.standing(probe.db)).unreadable == 12


async def test_data_that_does_not_fit_its_class_is_dead_and_parks_its_key(probe: Probe) -> None:
    envelopes = await probe.say("a", 2)
    await probe.query("UPDATE outbox SET data = '{}' WHERE event_id = :id", id=envelopes[0].id)
    await probe.say("b", 1)
    await probe.drain()
    assert await probe.applied() == [("b", 1)]
    (row,) = await probe.query("SELECT error FROM inbox WHERE state = 'dead'")
    assert "customer_id" in row.error


async def test_a_type_that_nobody_hears_is_acknowledged_and_forgotten(probe: Probe) -> None:
    async with probe.db.transaction(Scope.portal()) as tx:
        await tx.emit(CompanyActivated(customer_id=CUSTOMER, company_id=company("a"), activated_at=AT))
    await probe.say("a", 1)
    await probe.drain()
    assert await probe.of_key("a") == [1]
    assert len(await probe.query("SELECT seq FROM inbox")) == 1
