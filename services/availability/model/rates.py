"""What availability speaks of: outages, exclusions, a month and its rate, planned maintenance, terms.

Frozen values and enumerations only; nothing here decides or stores anything.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

PRODUCTION = "production"

Interval = tuple[int, int]
"""Whole epoch seconds [start, end). Lists of them are sorted and disjoint where a rule says "merged"."""


class ExclusionKind(StrEnum):
    """Why an interruption is no unavailability: (i) to (v) of article 6, in its order."""

    maintenance_window = "maintenance_window"
    urgent_maintenance = "urgent_maintenance"
    force_majeure = "force_majeure"
    customer_equipment = "customer_equipment"
    outside_perimeter = "outside_perimeter"


@dataclass(frozen=True, slots=True)
class Span:
    """From the first instant until before the second."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of the booklet's time zone as instants: from `starts_at` until before `ends_at`."""

    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Outage:
    """One could not reach the service, or not log in, in [starts_at, ends_at); None: still going on."""

    starts_at: datetime
    ends_at: datetime | None = None
    environment: str = PRODUCTION


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What is left out of unavailability, why, by whom, and since when that is on record; None: goes on."""

    kind: ExclusionKind
    starts_at: datetime
    ends_at: datetime | None = None
    environment: str = PRODUCTION
    reason: str = ""
    by: UUID | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of what was interrupted, in any order, with any overlap."""

    outages: tuple[Outage, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What the booklet in force commits to: a percentage, and the notice of planned maintenance."""

    committed_rate: Decimal
    notice_seconds: int


@dataclass(frozen=True, slots=True)
class MonthRate:
    """A month's reckoning. `rate`, `shown` and `kept` are None where there is no reference period."""

    month: str
    reference_seconds: int
    unavailable_seconds: int
    retained: tuple[Interval, ...]
    """The merged intervals inside the reference period, after exclusions, that make unavailability."""
    rate: Fraction | None
    """Percent, exact."""
    shown: str | None
    """Percent, three decimals, rounded down."""
    kept: bool | None
    seconds_left: int
    """Unavailability that the month may still take before the commitment is broken."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A month that is still running, seen from an instant, with what goes on lasting until another."""

    so_far: MonthRate
    """Over the reference period until now."""
    seconds_left: int
    """Unavailability that the whole month may still take, after what happened until now."""
    forecast: MonthRate
    """Over the whole month, if what goes on lasts that long."""
    lost_at: datetime | None
    """The instant since which, by that forecast, the commitment can no longer be met; None: it can."""

    @property
    def minutes_left(self) -> int:
        """Whole minutes of unavailability that the month may still take."""
        return self.seconds_left // 60


@dataclass(frozen=True, slots=True)
class MaintenanceSlot:
    """When planned maintenance is asked for, and whether it blocks the service."""

    starts_at: datetime
    ends_at: datetime
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class PlannedMaintenance:
    """Planned maintenance, and the instant at which it was announced as it stands."""

    slot: MaintenanceSlot
    announced_at: datetime
