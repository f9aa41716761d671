"""What is left out of unavailability: the five types of article 6, and what puts one on record."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.booklet.windows import SECOND
from services.availability.model.rates import PRODUCTION, Exclusion, ExclusionKind, Interval
from services.availability.refusals.rates import (
    ExclusionUnattributed,
    ExclusionUnexplained,
    ExclusionWithoutLength,
    UrgentMaintenanceBackdated,
    UrgentMaintenanceUnexplained,
)
from services.availability.rules.intervals import instant_of, merged, second_of, within
from services.availability.rules.reference import open_windows

WINDOW = "maintenance_window"


def counts(environment: str) -> bool:
    """6-f: production only; what happens elsewhere is watched and never counted."""
    return environment == PRODUCTION


def excluded(intervals: Mapping[ExclusionKind, Iterable[Interval]], since: int, until: int) -> list[Interval]:
    """6-d: the seconds of [since, until) that any of the five types leaves out, merged.

    Maintenance leaves out what lies inside the maintenance window only (R5): its overrun is unavailability.
    """
    found: list[Interval] = []
    for kind, stated in intervals.items():
        bounded = within(merged(stated), [(since, until)])
        if kind is ExclusionKind.maintenance_window and bounded:
            bounded = within(bounded, open_windows(WINDOW, bounded[0][0], bounded[-1][1]))
        found += bounded
    return merged(found)


def is_excluded(exclusions: tuple[Exclusion, ...], at: datetime) -> bool:
    """6-d: whether an interruption at that instant is no unavailability, for a reason of the five types.

    An exclusion of another environment than production leaves nothing out, and urgent maintenance nothing
    before it was recorded (R6).
    """
    second = second_of(at)
    stated = stated_intervals(exclusions, at + SECOND)
    return bool(excluded(stated, second, second + 1))


def stated_intervals(exclusions: Iterable[Exclusion], until: datetime) -> dict[ExclusionKind, list[Interval]]:
    """The exclusions of production as intervals by their type; one that goes on lasts to `until`."""
    result: dict[ExclusionKind, list[Interval]] = {}
    last = second_of(until)
    for exclusion in exclusions:
        if counts(exclusion.environment):
            start = second_of(excluded_from(exclusion))
            end = last if exclusion.ends_at is None else second_of(exclusion.ends_at)
            result.setdefault(exclusion.kind, []).append((start, end))
    return result


def excluded_from(exclusion: Exclusion) -> datetime:
    """R6: urgent maintenance leaves out nothing before its recorded start; others may be recorded late."""
    if exclusion.kind is ExclusionKind.urgent_maintenance and exclusion.recorded_at is not None:
        return max(exclusion.starts_at, exclusion.recorded_at)
    return exclusion.starts_at


def admitted(asked: Exclusion) -> Exclusion:
    """6-d: an exclusion has a length, a reason, somebody who gave it, and the instant it was given."""
    if asked.ends_at is not None and asked.ends_at <= asked.starts_at:
        raise ExclusionWithoutLength
    if not asked.reason.strip():
        raise ExclusionUnexplained
    if asked.by is None or asked.recorded_at is None:
        raise ExclusionUnattributed
    return replace(asked, reason=asked.reason.strip())


def urgent_maintenance(reason: str, by: UUID, now: datetime, starts_at: datetime | None = None) -> Exclusion:
    """5-e, R6: urgent maintenance may start at any time, with a reason, and is excluded from its recorded
    start: `starts_at` is now (None) or later, never earlier.
    """
    if not reason.strip():
        raise UrgentMaintenanceUnexplained
    if starts_at is not None and starts_at < now:
        raise UrgentMaintenanceBackdated(
            detail=f"It is recorded at {instant_of(second_of(now)).isoformat()}: what was down before counts."
        )
    return Exclusion(
        ExclusionKind.urgent_maintenance,
        starts_at=starts_at or now,
        reason=reason.strip(),
        by=by,
        recorded_at=now,
    )
