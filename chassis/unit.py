"""One request, one transaction: what a route works in.

`Work` commits before the answer leaves, so that a constraint which fails at commit is never answered with
200; `Read` is a read-only one. Both open in the scope of their caller. `Entrance` serves the few public
routes that precede a tenant, in the machine's scope. A refusal must be raised: a *returned* 4xx commits.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from chassis import after, audit, idempotency
from chassis.audit import Whence
from chassis.auth import Caller, Role, authenticated
from chassis.clock import Clock
from chassis.db import Database, Scope, Tx
from contracts.envelope import Envelope
from contracts.events import Event

MAX_USER_AGENT = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """A transaction without a caller: sign-in, exchange of a session, a partner's token request."""

    tx: Tx
    clock: Clock
    whence: Whence
    caller: Caller | None = None

    async def emit(self, event: Event) -> Envelope:
        """Says an event; comes last, after every row lock."""
        return await self.tx.emit(event)

    async def emit_many(self, events: Iterable[Event]) -> list[Envelope]:
        """Says events in the order given; comes last, after every row lock."""
        return await self.tx.emit_many(events)

    async def audit(
        self,
        action: str,
        *,
        subject: object = None,
        customer_id: UUID | None = None,
        company_id: UUID | None = None,
        details: Mapping[str, Any] | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Adds a line to the audit trail; where something changes, with what differs before and after.

        It locks nothing that another waits for, so it may follow what was emitted.
        """
        await audit.record(
            self.tx,
            action,
            business_at=self.clock.business_now(),
            caller=self.caller,
            whence=self.whence,
            customer_id=customer_id,
            company_id=company_id,
            subject=None if subject is None else str(subject),
            details=details,
            before=before,
            after=after,
        )


@dataclass(frozen=True, slots=True)
class UnitOfWork(Entry):
    """A caller's transaction, in the caller's scope."""

    caller: Caller


def scope_of(caller: Caller) -> Scope:
    """A customer's people and programs see their customer; the publisher's see the portal."""
    if caller.customer_id is not None:
        return Scope.customer(caller.customer_id)
    return Scope.portal() if caller.is_publisher or caller.role is Role.machine else Scope.machine()


def whence_of(request: Request) -> Whence:
    """From where a request came."""
    agent = request.headers.get("user-agent")
    return Whence(request.client.host if request.client else None, agent[:MAX_USER_AGENT] if agent else None)


async def unit_of_work(request: Request) -> AsyncIterator[UnitOfWork]:
    """Opens the caller's transaction; on an idempotent route, only for a key that has no answer yet."""
    caller = await authenticated(request)
    db = await _ready(request)
    async with db.transaction(scope_of(caller)) as tx:
        request.state.tx = tx
        await idempotency.begin(request, tx, caller)
        yield UnitOfWork(tx, request.app.state.clock, whence_of(request), caller)


async def reading(request: Request) -> AsyncIterator[UnitOfWork]:
    """Opens the caller's transaction for reading only."""
    caller = await authenticated(request)
    db = await _ready(request)
    async with db.transaction(scope_of(caller), read_only=True) as tx:
        yield UnitOfWork(tx, request.app.state.clock, whence_of(request), caller)


async def entering(request: Request) -> AsyncIterator[Entry]:
    """Opens a transaction in the machine's scope, for a caller who is not known yet."""
    db = await _ready(request)
    async with db.transaction(Scope.machine()) as tx:
        request.state.tx = tx
        yield Entry(tx, request.app.state.clock, whence_of(request))


async def _ready(request: Request) -> Database:
    """The database, once this service knows what the request builds on."""
    db: Database = request.app.state.db
    await after.require_known(db, request.headers.get(after.HEADER))
    return db


# `scope="function"`: the transaction ends before the answer is sent, not after it.
Work = Annotated[UnitOfWork, Depends(unit_of_work, scope="function")]
Read = Annotated[UnitOfWork, Depends(reading, scope="function")]
Entrance = Annotated[Entry, Depends(entering, scope="function")]
