"""How a quota is told to who spends it: the fields `RateLimit` and `RateLimit-Policy`; and the quota of
requests that each program has at each API process.

What else is counted is the service's own, which knows what it counts; `Allowance` only says what is left.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from math import ceil
from uuid import UUID

from chassis.clock import monotonic
from chassis.refusals import Refusal

MAX_COUNTED = 50_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a quota. `policy` names it; the rest are tries and seconds."""

    policy: str
    quota: int
    window_seconds: int
    remaining: int
    reset_seconds: int
    """Seconds until the quota is whole again; also what `Retry-After` says once nothing remains."""

    def headers(self) -> dict[str, str]:
        """The fields, for an answer or for a refusal's `headers`."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.quota};w={self.window_seconds}',
            "RateLimit": f'"{self.policy}";r={max(0, self.remaining)};t={self.reset_seconds}',
        }


class QuotaSpent(Refusal):
    slug = "quota-spent"
    status = 429
    sentence = "This program has spent its quota of requests: wait for the next window."


@dataclass(slots=True)
class _Window:
    ends_at: float
    used: int = 0


@dataclass(slots=True)
class Quotas:
    """Requests of each program in a window that begins with its first.

    Counted in this process alone, without a look at any database: with n API processes behind one address
    a program has up to n times the quota. It holds back a program that runs wild, and bills nothing.
    """

    quota: int
    window_seconds: int
    _windows: OrderedDict[UUID, _Window] = field(default_factory=OrderedDict)

    def take(self, program_id: UUID) -> Allowance:
        """Counts one request and says what is left. Raises QuotaSpent."""
        now = monotonic()
        window = self._windows.get(program_id)
        if window is None or window.ends_at <= now:
            window = self._opened(program_id, now)
        window.used += 1
        left = max(1, ceil(window.ends_at - now))
        allowance = Allowance(
            "program", self.quota, self.window_seconds, max(0, self.quota - window.used), left
        )
        if window.used > self.quota:
            raise QuotaSpent(retry_after=left, headers=allowance.headers())
        return allowance

    def _opened(self, program_id: UUID, now: float) -> _Window:
        """A new window, last in order; the oldest go when there are too many to remember."""
        self._windows.pop(program_id, None)
        window = self._windows[program_id] = _Window(now + self.window_seconds)
        while len(self._windows) > MAX_COUNTED:
            self._windows.popitem(last=False)
        return window
