"""Keys that wait: from a first failure until the next attempt, or parked behind a dead event.

Dead is what no retry mends: a refusal, data that does not fit its class, too many attempts. Its key is parked
and the other keys flow. When most of what is handled ends dead, the fault is ours, and the circuit opens:
nothing is handled until someone has looked and says `livret bus resume` or `livret bus replay`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import metrics
from chassis.clock import system_now
from chassis.db import Database
from chassis.inbox.lanes import LOCK
from chassis.inbox.store import lane_of
from chassis.outbox import envelope_of
from chassis.retry import describe, is_exhausted, next_try
from chassis.telemetry import get_logger

WINDOW = 100
ENOUGH_DEAD = 20
_log = get_logger(__name__)

_FAILED = text(
    "UPDATE inbox SET state = :state, attempts = :attempts, error = :error, handled_at = :handled_at"
    " WHERE seq = :seq AND state IN ('pending', 'held')"
)
_WAIT = text(
    "INSERT INTO inbox_hold (source, key, lane, until, reason, since)"
    " VALUES (:source, :key, :lane, :until, :reason, :now)"
    " ON CONFLICT (source, key) DO UPDATE SET until = excluded.until, reason = excluded.reason"
)
_OUTCOMES = text(
    "SELECT count(*) AS handled, count(*) FILTER (WHERE state = 'dead') AS dead FROM"
    " (SELECT state FROM inbox WHERE handled_at > (SELECT resumed_at FROM inbox_circuit)"
    " ORDER BY handled_at DESC LIMIT :window) AS latest"
)
_OPEN = text(
    "UPDATE inbox_circuit SET opened_at = :now, reason = :reason WHERE opened_at IS NULL RETURNING one"
)
_RESUME = text("UPDATE inbox_circuit SET opened_at = NULL, reason = NULL, resumed_at = :now")
_DEAD = (
    "state = 'dead' AND (CAST(:key AS text) IS NULL OR key = :key)"
    " AND (CAST(:event_id AS uuid) IS NULL OR event_id = :event_id)"
)
_DEAD_LANES = text(f"SELECT DISTINCT lane FROM inbox WHERE {_DEAD} ORDER BY lane")  # noqa: S608
_LOCK_LANE = text("SELECT pg_advisory_xact_lock(:lock, :lane)")
_REPLAY = text(
    "UPDATE inbox SET state = 'held', attempts = 0, error = NULL, handled_at = NULL"  # noqa: S608
    f" WHERE {_DEAD} RETURNING source, key"
)
_DISCARD = text(
    "UPDATE inbox SET state = 'discarded', handled_at = :now"  # noqa: S608
    f" WHERE {_DEAD} RETURNING source, key"
)
_DUE_NOW = text(
    "UPDATE inbox_hold AS h SET until = :now FROM unnest(CAST(:sources AS text[]), CAST(:keys AS text[]))"
    " AS freed (source, key) WHERE h.source = freed.source AND h.key = freed.key"
)
_LIST_DEAD = text(
    "SELECT event_id, type, source, key, attempts, error, time, handled_at FROM inbox WHERE state = 'dead'"
    " ORDER BY seq LIMIT 1000"
)
_STANDING = text(
    "SELECT (SELECT count(*) FROM inbox WHERE state = 'pending') AS pending,"
    " (SELECT count(*) FROM inbox WHERE state = 'held') AS held,"
    " (SELECT count(*) FROM inbox WHERE state = 'dead') AS dead,"
    " (SELECT count(*) FROM inbox_hold WHERE until IS NULL) AS parked_keys,"
    " (SELECT count(*) FROM inbox_hold WHERE until IS NOT NULL) AS waiting_keys,"
    " (SELECT count(*) FROM unreadable) AS unreadable,"
    " (SELECT min(received_at) FROM inbox WHERE state = 'pending') AS oldest_at,"
    " opened_at AS stopped_at, reason AS stopped_because FROM inbox_circuit"
)


@dataclass(frozen=True, slots=True)
class Dead:
    """An event that no retry mends, without its data."""

    event_id: UUID
    type: str
    source: str
    key: str
    attempts: int
    error: str
    time: datetime
    dead_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What a service's inbox holds. `stopped_at` is set while the circuit is open."""

    pending: int
    held: int
    dead: int
    parked_keys: int
    waiting_keys: int
    unreadable: int
    oldest_at: datetime | None
    stopped_at: datetime | None
    stopped_because: str | None


