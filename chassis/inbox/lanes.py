"""The SQL of one pass over a lane: which lane, which of its events, and how they are claimed.

A lane is taken by an advisory lock that its transaction holds: that keeps workers out of each other's way
and no more. What keeps an event from being handled twice is the claim: the first statement of its handler's
transaction marks it as done, and only one transaction can.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import Scope

LOCK = 0x6C76_0002
DUE_KEYS = 20
_FIELDS = "seq, event_id, type, source, key, subject, time, traceparent, data, attempts"

_TAKE = text(
    "WITH busy AS MATERIALIZED (SELECT lane FROM generate_series(0, CAST(:lanes AS integer) - 1) AS lane"
    " WHERE NOT EXISTS (SELECT FROM inbox_circuit WHERE opened_at IS NOT NULL)"
    " AND (EXISTS (SELECT FROM inbox AS i WHERE i.lane = lane.lane AND i.state = 'pending')"
    " OR EXISTS (SELECT FROM inbox_hold AS h WHERE h.lane = lane.lane AND h.until <= :now))"
    " ORDER BY random())"
    " SELECT lane FROM busy WHERE pg_try_advisory_xact_lock(:lock, lane) LIMIT 1"
)
_DUE = text(
    "SELECT source, key FROM inbox_hold WHERE lane = :lane AND until <= :now ORDER BY until LIMIT :limit"
)
_HELD = text(
    f"SELECT row.* FROM unnest(CAST(:sources AS text[]), CAST(:keys AS text[])) AS due (source, key)"  # noqa: S608
    f" CROSS JOIN LATERAL (SELECT {_FIELDS} FROM inbox AS i WHERE i.source = due.source"
    " AND i.key = due.key AND i.state = 'held' ORDER BY i.seq LIMIT :share) AS row ORDER BY row.seq"
)
_PENDING = text(
    "SELECT i.seq, i.event_id, i.type, i.source, i.key, i.subject, i.time, i.traceparent, i.data, i.attempts,"
    " h.key IS NOT NULL AS is_held FROM inbox AS i"
    " LEFT JOIN inbox_hold AS h ON h.source = i.source AND h.key = i.key"
    " WHERE i.lane = :lane AND i.state = 'pending' ORDER BY i.seq LIMIT :limit"
)
_HOLD = text("UPDATE inbox SET state = 'held' WHERE seq = ANY(CAST(:seqs AS bigint[])) AND state = 'pending'")
_RELEASE = text(
    "DELETE FROM inbox_hold AS h USING unnest(CAST(:sources AS text[]), CAST(:keys AS text[])) AS due"
    " (source, key) WHERE h.source = due.source AND h.key = due.key AND h.until <= :now AND NOT EXISTS"
    " (SELECT FROM inbox AS i WHERE i.source = due.source AND i.key = due.key AND i.state = 'held')"
)
_CLAIM = text(
    "WITH claimed AS (UPDATE inbox SET state = 'done', handled_at = :now, error = NULL"
    " WHERE seq = ANY(CAST(:seqs AS bigint[])) AND state IN ('pending', 'held') RETURNING seq)"
    " SELECT set_config('livret.scope', :scope, true), set_config('livret.customer', :customer, true),"
    " (SELECT count(*) FROM claimed) AS claimed"
)

Key = tuple[str, str]
"""Producer's source and key: what order holds for."""


async def take(connection: AsyncConnection, now: datetime, lanes: int) -> int | None:
    """A lane with something to do that no other worker has, ours until the transaction ends."""
    parameters = {"now": now, "lanes": lanes, "lock": LOCK}
    lane: int | None = (await connection.execute(_TAKE, parameters)).scalar()
    return lane


async def due_keys(connection: AsyncConnection, lane: int, now: datetime) -> list[Key]:
    """Keys of the lane whose wait is over."""
    parameters = {"lane": lane, "now": now, "limit": DUE_KEYS}
    return [(row.source, row.key) for row in (await connection.execute(_DUE, parameters)).all()]


async def held_rows(connection: AsyncConnection, due: Sequence[Key], share: int) -> list[Row[Any]]:
    """The next events of keys whose wait is over, up to `share` of each, in order.

    Of a key whose first event has failed before, that one alone: the others follow when it has passed.
    """
    if not due:
        return []
    rows = (await connection.execute(_HELD, _columns(due) | {"share": share})).all()
    heads: dict[Key, Row[Any]] = {}
    for row in rows:
        heads.setdefault((row.source, row.key), row)
    return [row for row in rows if (head := heads[row.source, row.key]) is row or head.attempts == 0]


async def pending_rows(connection: AsyncConnection, lane: int, limit: int) -> list[Row[Any]]:
    """The next events of the lane in order. Those of a waiting key are set aside, each only once."""
    rows = (await connection.execute(_PENDING, {"lane": lane, "limit": limit})).all()
    if held := [row.seq for row in rows if row.is_held]:
        await connection.execute(_HOLD, {"seqs": held})
    return [row for row in rows if not row.is_held]


async def release(connection: AsyncConnection, drained: Sequence[Key], now: datetime) -> None:
    """Ends the wait of those of these keys which have nothing left to catch up."""
    if drained:
        await connection.execute(_RELEASE, _columns(drained) | {"now": now})


async def claim(connection: AsyncConnection, seqs: Sequence[int], now: datetime, scope: Scope) -> bool:
    """Marks these events as done, in the transaction that handles them; False when one was not ours.

    Sets the transaction's scope in the same statement: it is the first one of each handler's transaction.
    """
    parameters = {"seqs": list(seqs), "now": now, **scope.as_parameters()}
    row = (await connection.execute(_CLAIM, parameters)).one()
    return bool(row.claimed == len(seqs))


def _columns(keys: Sequence[Key]) -> dict[str, Any]:
    return {"sources": [source for source, _ in keys], "keys": [key for _, key in keys]}
