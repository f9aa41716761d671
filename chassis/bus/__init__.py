"""The bus: a durable log by topic and partition, in which one producer's events of one key stand in order.

Two carry it, PostgreSQL and Apache Kafka, and one suite of tests holds both to what is promised here. A
topic per service (`livret.tenancy`), twelve partitions; the event's key decides the partition. Delivery is at
least once: what a consumer has not acknowledged comes again, to it or to another of its group.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chassis.settings import Settings
from contracts.envelope import Envelope

PARTITIONS = 12


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the log as it lies there, readable or not."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None


class Consumer(Protocol):
    """One member of a consumer group. Used by one task at a time."""

    async def receive(self, max_records: int, timeout: float) -> list[Record]:
        """Up to `max_records`, in order within each partition; an empty list after `timeout` seconds.

        What the last call gave and was not acknowledged since, comes again.
        """

    async def acknowledge(self) -> None:
        """All that the last `receive` gave is stored: the group goes on behind it.

        It may fail silently (the partition went to another member): then the records come again.
        """

    async def close(self) -> None:
        """Leaves the group. What was not acknowledged goes to the others."""


class Bus(Protocol):
    """Where a relay publishes, and consumers come from."""

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Appends these, in the order given for each key. Returns when all are durable.

        When it raises, of each partition any beginning of its events may be in the log, never a later
        event without the earlier ones: who publishes the same list again leaves doubles, no disorder.
        """

    def consumer(self, group: str, topics: Sequence[str]) -> Consumer:
        """A new member of the group, which reads these topics from their beginning."""

    async def create_topics(self, producers: Iterable[str]) -> None:
        """Creates the topics of these services; those that exist stay as they are."""

    async def lag(self, group: str, topics: Sequence[str]) -> Mapping[str, int]:
        """How many records of each topic the group has not acknowledged."""

    async def purge(self) -> int:
        """Deletes what is older than it is kept and acknowledged by all; returns how many records."""

    async def close(self) -> None:
        """Gives all connections back."""


def topic_of(producer: str) -> str:
    """The topic of a service."""
    return f"livret.{producer}"


def partition_of(key: str, partitions: int = PARTITIONS) -> int:
    """The partition of a key: the same in every process, on both buses, for ever."""
    return zlib.crc32(key.encode()) % partitions


class BusUnknown(ValueError):
    """The settings name no bus; the message says how one is named."""


def open_bus(settings: Settings) -> Bus:
    """The bus that the settings name. Connects at first use. Raises BusUnknown."""
    if settings.bus.startswith("kafka://"):
        from chassis.bus.kafka import KafkaBus

        bootstrap, _, portal = settings.bus.removeprefix("kafka://").partition("/")
        return KafkaBus(bootstrap, f"{portal}." if portal else "")
    if settings.bus == "postgres" and settings.bus_database_url:
        from chassis.bus.postgres import PostgresBus

        return PostgresBus(settings.bus_database_url)
    raise BusUnknown(
        f"LIVRET_BUS={settings.bus!r}: kafka://host:port[/portal], or postgres with LIVRET_BUS_DATABASE_URL"
    )
