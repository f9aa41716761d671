"""Order per key, with writers that compete and consumers that come and go."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from chassis import inbox
from chassis.db import Database
from chassis.hears import Batch
from contracts.events.tenancy import CompanyRegistered
from tests.chassis.delivery.carriers import Carrier
from tests.chassis.delivery.probe import Poison, Probe, apply, apply_all

WRITERS = 8
KEYS = [f"k{n}" for n in range(12)]
EACH = 40


@pytest.fixture
async def members(probe: Probe, carrier: Carrier) -> AsyncIterator[list[Probe]]:
    """Three processes of one service: each has its own connections and its own place in the group."""
    made = [
        Probe(
            Database.create(
                str(probe.db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)),
                pool_size=6,
            ),
            carrier.open(),
        )
        for _ in range(3)
    ]
    yield made
    for each in made:
        await each.close()


async def write(probe: Probe, seed: int) -> None:
    """Says events of random keys, in competition with the others."""
    chance = random.Random(seed)
    for _ in range(EACH):
        await probe.say(chance.choice(KEYS))


async def consume(member: Probe, stop: asyncio.Event) -> None:
    """Receives and works until told to stop."""
    while not stop.is_set():
        await member.receive(0.1)
        await inbox.work_once(member.db, member.hears, member.context, limit=50)


async def relay(probe: Probe, stop: asyncio.Event) -> None:
    """Publishes in small portions, so that the log grows while it is read."""
    while not stop.is_set():
        if not await probe.relay(limit=20):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("mode", ["one", "many"])
async def test_order_per_key_under_writers_consumers_and_a_rebalance(
    probe: Probe, members: list[Probe], mode: str
) -> None:
    for each in members:
        each.hears = {CompanyRegistered: apply if mode == "one" else Batch(apply_all, size=20)}
    stop, leave = asyncio.Event(), asyncio.Event()
    others = [asyncio.create_task(consume(each, stop)) for each in members[1:]]
    first = asyncio.create_task(consume(members[0], leave))
    relays = [asyncio.create_task(relay(each, stop)) for each in members[1:]]
    writers = [asyncio.create_task(write(probe, seed)) for seed in range(WRITERS)]
    await asyncio.sleep(1.0)
    leave.set()
    await first
    await members[0].rejoin()
    await asyncio.gather(*writers)
    again = asyncio.create_task(consume(members[0], stop))
    async with asyncio.timeout(240):
        while len(await probe.applied()) < WRITERS * EACH:
            for task in (*others, *relays, again):
                if task.done():
                    await task
            await asyncio.sleep(0.1)
    stop.set()
    await asyncio.gather(again, *others, *relays)
    applied = await probe.applied()
    assert len(applied) == len(set(applied)) == WRITERS * EACH
    for key in KEYS:
        numbers = await probe.of_key(key)
        assert numbers == list(range(1, len(numbers) + 1)), key


async def test_failures_in_between_leave_the_order(probe: Probe) -> None:
    poison = Poison()
    chance = random.Random(11)
    probe.hears = {CompanyRegistered: Batch(poison.many, size=16)}
    for _ in range(6):
        for key in KEYS:
            await probe.say(key, 3)
        poison.bad = {(chance.choice(KEYS), chance.randint(1, 18)) for _ in range(4)}
        await probe.drain()
        await probe.query("UPDATE inbox_hold SET until = now() - interval '1 s' WHERE until IS NOT NULL")
    poison.bad = set()
    await probe.query("UPDATE inbox_hold SET until = now() - interval '1 s'")
    await probe.drain()
    for key in KEYS:
        assert await probe.of_key(key) == list(range(1, 19)), key
