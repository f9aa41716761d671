"""A service with one table, to see what delivery does to it: `applied` has a line for each effect.

Its events are tenancy's: the company is the key, and the name carries a number that counts up for each key.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import inbox, outbox
from chassis.bus import Bus, Consumer
from chassis.clock import Clock, monotonic
from chassis.db import Database, Scope, Tx
from chassis.hears import Batch, Context, Handler
from chassis.settings import Settings
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.events.tenancy import CompanyRegistered
from tests.support.postgres import ServiceDatabase

CUSTOMER = UUID(int=7)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOPIC = "livret.tenancy"
_TABLES = (
    "CREATE TABLE applied (id bigserial PRIMARY KEY, key text NOT NULL, n integer, event_id uuid NOT NULL)",
    "CREATE TABLE said (key text PRIMARY KEY, n integer NOT NULL)",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON applied, said TO livret_app",
    "GRANT USAGE ON SEQUENCE applied_id_seq TO livret_app",
)
_APPLY = text("INSERT INTO applied (key, n, event_id) VALUES (:key, :n, :event_id)")
_APPLIED = text("SELECT key, n FROM applied ORDER BY id")
_COUNT = text("INSERT INTO said VALUES (:key, 1) ON CONFLICT (key) DO UPDATE SET n = said.n + 1 RETURNING n")


class Defect(Exception):
    """What a handler with a bug raises."""


def company(key: str) -> UUID:
    """The company that stands for a key."""
    return uuid5(CUSTOMER, key)


def numbered(key: str, n: int) -> CompanyRegistered:
    """The nth event of a key."""
    return CompanyRegistered(
        customer_id=CUSTOMER,
        company_id=company(key),
        siret="73282932000074",
        name=f"{key}:{n}",
        registered_at=AT,
    )


def told(event: Event) -> tuple[str, int]:
    """The key and number of an event."""
    assert isinstance(event, CompanyRegistered)
    key, _, n = event.name.rpartition(":")
    return key, int(n)


async def apply(tx: Tx, event: Event, envelope: Envelope, _context: Context) -> None:
    """The handler that only writes its line."""
    key, n = told(event)
    await tx.execute(_APPLY, {"key": key, "n": n, "event_id": envelope.id})


async def apply_all(tx: Tx, heard: list[tuple[Event, Envelope]], _context: Context) -> None:
    """The same for many at once."""
    lines = [(told(event), envelope.id) for event, envelope in heard]
    await tx.execute(_APPLY, [{"key": key, "n": n, "event_id": id_} for (key, n), id_ in lines])


@dataclass(slots=True)
class Poison:
    """Handlers that fail on chosen events until they are cured."""

    bad: set[tuple[str, int]] = field(default_factory=set)
    fault: Callable[[], Exception] = Defect
    tried: list[tuple[str, int]] = field(default_factory=list)

    def _require_good(self, event: Event) -> None:
        self.tried.append(told(event))
        if told(event) in self.bad:
            raise self.fault()

    async def one(self, tx: Tx, event: Event, envelope: Envelope, context: Context) -> None:
        """A command that writes its line and then may fail."""
        await apply(tx, event, envelope, context)
        self._require_good(event)

    async def many(self, tx: Tx, heard: list[tuple[Event, Envelope]], context: Context) -> None:
        """A batch that writes all its lines and then may fail."""
        await apply_all(tx, heard, context)
        for event, _ in heard:
            self._require_good(event)


ONE: Mapping[type[Event], Handler] = {CompanyRegistered: apply}
MANY: Mapping[type[Event], Handler] = {CompanyRegistered: Batch(apply_all)}


@dataclass(slots=True)
class Probe:
    """The service at one bus. `hears` may be changed by a test."""

    db: Database
    bus: Bus
    hears: Mapping[type[Event], Handler] = field(default_factory=lambda: ONE)
    group: str = "probe"
    context: Context = field(default_factory=lambda: Context("probe", Clock(), Settings()))
    _consumer: Consumer | None = None

    @property
    def consumer(self) -> Consumer:
        """This service's one consumer."""
        if self._consumer is None:
            self._consumer = self.bus.consumer(self.group, [TOPIC])
        return self._consumer

    async def say(self, key: str, count: int = 1) -> list[Envelope]:
        """Says the next events of a key, each in a transaction that locks the key first."""
        return [envelope for _ in range(count) for envelope in await self._say(key)]

    async def _say(self, key: str) -> list[Envelope]:
        async with self.db.transaction(Scope.portal()) as tx:
            row = await tx.fetch_one(_COUNT, {"key": key})
            assert row is not None
            return [await tx.emit(numbered(key, row.n))]

    async def relay(self, limit: int = 1000) -> int:
        """One step of the relay."""
        return await outbox.relay_once(self.db, self.bus, limit)

    async def receive(self, timeout: float = 0.3) -> int:
        """One step of the receiver."""
        return await inbox.receive_once(self.db, self.consumer, self.hears.keys(), timeout=timeout)

    async def work(self) -> int:
        """Handles all that can be handled now."""
        moved = 0
        while count := await inbox.work_once(self.db, self.hears, self.context):
            moved += count
        return moved

    async def drain(self, seconds: float = 120.0) -> None:
        """Steps until the outbox is empty, the bus is read and nothing in the inbox is due."""
        until = monotonic() + seconds
        while monotonic() < until:
            moved = await self.relay() + await self.receive() + await self.work()
            if not moved and not sum((await self.bus.lag(self.group, [TOPIC])).values()):
                return
        raise TimeoutError("it does not come to rest")

    async def applied(self) -> list[tuple[str, int]]:
        """The effects, in the order of their commits as far as one key is concerned."""
        async with self.db.engine.connect() as connection:
            return [(row.key, row.n) for row in (await connection.execute(_APPLIED)).all()]

    async def of_key(self, key: str) -> list[int]:
        """The numbers applied of one key, in order."""
        return [n for each, n in await self.applied() if each == key]

    async def query(self, sql: str, **parameters: Any) -> list[Any]:
        """Rows of a statement."""
        async with self.db.engine.begin() as connection:
            done = await connection.execute(text(sql), parameters)
            return list(done.all()) if done.returns_rows else []

    async def rejoin(self) -> None:
        """Leaves the group, as a process that ended; the next receive joins anew."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.close()

    async def close(self) -> None:
        """Leaves everything."""
        with suppress(Exception):
            await self.rejoin()
        await self.db.close()
        await self.bus.close()


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 120.0) -> None:
    """Waits for a condition."""
    end = monotonic() + seconds
    while not await condition():
        if monotonic() > end:
            raise TimeoutError("the condition does not come true")
        await asyncio.sleep(0.02)


async def make_tables(database: ServiceDatabase) -> None:
    """The probe's own tables."""
    engine = create_async_engine(database.owner_url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        for statement in _TABLES:
            await connection.execute(text(statement))
    await engine.dispose()
