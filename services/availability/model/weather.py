"""What the weather says, in public: how the portal and each service stand, interruptions, maintenance (6-g).

Nothing in here names a customer, and nothing is taken from what only the publisher's staff may read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

MAX_TOLD = 2_000
"""Of each kind, the next or the latest ones: a page that is longer is read by nobody."""


class Status(StrEnum):
    """How a service stands."""

    operational = "operational"
    maintenance = "maintenance"
    """It is blocked by maintenance that is going on."""
    interrupted = "interrupted"


class Phase(StrEnum):
    """Where a maintenance stands against the clock."""

    planned = "planned"
    late = "late"
    """Its announced start is past and it has not begun."""
    going_on = "going_on"
    ended = "ended"
    cancelled = "cancelled"
    lapsed = "lapsed"
    """Its announced end is past and it never began."""


@dataclass(frozen=True, slots=True)
class Offering:
    """A service of the catalogue."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Interruption:
    """An outage of production; `offering_code` None: of the portal. `title` only where a person wrote it."""

    outage_id: UUID
    starts_at: datetime
    offering_code: str | None = None
    title: str | None = None
    ends_at: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Maintenance as it was announced and as it was; urgent maintenance has its reason as description."""

    maintenance_id: UUID
    kind: str
    title: str
    starts_at: datetime
    announced_at: datetime
    description: str = ""
    blocking: bool = True
    ends_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cancelled_at: datetime | None = None
    revision: int = 1
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the weather is made of, in any order."""

    offerings: tuple[Offering, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the portal (no code) or a service stands, and since when if it is not as it should be."""

    status: Status
    since: datetime | None = None
    code: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A maintenance with its phase, and the announced end that it has gone past, if it has."""

    maintenance: Maintenance
    phase: Phase
    overran_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Weather:
    """The state at one instant of the portal's time."""

    as_of: datetime
    portal: Standing
    services: tuple[Standing, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    """Going on, the oldest first."""
    maintenance: tuple[Notice, ...] = ()
    """Going on or due, by start."""
    planned: tuple[Notice, ...] = ()
    """Still to come, the next first."""
    past_interruptions: tuple[Interruption, ...] = ()
    past_maintenance: tuple[Notice, ...] = ()
    """Ended, cancelled or lapsed, the latest first."""


@dataclass(frozen=True, slots=True)
class Told:
    """A weather that was told: its number, when in real time, and since when it has said the same."""

    weather: Weather
    number: int
    told_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old a state that was told is, and whether updates have stopped."""

    age: timedelta
    is_stale: bool
