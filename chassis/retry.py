"""When to try again: exponential back-off with full jitter, as an instant to be stored in a row."""

import random
from datetime import datetime, timedelta

MAX_ATTEMPTS = 12
FIRST_SECONDS = 0.2
LONGEST_SECONDS = 120.0


def delay_seconds(attempts: int) -> float:
    """A random wait after that many failures: uniform between 0 and the bound, which doubles each time.

    Full jitter, so that many which failed together do not come back together.
    """
    bound = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(max(attempts, 1) - 1, 20))
    return random.uniform(0.0, bound)  # noqa: S311 - jitter, no secret  # nosec B311


def next_try(now: datetime, attempts: int) -> datetime:
    """The instant of the next attempt, after `attempts` failures."""
    return now + timedelta(seconds=delay_seconds(attempts))


def is_exhausted(attempts: int) -> bool:
    """True when that many failures are enough."""
    return attempts >= MAX_ATTEMPTS


def describe(fault: BaseException) -> str:
    """What is kept of a failure: one line, bounded, without SQL parameters, which are a tenant's."""
    cause = getattr(fault, "orig", None) or fault
    line = " ".join(str(cause).split())
    return f"{type(cause).__name__}: {line}"[:500]