async def record_failure(
    db: Database, service: str, row: Row[Any], fault: BaseException, *, is_final: bool
) -> bool:
    """Writes that an event failed: its key waits for the next attempt; after the last it is parked.

    True when that was one too many, and the circuit is open now.
    """
    now, attempts = system_now(), row.attempts + 1
    is_dead = is_final or is_exhausted(attempts)
    reason = describe(fault)
    async with db.engine.begin() as connection:
        await connection.execute(
            _FAILED,
            {
                "seq": row.seq,
                "state": "dead" if is_dead else "held",
                "attempts": attempts,
                "error": reason,
                "handled_at": now if is_dead else None,
            },
        )
        await connection.execute(
            _WAIT,
            {
                "source": row.source,
                "key": row.key,
                "lane": lane_of(envelope_of(row)),
                "until": None if is_dead else next_try(now, attempts),
                "reason": reason,
                "now": now,
            },
        )
        is_stopped = is_dead and await _open_if_most_is_dead(connection, service, now)
    _tell(service, row, attempts, reason, is_dead=is_dead)
    return is_stopped


def _tell(service: str, row: Row[Any], attempts: int, reason: str, *, is_dead: bool) -> None:
    outcome = "dead" if is_dead else "retried"
    metrics.FAILED.labels(service, row.type, outcome).inc()
    log = _log.error if is_dead else _log.warning
    log(
        f"event_{outcome}", event_id=str(row.event_id), type=row.type, key=row.key, attempts=attempts,
        reason=reason,
    )  # fmt: skip


async def _open_if_most_is_dead(connection: AsyncConnection, service: str, now: datetime) -> bool:
    handled, dead = (await connection.execute(_OUTCOMES, {"window": WINDOW})).one()
    if dead < ENOUGH_DEAD or 2 * dead < handled:
        return False
    reason = f"{dead} of the last {handled} events handled ended dead"
    if (await connection.execute(_OPEN, {"now": now, "reason": reason})).scalar():
        _log.critical("inbox_stopped", of=service, reason=reason)
    return True


async def resume(db: Database) -> None:
    """Closes the circuit: events are handled again, and the count of the dead begins anew."""
    async with db.engine.begin() as connection:
        await connection.execute(_RESUME, {"now": system_now()})


async def replay(db: Database, *, key: str | None = None, event_id: UUID | None = None) -> int:
    """Gives dead events another try - all, those of a key, or one - and then their keys' others, in order.

    Closes the circuit. Returns how many dead events there were.
    """
    freed = await _free(db, _REPLAY, key, event_id)
    await resume(db)
    return freed


async def discard(db: Database, event_id: UUID) -> int:
    """Gives one dead event up for good; the others of its key go on. Returns 1, or 0 when it is not dead."""
    return await _free(db, _DISCARD, None, event_id)


async def _free(db: Database, statement: Any, key: str | None, event_id: UUID | None) -> int:
    """Locks the lanes concerned: a worker must not see half of it."""
    chosen = {"key": key, "event_id": event_id}
    now = system_now()
    async with db.engine.begin() as connection:
        for lane in (await connection.execute(_DEAD_LANES, chosen)).scalars().all():
            await connection.execute(_LOCK_LANE, {"lock": LOCK, "lane": lane})
        parameters = chosen | ({"now": now} if statement is _DISCARD else {})
        rows = (await connection.execute(statement, parameters)).all()
        if rows:
            sources, keys = [row.source for row in rows], [row.key for row in rows]
            await connection.execute(_DUE_NOW, {"sources": sources, "keys": keys, "now": now})
    return len(rows)


async def standing(db: Database) -> Standing:
    """What the inbox holds now."""
    async with db.engine.connect() as connection:
        return Standing(*(await connection.execute(_STANDING)).one())


async def list_dead(db: Database) -> list[Dead]:
    """The dead events, oldest first, at most a thousand."""
    async with db.engine.connect() as connection:
        return [Dead(*row) for row in (await connection.execute(_LIST_DEAD)).all()]
