"""Handling: one pass over one lane. Handler, state, own outbox rows and done-mark are one transaction.

A command per event has a transaction of its own, in the scope of the event's customer. A batch projection
has one for all, in the portal's; when it fails the batch is halved until what fails stands alone, so that
one bad event holds its own key and nothing else.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, cast

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError

from chassis import metrics
from chassis.clock import monotonic, system_now
from chassis.db import Database, Scope, Tx
from chassis.hears import Batch, Context, Handler
from chassis.inbox import lanes
from chassis.inbox.holds import record_failure
from chassis.inbox.stages import Placing, Stage, staged
from chassis.inbox.store import LANES
from chassis.outbox import envelope_of
from chassis.refusals import Refusal
from chassis.telemetry import tracer
from contracts.envelope import Envelope, UnreadableRecord
from contracts.events import Event, decode

PASS_SECONDS = 1.0
HANDLER_SECONDS = 60.0
HELD_SHARE = 500
_LINKS = 32
_propagator = TraceContextTextMapPropagator()


class ClaimLost(Exception):
    """Another worker has handled the event meanwhile; nothing of ours is kept."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as it is handed over, and the row it lies in."""

    row: Row[Any]
    envelope: Envelope
    event: Event

    @property
    def key(self) -> lanes.Key:
        """What order holds for."""
        return self.row.source, self.row.key


async def work_once(
    db: Database, hears: Mapping[type[Event], Handler], context: Context, limit: int = 1000
) -> int:
    """Makes one pass over one lane that has something to do; returns how many events were handled or failed.

    0 when nothing is due, when other workers have all lanes, or while the circuit is open. It raises only
    when the database fails: a handler's failure is data.
    """
    async with db.engine.connect() as connection:
        now = system_now()
        lane = await lanes.take(connection, now, LANES)
        if lane is None:
            return 0
        due = await lanes.due_keys(connection, lane, now)
        held = await lanes.held_rows(connection, due, HELD_SHARE)
        pending = await lanes.pending_rows(connection, lane, limit)
        current = _Pass(db, {event.WIRE: handler for event, handler in hears.items()}, context)
        await current.work([*held, *pending])
        await lanes.release(connection, [key for key in due if key not in current.failed], now)
        await connection.commit()
    # Also when another worker had just emptied the lane: there may be more to do elsewhere.
    return max(current.count, 1)


