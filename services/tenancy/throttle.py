"""At most so many tries at the door. A try is counted before its password is looked at, and whatever
becomes of it: each count is a transaction of its own.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from chassis.clock import system_now
from chassis.db import Database, Scope
from chassis.ratelimit import Allowance
from services.tenancy.door_refusals import TooManyAttempts
from services.tenancy.store import attempts as store


@dataclass(frozen=True, slots=True)
class Throttle:
    """At most `quota` tries by one subject in a window, which begins with the first."""

    policy: str
    quota: int
    window: timedelta

    async def take(self, db: Database, subject: str) -> None:
        """Counts one try. Raises TooManyAttempts with the seconds to wait."""
        now = system_now()
        async with db.transaction(Scope.machine()) as tx:
            counted = await store.count_attempt(tx, self.policy, _hashed(subject), now, self.window)
        if counted.used > self.quota:
            left = max(1, ceil((counted.window_ends_at - now).total_seconds()))
            allowance = Allowance(self.policy, self.quota, ceil(self.window.total_seconds()), 0, left)
            raise TooManyAttempts(retry_after=left, headers=allowance.headers())

    async def forget(self, db: Database, subject: str) -> None:
        """Gives the whole quota back, after a success."""
        async with db.transaction(Scope.machine()) as tx:
            await store.forget_attempts(tx, self.policy, _hashed(subject))


def _hashed(subject: str) -> bytes:
    return hashlib.sha256(subject.encode()).digest()
