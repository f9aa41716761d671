"""How often something was tried lately: rows, so that every process counts together."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text

from chassis.db import Tx

_TAKE = text(
    "INSERT INTO attempt AS a (policy, subject, window_ends_at, used)"
    " VALUES (:policy, :subject, :ends_at, 1) ON CONFLICT (policy, subject) DO UPDATE SET"
    " used = CASE WHEN a.window_ends_at <= :now THEN 1 ELSE least(a.used + 1, 1000000) END,"
    " window_ends_at = CASE WHEN a.window_ends_at <= :now THEN :ends_at ELSE a.window_ends_at END"
    " RETURNING used, window_ends_at"
)
_FORGET = text("DELETE FROM attempt WHERE policy = :policy AND subject = :subject")
_SWEEP = text("DELETE FROM attempt WHERE window_ends_at < :now")


async def count_attempt(tx: Tx, policy: str, subject: bytes, now: datetime, window: timedelta) -> Row[Any]:
    """Counts one attempt; gives how many there were in its window, and when that ends."""
    parameters = {"policy": policy, "subject": subject, "now": now, "ends_at": now + window}
    return (await tx.execute(_TAKE, parameters)).one()


async def forget_attempts(tx: Tx, policy: str, subject: bytes) -> None:
    """Starts anew, after a success."""
    await tx.execute(_FORGET, {"policy": policy, "subject": subject})


async def sweep_attempts(tx: Tx, now: datetime) -> None:
    """Forgets windows that are over."""
    await tx.execute(_SWEEP, {"now": now})
