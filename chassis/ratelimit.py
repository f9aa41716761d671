"""How a quota is told to who spends it: the fields `RateLimit` and `RateLimit-Policy`.

Counting is the service's own, which knows what is counted; this only says what is left.
"""

from dataclasses import dataclass


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
