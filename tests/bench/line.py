"""A producer and a consumer with the worker's own loops between them, to be measured.

The consumer is a batch projection that writes a row for each event. Latency runs from the event's `time`,
which is taken just before its transaction commits, until the pass that handled it has committed.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import inbox, outbox
from chassis.bus import Bus, Consumer, open_bus
from chassis.bus.postgres import prepare
from chassis.clock import Clock, monotonic, system_now
from chassis.db import Database, Scope, Tx
from chassis.hears import Batch, Context, Handler
from chassis.runtime import RECEIVE_SECONDS, RELAY_SECONDS, WORK_SECONDS, Loop
from chassis.settings import Settings
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.events.tenancy import CompanyActivated
from tests.support.postgres import EMPTY, ServiceDatabase, TestCluster

WORKERS = 3
CUSTOMER = uuid4()
COMPANIES = [uuid4() for _ in range(5_000)]
_EFFECT = text(
    "INSERT INTO measured (company_id, activated_at)"
    " SELECT * FROM unnest(CAST(:companies AS uuid[]), CAST(:instants AS timestamptz[]))"
)
_told: ContextVar[list[datetime]] = ContextVar("told")


async def project(tx: Tx, told: Sequence[tuple[Event, Envelope]], _context: Context) -> None:
    """The measured effect: one row an event."""
    events: list[Any] = [event for event, _ in told]
    columns = {
        "companies": [event.company_id for event in events],
        "instants": [event.activated_at for event in events],
    }
    await tx.execute(_EFFECT, columns)
    _told.get().extend(envelope.time for _, envelope in told)


HEARS: dict[type[Event], Handler] = {CompanyActivated: Batch(project)}


def activation(company: UUID, at: datetime) -> CompanyActivated:
    """The event that is carried."""
    return CompanyActivated(customer_id=CUSTOMER, company_id=company, activated_at=at)


@dataclass
class Line:
    """The two databases and the bus, with what arrived and how late."""

    producer: Database
    consumer: Database
    bus: Bus
    reader: Consumer
    latencies: list[float] = field(default_factory=list)
    context: Context = field(default_factory=lambda: Context("bench", Clock(), Settings()))

    async def relay(self) -> int:
        return await outbox.relay_once(self.producer, self.bus)

    async def receive(self) -> int:
        return await inbox.receive_once(self.consumer, self.reader, HEARS.keys(), timeout=RECEIVE_SECONDS)

    async def work(self) -> int:
        told: list[datetime] = []
        _told.set(told)
        moved = await inbox.work_once(self.consumer, HEARS, self.context)
        now = system_now()
        self.latencies += [(now - at).total_seconds() for at in told]
        return moved

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All loops, woken as a worker process wakes them."""
        working = [Loop("bench", f"work-{n}", self.work, WORK_SECONDS) for n in range(WORKERS)]
        loops = [
            Loop("bench", "relay", self.relay, RELAY_SECONDS, woken=self.producer.committed),
            Loop("bench", "receive", self.receive, 0.0, wakes=tuple(loop.woken for loop in working)),
            *working,
        ]
        stop = asyncio.Event()
        tasks = [asyncio.create_task(loop.run(stop)) for loop in loops]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    async def emit(self, count: int, first: int = 0) -> None:
        """One transaction that says so many events, each of another company."""
        at = system_now()
        said = [activation(COMPANIES[(first + n) % len(COMPANIES)], at) for n in range(count)]
        async with self.producer.transaction(Scope.portal()) as tx:
            await tx.emit_many(said)

    async def emit_steadily(self, a_second: float, seconds: float, at_once: int = 10) -> int:
        """Transactions of `at_once` events at this rate; returns how many events were said."""
        began, said = monotonic(), 0
        while monotonic() - began < seconds:
            await self.emit(at_once, said)
            said += at_once
            await asyncio.sleep(max(0.0, began + said / a_second - monotonic()))
        return said

    async def arrived(self, count: int, seconds: float = 300) -> None:
        """Until so many effects have committed."""
        until = monotonic() + seconds
        while len(self.latencies) < count:
            if monotonic() > until:
                raise TimeoutError(f"{len(self.latencies)} of {count} effects after {seconds} s")
            await asyncio.sleep(0.005)


@dataclass(frozen=True, slots=True)
class Places:
    """The addresses of the databases of a line: of the bus, of who says and of who hears."""

    log: str
    said: str
    heard: str


async def built(servers: TestCluster) -> Places:
    """New databases for a line."""
    log, said, heard = servers.make(EMPTY), servers.make("chassis"), servers.make("chassis")
    await prepare(log.owner_url)
    await _make_measured(heard)
    return Places(log.app_url, said.app_url, heard.app_url)


@asynccontextmanager
async def laid(places: Places, bus_address: str) -> AsyncIterator[Line]:
    """A line between these databases on a bus: `postgres`, or `kafka://host:port`."""
    bus = open_bus(Settings(bus=bus_address, bus_database_url=places.log))
    await bus.create_topics(["tenancy"])
    producer = Database.create(places.said, pool_size=6)
    consumer = Database.create(places.heard, pool_size=2 * WORKERS + 3)
    reader = bus.consumer(f"bench-{uuid4().hex[:8]}", ["livret.tenancy"])
    try:
        yield Line(producer, consumer, bus, reader)
    finally:
        await reader.close()
        await bus.close()
        await producer.close()
        await consumer.close()


async def _make_measured(database: ServiceDatabase) -> None:
    engine = create_async_engine(database.owner_url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE measured (company_id uuid, activated_at timestamptz)"))
    await engine.dispose()
