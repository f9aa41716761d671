"""Transactions, and whose rows they may see.

A transaction is opened for a scope; row-level security reads it, so that a query that forgot its
`WHERE customer_id = …` sees nothing of another tenant's. The first statement of each transaction sets
the scope, once.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

import asyncpg
from sqlalchemy import CursorResult, Executable, Row, event, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chassis.effects import append as append_effect
from chassis.outbox import append
from contracts.envelope import Envelope
from contracts.events import Event

_SET_SCOPE = text(
    "SELECT set_config('livret.scope', :scope, true), set_config('livret.customer', :customer, true)"
)
_SET_READ_ONLY_SCOPE = text(f"{_SET_SCOPE.text}, set_config('transaction_read_only', 'on', true)")

Params = dict[str, Any] | Sequence[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows a transaction sees: one customer's, the whole portal's, or no tenant's (machine)."""

    kind: str
    customer_id: UUID | None = None

    @classmethod
    def customer(cls, customer_id: UUID) -> Self:
        """One tenant's rows."""
        return cls("customer", customer_id)

    @classmethod
    def portal(cls) -> Self:
        """Every tenant's rows: staff queue, month close, projections."""
        return cls("portal")

    @classmethod
    def machine(cls) -> Self:
        """No tenant's rows: outbox, inbox, effects, jobs."""
        return cls("machine")

    def as_parameters(self) -> dict[str, str]:
        """The two settings that the policies read."""
        return {"scope": self.kind, "customer": str(self.customer_id) if self.customer_id else ""}


class Tx:
    """One open transaction. `emit` comes last: what it writes must take its place after the row locks."""

    __slots__ = ("connection", "emitted")

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.emitted: list[Envelope] = []

    async def execute(self, statement: Executable, params: Params = None) -> CursorResult[Any]:
        """Runs one statement; a list of parameters runs it once for each."""
        return await self.connection.execute(statement, params)

    async def fetch_one(self, statement: Executable, params: Params = None) -> Row[Any] | None:
        """The row, or None. More than one row is an error."""
        return (await self.connection.execute(statement, params)).one_or_none()

    async def fetch_all(self, statement: Executable, params: Params = None) -> Sequence[Row[Any]]:
        """All rows."""
        return (await self.connection.execute(statement, params)).all()

    async def rescope(self, scope: Scope) -> None:
        """Changes whose rows the rest of this transaction sees."""
        await self.connection.execute(_SET_SCOPE, scope.as_parameters())

    async def emit(self, event: Event) -> Envelope:
        """Writes one event into the outbox of this transaction."""
        return (await self.emit_many([event]))[0]

    async def emit_many(self, events: Iterable[Event]) -> list[Envelope]:
        """Writes events into the outbox in the order given, in one statement."""
        envelopes = await append(self.connection, events)
        self.emitted.extend(envelopes)
        return envelopes

    async def effect(self, kind: str, key: str, payload: Mapping[str, Any]) -> None:
        """Asks for an act outside (`mail`, …), once for each `key`; a worker performs it after the commit."""
        await append_effect(self.connection, kind, key, payload)


@dataclass(slots=True)
class Database:
    """One service's database: a pool, and transactions with a scope."""

    engine: AsyncEngine
    committed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set after a transaction that emitted has committed, to wake the relay of this process."""

    @classmethod
    def create(cls, url: str, *, pool_size: int = 8, application_name: str = "livret") -> Self:
        """Connects lazily. `url` is `postgresql://…`; errors come with the first transaction."""
        engine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args={"server_settings": {"application_name": application_name, "timezone": "UTC"}},
        )
        event.listen(engine.sync_engine, "handle_error", _forget_values)
        return cls(engine)

    @asynccontextmanager
    async def transaction(self, scope: Scope, *, read_only: bool = False) -> AsyncIterator[Tx]:
        """A transaction in this scope: committed at the end of the block, rolled back on any error."""
        async with self.engine.begin() as connection:
            opening = _SET_READ_ONLY_SCOPE if read_only else _SET_SCOPE
            await connection.execute(opening, scope.as_parameters())
            tx = Tx(connection)
            yield tx
        if tx.emitted:
            self.committed.set()

    async def close(self) -> None:
        """Gives all connections back."""
        await self.engine.dispose()


def _forget_values(context: ExceptionContext) -> None:
    """What PostgreSQL says in detail is the row that it refuses, a tenant's: an error ends up in a log."""
    cause = context.original_exception.__cause__
    if isinstance(cause, asyncpg.PostgresError):
        cause.detail = None


def tenant_policy(table: str) -> list[str]:
    """The statements that put a tenant table behind row-level security, its owner included.

    `nullif` is needed: a pooled connection keeps an empty setting after its first transaction.
    """
    allowed = (
        "customer_id = nullif(current_setting('livret.customer', true), '')::uuid"
        " OR current_setting('livret.scope', true) = 'portal'"
    )
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {table} USING ({allowed}) WITH CHECK ({allowed})",
    ]
