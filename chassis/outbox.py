"""The outbox: what a transaction said, kept with what it did, until the bus has it.

`append` writes rows in the transaction that emits. `relay_once` publishes pending rows in id order and marks
them. Reading *pending* rows, not "ids beyond the last", is what loses nothing: a lower id may commit later.
The relay's lock only keeps two relays from doing the same work; were both to run, each would publish a
prefix in the same order, and the inbox drops what it has.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import system_now
from chassis.telemetry import current_traceparent
from contracts.envelope import Envelope, source_of
from contracts.events import Event, encode

if TYPE_CHECKING:
    from chassis.bus import Bus
    from chassis.db import Database

KEPT = timedelta(days=7)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LOCK = 0x6C76_0001

_APPEND = text(
    "INSERT INTO outbox (event_id, type, source, key, subject, time, traceparent, data)"
    " SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:sources AS text[]),"
    " CAST(:keys AS text[]), CAST(:subjects AS text[]), CAST(:times AS timestamptz[]),"
    " CAST(:traceparents AS text[]), CAST(:data AS text[]))"
)
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock)")
_PENDING = text(
    "SELECT id, event_id, type, source, key, subject, time, traceparent, data FROM outbox"
    " WHERE published_at IS NULL ORDER BY id LIMIT :limit"
)
_PUBLISHED = text("UPDATE outbox SET published_at = :now WHERE id = ANY(CAST(:ids AS bigint[]))")
_PURGE = text(
    "DELETE FROM outbox WHERE id IN"
    " (SELECT id FROM outbox WHERE published_at < :before ORDER BY published_at LIMIT :limit)"
)
_STANDING = text("SELECT count(*), min(time) FROM outbox WHERE published_at IS NULL")


@dataclass(frozen=True, slots=True)
class Standing:
    """What waits for the bus: how many events, and since when the oldest of them."""

    backlog: int
    oldest_at: datetime | None


def new_event_id() -> UUID:
    """A UUID of version 7: those made one after another stand together in the indexes that hold them."""
    stamp = (system_now() - _EPOCH) // _MILLISECOND
    number = int.from_bytes(os.urandom(10), "big")
    high = (stamp << 16) | 0x7000 | (number >> 68)
    low = (0b10 << 62) | (number & ((1 << 62) - 1))
    return UUID(int=(high << 64) | low)


async def append(connection: AsyncConnection, events: Iterable[Event]) -> list[Envelope]:
    """Writes events into the outbox in the order given, in one statement, and returns their envelopes."""
    now, traceparent = system_now(), current_traceparent()
    envelopes = [_envelope(event, now, traceparent) for event in events]
    if envelopes:
        await connection.execute(_APPEND, columns_of(envelopes))
    return envelopes


def _envelope(event: Event, now: datetime, traceparent: str | None) -> Envelope:
    return Envelope(
        id=new_event_id(),
        type=event.WIRE,
        source=source_of(event.PRODUCER),
        key=event.key(),
        time=now,
        subject=event.subject(),
        traceparent=traceparent,
        data=encode(event),
    )


def columns_of(envelopes: Sequence[Envelope]) -> dict[str, list[Any]]:
    """Envelopes as one array for each column, for statements that unnest them."""
    return {
        "ids": [each.id for each in envelopes],
        "types": [each.type for each in envelopes],
        "sources": [each.source for each in envelopes],
        "keys": [each.key for each in envelopes],
        "subjects": [each.subject for each in envelopes],
        "times": [each.time for each in envelopes],
        "traceparents": [each.traceparent for each in envelopes],
        "data": [each.data.decode() for each in envelopes],
    }


def envelope_of(row: Row[Any]) -> Envelope:
    """The envelope that a row of the outbox or the inbox holds."""
    return Envelope(
        id=row.event_id,
        type=row.type,
        source=row.source,
        key=row.key,
        time=row.time,
        subject=row.subject,
        traceparent=row.traceparent,
        data=row.data.encode(),
    )


async def relay_once(db: "Database", bus: "Bus", limit: int = 1000) -> int:
    """Publishes up to `limit` pending events in order; returns how many. 0 too while another relay works.

    When the bus fails it raises, nothing is marked, and the next call publishes the same rows again.
    """
    async with db.engine.begin() as connection:
        if not (await connection.execute(_TRY_LOCK, {"lock": _LOCK})).scalar():
            return 0
        rows = (await connection.execute(_PENDING, {"limit": limit})).all()
        if not rows:
            return 0
        await bus.publish([envelope_of(row) for row in rows])
        await connection.execute(_PUBLISHED, {"now": system_now(), "ids": [row.id for row in rows]})
    return len(rows)


async def standing(db: "Database") -> Standing:
    """What waits to be published."""
    async with db.engine.connect() as connection:
        return Standing(*(await connection.execute(_STANDING)).one())


async def purge(db: "Database", limit: int = 10_000) -> int:
    """Deletes rows published longer ago than they are kept; returns how many."""
    async with db.engine.begin() as connection:
        done = await connection.execute(_PURGE, {"before": system_now() - KEPT, "limit": limit})
    return done.rowcount