@dataclass(slots=True)
class _Pass:
    db: Database
    hears: Mapping[str, Handler]
    context: Context
    failed: set[lanes.Key] = field(default_factory=set)
    count: int = 0
    is_stopped: bool = False

    async def work(self, rows: Iterable[Row[Any]]) -> None:
        """Handles these rows; keys that fail are left where they fail."""
        until = monotonic() + PASS_SECONDS
        for stage in staged([self._placing(row) for row in rows]):
            await self._work_stage(stage)
            if self.is_stopped or monotonic() > until:
                return

    def _placing(self, row: Row[Any]) -> Placing[Row[Any]]:
        handler = self.hears.get(row.type)
        size = handler.size if isinstance(handler, Batch) else 1
        return Placing(row, handler, size, (row.source, row.key))

    async def _work_stage(self, stage: Stage[Row[Any]]) -> None:
        heard = [each for row in stage.items if (each := await self._read(row)) is not None]
        if isinstance(stage.handler, Batch):
            await self._work_batch(stage.handler, heard)
        else:
            for each in heard:
                await self._work_one(cast(Callable[..., Any], stage.handler), each)

    async def _read(self, row: Row[Any]) -> Heard | None:
        """The event of a row; None when its key is waiting, or it cannot be read and is dead now."""
        if (row.source, row.key) in self.failed:
            return None
        envelope = envelope_of(row)
        try:
            if row.type not in self.hears:
                raise UnreadableRecord(f"this service no longer hears {row.type}")
            return Heard(row, envelope, decode(row.type, envelope.data))
        except UnreadableRecord as fault:
            await self._fail(row, fault)
            return None

    @asynccontextmanager
    async def _claimed(self, heard: Sequence[Heard], scope: Scope) -> AsyncIterator[Tx]:
        """The handler's transaction. What hangs in it is undone, and has failed like anything else."""
        async with asyncio.timeout(HANDLER_SECONDS), self.db.engine.begin() as connection:
            seqs = [each.row.seq for each in heard]
            if not await lanes.claim(connection, seqs, system_now(), scope):
                raise ClaimLost
            tx = Tx(connection)
            yield tx
        if tx.emitted:
            self.db.committed.set()

    async def _work_one(self, handler: Callable[..., Any], heard: Heard) -> None:
        try:
            with _span(self.context.service, [heard.envelope]):
                async with self._claimed([heard], _scope(heard.event)) as tx:
                    await handler(tx, heard.event, heard.envelope, self.context)
        except Exception as fault:  # noqa: BLE001 - a handler's failure is data, whatever it is
            _require_handlers_fault(fault)
            await self._fail(heard.row, fault)
        else:
            self._done([heard])

    async def _work_batch(self, batch: Batch, heard: Sequence[Heard]) -> None:
        heard = [each for each in heard if each.key not in self.failed]
        if not heard or self.is_stopped:
            return
        try:
            with _span(self.context.service, [each.envelope for each in heard]):
                async with self._claimed(heard, Scope.portal()) as tx:
                    await batch.fn(tx, [(each.event, each.envelope) for each in heard], self.context)
        except Exception as fault:  # noqa: BLE001 - a handler's failure is data, whatever it is
            _require_handlers_fault(fault)
            await self._halve(batch, heard, fault)
        else:
            self._done(heard)

    async def _halve(self, batch: Batch, heard: Sequence[Heard], fault: Exception) -> None:
        if len(heard) == 1:
            await self._fail(heard[0].row, fault)
            return
        middle = len(heard) // 2
        await self._work_batch(batch, heard[:middle])
        await self._work_batch(batch, heard[middle:])

    async def _fail(self, row: Row[Any], fault: Exception) -> None:
        self.failed.add((row.source, row.key))
        self.count += 1
        is_final = isinstance(fault, Refusal | UnreadableRecord)
        if await record_failure(self.db, self.context.service, row, fault, is_final=is_final):
            self.is_stopped = True

    def _done(self, heard: Sequence[Heard]) -> None:
        self.count += len(heard)
        now = system_now()
        for source, group in groupby(heard, key=lambda each: each.row.source):
            took = metrics.HANDLED.labels(self.context.service, source.rpartition("/")[2])
            for each in group:
                took.observe((now - each.envelope.time).total_seconds())


def _require_handlers_fault(fault: Exception) -> None:
    """Lets through what is not the event's fault: it must cost no attempt."""
    if isinstance(fault, ClaimLost) or (isinstance(fault, DBAPIError) and fault.connection_invalidated):
        raise fault


def _scope(event: Event) -> Scope:
    customer_id = getattr(event, "customer_id", None)
    return Scope.customer(customer_id) if customer_id else Scope.portal()


def _span(service: str, envelopes: Sequence[Envelope]) -> AbstractContextManager[trace.Span]:
    """The consumer's span: child of the one that said the event, or linked to several of them."""
    parents = list(dict.fromkeys(each.traceparent for each in envelopes if each.traceparent))[:_LINKS]
    contexts = [_propagator.extract({"traceparent": parent}) for parent in parents]
    is_only = len(contexts) == 1
    links = [trace.Link(trace.get_current_span(each).get_span_context()) for each in contexts]
    return tracer().start_as_current_span(
        f"handle {envelopes[0].type}",
        context=contexts[0] if is_only else None,
        links=None if is_only else links,
        kind=trace.SpanKind.CONSUMER,
        attributes={
            "messaging.system": "livret",
            "messaging.consumer.group.name": service,
            "messaging.batch.message_count": len(envelopes),
        },
    )
