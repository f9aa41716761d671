"""What only the PostgreSQL bus has to promise: offsets without gaps, partitions held by locks, retention."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from chassis.bus.postgres import PostgresBus, prepare
from chassis.clock import system_now
from chassis.db import Database
from chassis.outbox import new_event_id
from contracts.envelope import Envelope
from contracts.events import encode
from tests.chassis.delivery.probe import TOPIC, company, numbered
from tests.support.postgres import DatabaseMaker, ServiceDatabase


@pytest.fixture
async def place(database: DatabaseMaker) -> ServiceDatabase:
    """The log's database; preparing it twice changes nothing."""
    place = database("empty")
    await prepare(place.owner_url)
    await prepare(place.owner_url)
    return place


@pytest.fixture
async def bus(place: ServiceDatabase) -> AsyncIterator[PostgresBus]:
    """The bus with its topic."""
    bus = PostgresBus(place.app_url)
    await bus.create_topics(["tenancy"])
    yield bus
    await bus.close()


def enveloped(key: str, n: int) -> Envelope:
    """The nth event of a key, under way."""
    event = numbered(key, n)
    return Envelope(
        new_event_id(),
        event.WIRE,
        "/livret/tenancy",
        str(company(key)),
        system_now(),
        None,
        None,
        encode(event),
    )


async def rows(place: ServiceDatabase, sql: str) -> list[tuple[int, ...]]:
    """Rows of a statement, as the owner of the log."""
    db = Database.create(place.owner_url, pool_size=1)
    async with db.engine.begin() as connection:
        done = await connection.execute(text(sql))
        found = [tuple(row) for row in done.all()] if done.returns_rows else []
    await db.close()
    return found


async def test_offsets_have_no_gaps_under_competing_publishers(
    bus: PostgresBus, place: ServiceDatabase
) -> None:
    lists = [[enveloped(f"k{k}", n) for k in range(10)] for n in range(20)]
    await asyncio.gather(*(bus.publish(each) for each in lists))
    found = await rows(
        place,
        'SELECT p.next_offset, count(*), min(r."offset"), max(r."offset") FROM bus_record AS r'
        " JOIN bus_partition AS p USING (topic, partition) GROUP BY topic, partition, p.next_offset",
    )
    assert sum(count for _, count, _, _ in found) == 200
    assert all((low, high) == (0, count - 1) and after == count for after, count, low, high in found)


async def test_two_members_never_hold_the_same_partition_and_the_dead_let_go(bus: PostgresBus) -> None:
    await bus.publish([enveloped("a", 1)])
    first, second = bus.consumer("g", [TOPIC]), bus.consumer("g", [TOPIC])
    assert len(await first.receive(10, 1.0)) == 1
    assert await second.receive(10, 0.2) == []
    await first.close()
    assert len(await second.receive(10, 60.0)) == 1
    await second.acknowledge()
    assert await second.receive(10, 0.1) == []
    await second.close()


async def test_each_group_has_all_of_it(bus: PostgresBus) -> None:
    await bus.publish([enveloped("a", n) for n in range(5)])
    for group in ("g", "h"):
        consumer = bus.consumer(group, [TOPIC])
        assert len(await consumer.receive(10, 1.0)) == 5
        await consumer.acknowledge()
        await consumer.close()


async def test_a_consumer_is_woken_by_what_its_process_publishes(bus: PostgresBus) -> None:
    consumer = bus.consumer("g", [TOPIC])
    waiting = asyncio.create_task(consumer.receive(10, 600.0))
    await asyncio.sleep(0.2)
    await bus.publish([enveloped("a", 1)])
    assert len(await asyncio.wait_for(waiting, 120)) == 1
    await consumer.close()


async def test_a_group_that_joins_late_begins_at_what_is_kept(
    bus: PostgresBus, place: ServiceDatabase
) -> None:
    await rows(place, "UPDATE bus_partition SET next_offset = 100")
    consumer = bus.consumer("late", [TOPIC])
    assert await consumer.receive(10, 0.0) == []
    assert dict(await bus.lag("late", [TOPIC])) == {TOPIC: 0}
    await consumer.close()


async def test_what_is_old_is_purged_once_every_group_has_it(
    bus: PostgresBus, place: ServiceDatabase
) -> None:
    await bus.publish([enveloped("a", n) for n in range(3)])
    consumer = bus.consumer("g", [TOPIC])
    assert len(await consumer.receive(10, 1.0)) == 3
    await rows(place, "UPDATE bus_record SET appended_at = now() - interval '8 days'")
    assert await bus.purge() == 0
    await consumer.acknowledge()
    assert await bus.purge() == 3
    await consumer.close()
