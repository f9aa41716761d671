"""Nothing lost and nothing twice, wherever a process dies."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis import inbox, outbox
from chassis.bus import Bus, Record
from chassis.db import Database, Scope, Tx
from chassis.hears import Context
from chassis.inbox.work import ClaimLost
from contracts.envelope import Envelope, from_record
from contracts.events import Event
from contracts.events.tenancy import CompanyRegistered
from tests.chassis.delivery.carriers import Carrier
from tests.chassis.delivery.probe import MANY, Probe, apply, numbered, until


class Crash(Exception):
    """The process ends here."""


async def test_what_is_said_is_done_once_and_in_order(probe: Probe) -> None:
    await probe.say("a", 5)
    await probe.drain()
    assert await probe.applied() == [("a", n) for n in range(1, 6)]


async def test_a_batch_projection_does_the_same(probe: Probe) -> None:
    probe.hears = MANY
    for key in "abc":
        await probe.say(key, 5)
    await probe.drain()
    assert sorted(await probe.applied()) == [(key, n) for key in "abc" for n in range(1, 6)]
    assert await probe.of_key("b") == [1, 2, 3, 4, 5]


async def test_a_duplicate_delivered_twice_has_one_effect(probe: Probe) -> None:
    envelopes = await probe.say("a", 3)
    await probe.bus.publish(envelopes)
    await probe.bus.publish(envelopes)
    await probe.drain()
    assert await probe.of_key("a") == [1, 2, 3]


async def test_a_rolled_back_transaction_says_nothing(probe: Probe) -> None:
    with pytest.raises(Crash):
        await _say_and_crash(probe)
    await probe.drain()
    assert await probe.applied() == []


async def test_a_crash_between_commit_and_relay_loses_nothing(probe: Probe, carrier: Carrier) -> None:
    await probe.say("a", 2)
    await probe.bus.close()
    await probe.db.close()
    probe.bus = carrier.open()
    await probe.drain()
    assert await probe.of_key("a") == [1, 2]


async def test_a_crash_between_publishing_and_marking_publishes_again_and_does_once(probe: Probe) -> None:
    await probe.say("a", 3)

    class DiesAfterwards:
        """A bus whose process ends when all is published, before the rows are marked."""

        async def publish(self, envelopes: Sequence[Envelope]) -> None:
            await probe.bus.publish(envelopes)
            raise Crash

    dying: Bus = DiesAfterwards()  # type: ignore[assignment]
    with pytest.raises(Crash):
        await outbox.relay_once(probe.db, dying)
    assert (await outbox.standing(probe.db)).backlog == 3
    await probe.drain()
    assert await probe.of_key("a") == [1, 2, 3]


async def test_a_crash_before_the_inbox_has_committed_delivers_again(probe: Probe) -> None:
    await probe.say("a", 3)
    await probe.relay()
    assert await _received(probe) == 3
    await probe.rejoin()
    await probe.drain()
    assert await probe.of_key("a") == [1, 2, 3]


async def test_a_crash_after_the_inbox_has_committed_and_before_the_acknowledgement(probe: Probe) -> None:
    await probe.say("a", 3)
    await probe.relay()
    records: list[Record] = []
    while not records:
        records = await probe.consumer.receive(100, 0.5)
    await inbox.store(probe.db, [from_record(each.headers, each.key, each.value) for each in records])
    await probe.rejoin()
    again = await _received(probe)
    assert again == 3
    await probe.rejoin()
    await probe.drain()
    assert await probe.of_key("a") == [1, 2, 3]


async def test_what_could_not_be_stored_comes_again_to_the_same_consumer(probe: Probe) -> None:
    await probe.say("a", 3)
    await probe.relay()
    assert await _received(probe) == 3
    assert await _received(probe) == 3
    await probe.say("a", 2)
    await probe.drain()
    assert await probe.of_key("a") == [1, 2, 3, 4, 5]


async def test_nothing_is_acknowledged_that_the_inbox_could_not_commit(probe: Probe) -> None:
    await probe.say("a", 3)
    await probe.relay()
    with pytest.raises(OSError, match="Connect"):
        await _receive_without_a_database(probe)
    await probe.rejoin()
    await probe.drain()
    assert await probe.of_key("a") == [1, 2, 3]


async def test_what_is_acknowledged_does_not_come_again(probe: Probe) -> None:
    await probe.say("a", 3)
    await probe.drain()
    await probe.rejoin()
    assert await probe.consumer.receive(100, 1.0) == []


async def test_two_relays_at_once_leave_doubles_and_no_disorder(probe: Probe) -> None:
    await probe.say("a", 3)
    first = await probe.query("SELECT * FROM outbox ORDER BY id")
    await probe.relay()
    await probe.say("a", 2)
    await probe.relay()
    await probe.bus.publish([outbox.envelope_of(row) for row in first])
    await probe.drain()
    assert await probe.of_key("a") == [1, 2, 3, 4, 5]


async def test_a_worker_that_lost_its_lane_and_its_successor_do_it_once(probe: Probe) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(tx: Tx, event: Event, envelope: Envelope, context: Context) -> None:
        await apply(tx, event, envelope, context)
        begun.set()
        await may_end.wait()

    probe.hears = {CompanyRegistered: slow}
    await probe.say("a")
    await probe.relay()
    while not await probe.receive():
        pass
    first = asyncio.create_task(probe.work())
    await begun.wait()
    await probe.query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")

    async def is_free() -> bool:
        return not await probe.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory'")

    async def is_waited_for() -> bool:
        return bool(await probe.query("SELECT pid FROM pg_locks WHERE NOT granted"))

    await until(is_free)
    second = asyncio.create_task(probe.work())
    await until(is_waited_for)
    may_end.set()
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    assert await probe.of_key("a") == [1]
    assert any(isinstance(outcome, ClaimLost) for outcome in outcomes)


async def _say_and_crash(probe: Probe) -> None:
    async with probe.db.transaction(Scope.portal()) as tx:
        await tx.emit(numbered("a", 1))
        raise Crash


async def _receive_without_a_database(probe: Probe) -> None:
    away = Database.create("postgresql://nobody@127.0.0.1:1/none", pool_size=1)
    while not await inbox.receive_once(away, probe.consumer, probe.hears.keys(), timeout=0.5):
        pass


async def _received(probe: Probe) -> int:
    """How many records come, given time to join; they are not acknowledged."""
    for _ in range(120):
        if records := await probe.consumer.receive(100, 0.5):
            return len(records)
    return 0
