"""The two buses as the suite sees them: opened, fed with garbage, taken away and given back."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from chassis.bus import Bus
from chassis.bus.kafka import KafkaBus
from chassis.bus.postgres import PostgresBus
from chassis.db import Database
from chassis.embedded.kafka import EmbeddedKafka
from tests.chassis.delivery.probe import TOPIC
from tests.support.postgres import ServiceDatabase, TestCluster


class Carrier(Protocol):
    """One bus under test."""

    def open(self) -> Bus:
        """A new client of it."""

    async def prepare(self) -> None:
        """Makes it ready, with the topic."""

    async def append_garbage(self, partition: int) -> None:
        """Writes a record that is no event."""

    async def go_down(self) -> None:
        """Takes it away from all its clients."""

    async def come_up(self) -> None:
        """Gives it back."""


@dataclass(slots=True)
class PostgresCarrier:
    """The bus in a database of the test cluster."""

    cluster: TestCluster
    database: ServiceDatabase

    def open(self) -> Bus:
        """See `Carrier`."""
        return PostgresBus(self.database.app_url)

    async def prepare(self) -> None:
        """See `Carrier`."""
        from chassis.bus.postgres import prepare

        await prepare(self.database.owner_url)
        bus = self.open()
        await bus.create_topics(["tenancy"])
        await bus.close()

    async def append_garbage(self, partition: int) -> None:
        """See `Carrier`."""
        db = Database.create(self.database.app_url, pool_size=1)
        async with db.engine.begin() as connection:
            await connection.exec_driver_sql(
                "WITH place AS (UPDATE bus_partition SET next_offset = next_offset + 1"
                f" WHERE topic = '{TOPIC}' AND partition = {partition} RETURNING next_offset - 1 AS at)"
                " INSERT INTO bus_record SELECT"
                f" '{TOPIC}', {partition}, at, 'k', '{{}}', '\\xff00', now() FROM place"
            )
        await db.close()

    async def go_down(self) -> None:
        """See `Carrier`."""
        name = self.database.name
        await self._administer(
            f"ALTER DATABASE {name} ALLOW_CONNECTIONS false;"
            f" SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';"
        )

    async def come_up(self) -> None:
        """See `Carrier`."""
        await self._administer(f"ALTER DATABASE {self.database.name} ALLOW_CONNECTIONS true;")

    async def _administer(self, sql: str) -> None:
        await asyncio.to_thread(self.cluster.server.administer, "postgres", sql)


@dataclass(slots=True)
class KafkaCarrier:
    """A real broker, on which each test has a portal of its own."""

    bootstrap: str
    broker: EmbeddedKafka | None = None
    prefix: str = field(default_factory=lambda: f"test-{uuid4().hex[:12]}.")

    def open(self) -> Bus:
        """See `Carrier`."""
        return KafkaBus(self.bootstrap, self.prefix, publish_seconds=5.0)

    async def prepare(self) -> None:
        """See `Carrier`."""
        bus = self.open()
        await bus.create_topics(["tenancy"])
        await bus.close()

    async def append_garbage(self, partition: int) -> None:
        """See `Carrier`."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        await producer.send_and_wait(self.prefix + TOPIC, b"\xff\x00", b"k", partition)
        await producer.stop()

    async def go_down(self) -> None:
        """See `Carrier`."""
        assert self.broker is not None
        self.broker.stop(immediate=True)

    async def come_up(self) -> None:
        """See `Carrier`. In the test's own thread: the broker ends with the thread that starts it."""
        assert self.broker is not None
        self.broker.start()
