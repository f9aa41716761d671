"""A Kafka consumer that makes no progress is recreated; one without work, or without fault, stays.

The stall is a real one: the client keeps its partitions and its place in the group, and fetches nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

import pytest

from chassis.bus import kafka_consumer
from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka_consumer import KafkaConsumer
from chassis.clock import monotonic
from contracts.envelope import Envelope
from contracts.events.tenancy import CompanyRegistered
from tests.chassis.delivery.carriers import KafkaCarrier
from tests.chassis.delivery.probe import AT, TOPIC

STALL_SECONDS = 5.0
GROUP = "watched"
KEYS = [f"key-{n}" for n in range(60)]


@pytest.fixture
async def bus(kafka: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[KafkaBus]:
    """A bus whose consumers are looked after every few seconds."""
    monkeypatch.setattr(kafka_consumer, "STALL_SECONDS", STALL_SECONDS)
    carrier = KafkaCarrier(kafka)
    await carrier.prepare()
    bus = carrier.open()
    assert isinstance(bus, KafkaBus)
    yield bus
    await bus.close()


async def publish(bus: KafkaBus) -> set[bytes]:
    """One record of each key, so that every partition has some; their keys."""
    source, type_ = "/livret/tenancy", CompanyRegistered.WIRE
    await bus.publish([Envelope(uuid4(), type_, source, key, AT, None, None, b"{}") for key in KEYS])
    return {key.encode() for key in KEYS}


class Member:
    """A member of the group that receives, and acknowledges what it got, as a worker's loop does."""

    def __init__(self, bus: KafkaBus) -> None:
        consumer = bus.consumer(GROUP, [TOPIC])
        assert isinstance(consumer, KafkaConsumer)
        self.consumer = consumer
        self.heard: set[bytes | None] = set()
        self._loop = asyncio.create_task(self._receive())

    async def _receive(self) -> None:
        while True:
            self.heard |= {record.key for record in await self.consumer.receive(100, 0.1)}
            await self.consumer.acknowledge()

    @property
    def client(self) -> object:
        """The client it uses now."""
        return self.consumer._client

    @property
    def partitions(self) -> int:
        """How many are assigned to it."""
        return len(self.consumer._client.assignment()) if self.consumer._client else 0

    def stall(self) -> None:
        """From now on its client fetches nothing."""
        assert self.consumer._client is not None
        self.consumer._client.pause(*self.consumer._client.assignment())

    async def leave(self) -> None:
        """Ends its loop and leaves the group; a loop that failed fails the test."""
        if not self._loop.done():
            self._loop.cancel()
        with suppress(asyncio.CancelledError):
            await self._loop
        await self.consumer.close()


@pytest.fixture
async def members(bus: KafkaBus) -> AsyncIterator[list[Member]]:
    """Two members, each with half of the partitions."""
    both = [Member(bus), Member(bus)]
    await until(lambda: [each.partitions for each in both] == [6, 6])
    yield both
    for each in both:
        await each.leave()


async def until(condition: object, seconds: float = 120.0) -> None:
    """Waits for a condition."""
    assert callable(condition)
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "the condition does not come true"
        await asyncio.sleep(0.05)


async def test_a_member_that_stalls_is_replaced_and_the_other_is_left_alone(
    bus: KafkaBus, members: list[Member]
) -> None:
    stalled, other = members
    before = stalled.client, other.client
    stalled.stall()
    published = await publish(bus)
    await until(lambda: stalled.heard | other.heard >= published)
    assert stalled.client is not before[0]
    assert other.client is before[1]


async def test_members_that_have_nothing_to_do_stay(bus: KafkaBus, members: list[Member]) -> None:
    published = await publish(bus)
    await until(lambda: members[0].heard | members[1].heard >= published)
    before = [each.client for each in members]
    await asyncio.sleep(3 * STALL_SECONDS)
    assert [each.client for each in members] == before
