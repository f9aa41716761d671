"""The clauses that a calendar alone decides: when the service's several hours are open.

Answers for the booklet in force. Not here: deadlines and rates, which belong to their services.
"""

from datetime import datetime
from typing import Literal

from contracts.booklet.hours import calendar


def is_support_open(plan: Literal["open", "private"], at: datetime) -> bool:
    """13.2-f, 13.10-a: whether the support of that plan is open; on public holidays none is."""
    return calendar(f"support.{plan}").is_open(at)


def support_reached_at(plan: Literal["open", "private"], since: datetime, open_seconds: int) -> datetime:
    """13.2-f, 13.10-a: the earliest instant at which that plan's support was open so long since then (R1)."""
    return calendar(f"support.{plan}").instant_after(since, open_seconds)


def is_maintenance_window(at: datetime) -> bool:
    """5-b: every night 20:00-07:00, Sundays, public holidays; a night belongs to its evening (R4)."""
    return calendar("maintenance_window").is_open(at)


def is_reference_period(at: datetime) -> bool:
    """6-c: Monday to Friday 07:00-20:00, public holidays excluded."""
    return calendar("reference_period").is_open(at)


def reference_seconds(since: datetime, until: datetime) -> int:
    """6-c: the seconds of the reference period in [since, until)."""
    return calendar("reference_period").open_seconds_between(since, until)
