"""How often something may be tried: counted in the database, so that every process counts together.

A count is its own transaction: a failed sign-in, which rolls back, was tried all the same. Answers say
what is left in the `RateLimit` and `RateLimit-Policy` fields.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import text

from chassis.clock import system_now
from chassis.db import Database, Scope
from chassis.refusals import Refusal

_TAKE = text(
    "INSERT INTO throttle AS t (policy, key, window_ends_at, used) VALUES (:policy, :key, :ends_at, 1)"
    " ON CONFLICT (policy, key) DO UPDATE SET"
    " used = CASE WHEN t.window_ends_at <= :now THEN 1 ELSE least(t.used + 1, 1000000) END,"
    " window_ends_at = CASE WHEN t.window_ends_at <= :now THEN :ends_at ELSE t.window_ends_at END"
    " RETURNING used, window_ends_at"
)
_FORGET = text("DELETE FROM throttle WHERE policy = :policy AND key = :key")
_EXPIRE = text("DELETE FROM throttle WHERE window_ends_at < :now")


class TooManyTries(Refusal):
    slug = "too-many-tries"
    status = 429
    sentence = "This was tried too often; it may be tried again later."


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a quota: tries, and the seconds until it is whole again."""

    policy: "Throttle"
    remaining: int
    reset_seconds: int

    def headers(self) -> dict[str, str]:
        """The fields that tell a caller."""
        quota, window = self.policy.quota, ceil(self.policy.window.total_seconds())
        return {
            "RateLimit-Policy": f'"{self.policy.name}";q={quota};w={window}',
            "RateLimit": f'"{self.policy.name}";r={self.remaining};t={self.reset_seconds}',
        }


@dataclass(frozen=True, slots=True)
class Throttle:
    """At most `quota` tries of a key in a window, which begins with its first try."""

    name: str
    quota: int
    window: timedelta

    async def take(self, db: Database, key: str) -> Allowance:
        """Counts one try of `key`. Raises `TooManyTries` with the seconds to wait."""
        now = system_now()
        values = {"policy": self.name, "key": key[:200], "now": now, "ends_at": now + self.window}
        async with db.transaction(Scope.machine()) as tx:
            counted = (await tx.execute(_TAKE, values)).one()
        allowance = self._allowance(counted.used, counted.window_ends_at, now)
        if counted.used > self.quota:
            raise TooManyTries(retry_after=allowance.reset_seconds, headers=allowance.headers())
        return allowance

    async def forget(self, db: Database, key: str) -> None:
        """Gives the whole quota back, after a success."""
        async with db.transaction(Scope.machine()) as tx:
            await tx.execute(_FORGET, {"policy": self.name, "key": key[:200]})

    def _allowance(self, used: int, ends_at: datetime, now: datetime) -> Allowance:
        return Allowance(self, max(0, self.quota - used), max(1, ceil((ends_at - now).total_seconds())))


async def expire(db: Database) -> None:
    """Deletes the windows that are over."""
    async with db.transaction(Scope.machine()) as tx:
        await tx.execute(_EXPIRE, {"now": system_now()})
