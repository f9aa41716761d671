"""Receiving: what arrives is stored, once, and only then acknowledged. No handler runs here.

Events of types nobody hears are acknowledged and forgotten; a record that is no event of ours is kept aside
with its reason, so that it never holds up its partition.
"""

import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import metrics
from chassis.bus import Consumer, Record
from chassis.clock import system_now
from chassis.db import Database
from chassis.outbox import columns_of
from chassis.telemetry import get_logger
from contracts.envelope import Envelope, UnreadableRecord, from_record
from contracts.events import Event

LANES = 16
KEPT = timedelta(days=30)
_log = get_logger(__name__)

_HEAR = text("INSERT INTO inbox_heard (type) SELECT unnest(CAST(:types AS text[])) ON CONFLICT DO NOTHING")
_FORGET = text("DELETE FROM inbox_heard WHERE type <> ALL (CAST(:types AS text[]))")
_STORE = text(
    "INSERT INTO inbox (event_id, type, source, key, subject, time, traceparent, data, lane, received_at)"
    " SELECT new.*, :now FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:sources AS text[]),"
    " CAST(:keys AS text[]), CAST(:subjects AS text[]), CAST(:times AS timestamptz[]),"
    " CAST(:traceparents AS text[]), CAST(:data AS text[]), CAST(:lanes AS smallint[])) AS new"
    " ON CONFLICT (event_id) DO NOTHING"
)
_PUT_ASIDE = text(
    'INSERT INTO unreadable (topic, partition, "offset", key, headers, value, reason, received_at)'
    " VALUES (:topic, :partition, :offset, :key, :headers, :value, :reason, :now) ON CONFLICT DO NOTHING"
)
_PURGE = text(
    "DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox WHERE handled_at < :before"
    " AND state IN ('done', 'discarded') ORDER BY handled_at LIMIT :limit)"
)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is no event of ours, and why."""

    record: Record
    reason: str


def lane_of(envelope: Envelope) -> int:
    """The lane of an event: one for all events of a producer and key."""
    return zlib.crc32(f"{envelope.source}\n{envelope.key}".encode()) % LANES


async def register(db: Database, heard: Iterable[type[Event]]) -> None:
    """Writes which types this service hears, for those who wait for them (`Livret-After`)."""
    types = [event.WIRE for event in heard]
    async with db.engine.begin() as connection:
        await connection.execute(_HEAR, {"types": types})
        await connection.execute(_FORGET, {"types": types})


async def receive_once(
    db: Database, consumer: Consumer, heard: Collection[type[Event]], limit: int = 1000, timeout: float = 0.0
) -> int:
    """Takes up to `limit` records from the bus into the inbox; returns how many came.

    The inbox has committed before anything is acknowledged; whatever fails before that comes again.
    """
    records = await consumer.receive(limit, timeout)
    if not records:
        return 0
    types = {event.WIRE for event in heard}
    envelopes, unreadable = _sort(records)
    await store(db, [each for each in envelopes if each.type in types], unreadable)
    await consumer.acknowledge()
    return len(records)


def _sort(records: Sequence[Record]) -> tuple[list[Envelope], list[Unreadable]]:
    envelopes: list[Envelope] = []
    unreadable: list[Unreadable] = []
    for record in records:
        try:
            envelopes.append(from_record(record.headers, record.key, record.value))
        except UnreadableRecord as fault:
            unreadable.append(Unreadable(record, fault.reason))
    return envelopes, unreadable


async def store(db: Database, envelopes: Sequence[Envelope], unreadable: Sequence[Unreadable] = ()) -> None:
    """Stores what was received, in its order; what the inbox has already had is left out."""
    if not envelopes and not unreadable:
        return
    async with db.engine.begin() as connection:
        if envelopes:
            lanes = [lane_of(each) for each in envelopes]
            await connection.execute(_STORE, columns_of(envelopes) | {"lanes": lanes, "now": system_now()})
        if unreadable:
            await _put_aside(connection, unreadable)


async def _put_aside(connection: AsyncConnection, unreadable: Sequence[Unreadable]) -> None:
    now = system_now()
    for each in unreadable:
        record = each.record
        metrics.UNREADABLE.labels(record.topic).inc()
        _log.error(
            "unreadable_record",
            topic=record.topic, partition=record.partition, offset=record.offset, reason=each.reason,
        )  # fmt: skip
    await connection.execute(
        _PUT_ASIDE,
        [
            {
                "topic": each.record.topic,
                "partition": each.record.partition,
                "offset": each.record.offset,
                "key": each.record.key,
                "headers": _printable(each.record),
                "value": each.record.value,
                "reason": each.reason.replace("\0", ""),
                "now": now,
            }
            for each in unreadable
        ],
    )


def _printable(record: Record) -> str:
    """Headers as JSON, whatever bytes they hold."""
    pairs = [(name, value.decode("utf-8", "backslashreplace")) for name, value in record.headers]
    return orjson.dumps(pairs).decode()


async def purge(db: Database, limit: int = 10_000) -> int:
    """Deletes rows handled longer ago than they are kept; returns how many."""
    async with db.engine.begin() as connection:
        done = await connection.execute(_PURGE, {"before": system_now() - KEPT, "limit": limit})
    return done.rowcount
