"""How long the door stays shut after failed attempts; each is counted before its password is looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FORGOTTEN_AFTER = timedelta(minutes=15)
LONGEST_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many attempts go without a wait; then the wait doubles with each, from one second up."""

    free: int

    def blocked_until(self, attempts: int, now: datetime) -> datetime:
        """Until when the next attempt is refused, after so many that did not succeed."""
        beyond = attempts - self.free
        if beyond <= 0:
            return now
        return now + min(timedelta(seconds=2 ** min(beyond - 1, 16)), LONGEST_WAIT)


OF_ACCOUNT = Allowance(free=5)
OF_ADDRESS = Allowance(free=100)
"""Many people share a firm's address."""


def seconds_until(blocked_until: datetime, now: datetime) -> int:
    """Whole seconds to wait, at least one."""
    return max(1, -((now - blocked_until) // timedelta(seconds=1)))
