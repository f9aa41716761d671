"""Effects: what acts outside of the database - mail, object storage, HTTP - asked for inside a transaction.

The row is written with the deed. A worker leases it, acts outside of any transaction with the row's
idempotency key, and records. A crash between the two repeats the act with the same key: performers must
take a key twice as once, as far as the world outside lets them.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import metrics
from chassis.clock import system_now
from chassis.hears import Context, Performer
from chassis.refusals import Refusal
from chassis.retry import describe, is_exhausted, next_try
from chassis.telemetry import current_traceparent, get_logger, tracer

if TYPE_CHECKING:
    from chassis.db import Database

LEASE = timedelta(seconds=60)
AT_ONCE = 10
KEPT = timedelta(days=30)
_log = get_logger(__name__)

_ASK = text(
    "INSERT INTO effect (kind, idempotency_key, payload, traceparent, asked_at, due_at)"
    " VALUES (:kind, :key, CAST(:payload AS jsonb), :traceparent, :now, :now)"
    " ON CONFLICT (idempotency_key) DO NOTHING"
)
# A claim is an attempt: whoever dies while acting has used one, so that nothing kills workers for ever.
_LEASE = text(
    "UPDATE effect SET lease_until = :until, attempts = attempts + 1 WHERE id IN"
    " (SELECT id FROM effect WHERE state = 'pending' AND due_at <= :now"
    " AND (lease_until IS NULL OR lease_until < :now) ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)"
    " RETURNING id, kind, idempotency_key, payload, traceparent, attempts"
)
# When it is done the payload goes: it may hold a secret, as an invitation's link is one.
_DONE = text(
    "UPDATE effect SET state = 'done', done_at = :now, lease_until = NULL, error = NULL, payload = '{}'"
    " WHERE id = :id AND state = 'pending'"
)
_FAILED = text(
    "UPDATE effect SET state = :state, due_at = :due_at, lease_until = NULL, error = :error"
    " WHERE id = :id AND state = 'pending' AND attempts = :attempts"
)
_PURGE = text("DELETE FROM effect WHERE done_at < :before")
_STANDING = text(
    "SELECT count(*) FILTER (WHERE state = 'pending') AS waiting,"
    " count(*) FILTER (WHERE state = 'dead') AS dead"
    " FROM effect WHERE state IN ('pending', 'dead')"
)
_REPLAY = text("UPDATE effect SET state = 'pending', attempts = 0, due_at = :now WHERE state = 'dead'")


@dataclass(frozen=True, slots=True)
class Effect:
    """One act outside: what kind, with which key, and what it needs to know."""

    kind: str
    idempotency_key: str
    payload: Mapping[str, Any]
    attempts: int


class EffectRefused(Refusal):
    slug = "effect-refused"
    status = 422
    sentence = "What was asked for outside can never be done as it stands."


@dataclass(frozen=True, slots=True)
class Standing:
    """Effects not done yet, and those given up."""

    waiting: int
    dead: int


async def append(connection: AsyncConnection, kind: str, key: str, payload: Mapping[str, Any]) -> None:
    """Asks for an effect in the transaction of the deed. The same key again asks for nothing more."""
    await connection.execute(
        _ASK,
        {
            "kind": kind,
            "key": key,
            "payload": orjson.dumps(dict(payload)).decode(),
            "traceparent": current_traceparent(),
            "now": system_now(),
        },
    )


async def perform_once(
    db: "Database", performers: Mapping[str, Performer], context: Context, limit: int = AT_ONCE
) -> int:
    """Leases up to `limit` due effects and performs them at once; returns how many were tried.

    A performer has `LEASE` to finish. It raises a refusal for what no retry mends; anything else is
    tried again later.
    """
    now = system_now()
    async with db.engine.begin() as connection:
        rows = (await connection.execute(_LEASE, {"now": now, "until": now + LEASE, "limit": limit})).all()
    await asyncio.gather(*(_perform(db, performers, context, row) for row in rows))
    return len(rows)


async def _perform(
    db: "Database", performers: Mapping[str, Performer], context: Context, row: Row[Any]
) -> None:
    effect = Effect(row.kind, row.idempotency_key, row.payload, row.attempts)
    try:
        performer = performers.get(row.kind)
        if performer is None:
            raise EffectRefused(f"this service performs no {row.kind!r}")
        with tracer().start_as_current_span(f"perform {row.kind}"):
            async with asyncio.timeout(LEASE.total_seconds() * 0.8):
                await performer(effect, context)
    except Exception as fault:  # noqa: BLE001 - a performer's failure is data, whatever it is
        await _record_failure(db, context, row, fault)
    else:
        async with db.engine.begin() as connection:
            await connection.execute(_DONE, {"id": row.id, "now": system_now()})
        metrics.EFFECTS.labels(context.service, row.kind, "done").inc()


async def _record_failure(db: "Database", context: Context, row: Row[Any], fault: Exception) -> None:
    is_dead = isinstance(fault, Refusal) or is_exhausted(row.attempts)
    outcome = "dead" if is_dead else "retried"
    async with db.engine.begin() as connection:
        await connection.execute(
            _FAILED,
            {
                "id": row.id,
                "attempts": row.attempts,
                "state": "dead" if is_dead else "pending",
                "due_at": next_try(system_now(), row.attempts),
                "error": describe(fault),
            },
        )
    metrics.EFFECTS.labels(context.service, row.kind, outcome).inc()
    log = _log.error if is_dead else _log.warning
    log(
        f"effect_{outcome}",
        kind=row.kind,
        key=row.idempotency_key,
        attempts=row.attempts,
        reason=describe(fault),
    )


async def replay(db: "Database") -> int:
    """Gives every effect that was given up another try; returns how many."""
    async with db.engine.begin() as connection:
        return (await connection.execute(_REPLAY, {"now": system_now()})).rowcount


async def standing(db: "Database") -> Standing:
    """What is not done."""
    async with db.engine.connect() as connection:
        return Standing(*(await connection.execute(_STANDING)).one())


async def purge(db: "Database") -> int:
    """Deletes effects done longer ago than they are kept; returns how many."""
    async with db.engine.begin() as connection:
        return (await connection.execute(_PURGE, {"before": system_now() - KEPT})).rowcount
