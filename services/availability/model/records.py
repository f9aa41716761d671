"""The publisher's record: outages with their history, exclusions, maintenance. Frozen values of the rows.

`customers` is None where all are touched. Bounds of outages and of exclusions are whole seconds.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.availability.model.rates import PRODUCTION, ExclusionKind, MaintenanceSlot, PlannedMaintenance


class OutageSource(StrEnum):
    """Who found an outage."""

    probe = "probe"
    alert = "alert"
    operations = "operations"
    imported = "import"


class OutageState(StrEnum):
    """Where an outage stands; what was merged into another, or withdrawn, counts for nothing."""

    open = "open"
    ended = "ended"
    merged = "merged"
    withdrawn = "withdrawn"


class OutageChange(StrEnum):
    """What was done to the record of an outage: `change` of its history."""

    opened = "opened"
    ended = "ended"
    corrected = "corrected"
    took_in = "took_in"
    merged = "merged"
    cut = "split"
    split_off = "split_off"
    withdrawn = "withdrawn"


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """What an outage is known from: a `probe`'s results, an `alert`, a `note`."""

    kind: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewOutage:
    """An outage to put on record. `source_key` names the target of a probe or the fingerprint of an alert."""

    title: str
    source: OutageSource
    starts_at: datetime
    ends_at: datetime | None = None
    description: str = ""
    offering_code: str | None = None
    environment: str = PRODUCTION
    customers: tuple[UUID, ...] | None = None
    source_key: str | None = None
    by: UUID | None = None
    evidence: tuple[NewEvidence, ...] = ()


@dataclass(frozen=True, slots=True)
class OutageRecord:
    """An outage as it stands. `offering_code` None is the portal itself; `opened_by` None a program."""

    outage_id: UUID
    offering_code: str | None
    environment: str
    customers: tuple[UUID, ...] | None
    source: OutageSource
    source_key: str | None
    title: str
    description: str
    starts_at: datetime
    ends_at: datetime | None
    state: OutageState
    merged_into: UUID | None
    detected_at: datetime
    opened_by: UUID | None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class OutageCorrection:
    """All that may be corrected on an outage: what it is to be from now on."""

    starts_at: datetime
    ends_at: datetime | None
    offering_code: str | None
    environment: str
    customers: tuple[UUID, ...] | None
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a record's history: who did what, when and why, and what differs."""

    at: datetime
    by: UUID | None
    change: str
    reason: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an outage is known from: probe results, an alert, a note. Added to, never changed."""

    seq: int
    at: datetime
    kind: str
    content: dict[str, Any]


class ExclusionChange(StrEnum):
    """What was done to the record of an exclusion."""

    recorded = "recorded"
    corrected = "corrected"
    ended = "ended"
    withdrawn = "withdrawn"


@dataclass(frozen=True, slots=True)
class NewExclusion:
    """An exclusion to put on record by hand."""

    kind: ExclusionKind
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    environment: str = PRODUCTION
    customers: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class ExclusionRecord:
    """What is left out of unavailability, as it stands. That of urgent maintenance names it."""

    exclusion_id: UUID
    kind: ExclusionKind
    environment: str
    customers: tuple[UUID, ...] | None
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    recorded_at: datetime
    recorded_by: UUID
    maintenance_id: UUID | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None
    withdrawn_reason: str | None = None
    revision: int = 1


class MaintenanceKind(StrEnum):
    """Planned maintenance is announced (5-d); urgent maintenance has a reason (5-e)."""

    planned = "planned"
    urgent = "urgent"


class MaintenanceState(StrEnum):
    """Where maintenance stands."""

    announced = "announced"
    started = "started"
    ended = "ended"
    cancelled = "cancelled"


class MaintenanceChange(StrEnum):
    """What was done to maintenance; `announced_anew` says that its notice runs from there."""

    announced = "announced"
    announced_anew = "announced_anew"
    changed = "changed"
    started = "started"
    ended = "ended"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True)
class MaintenanceText:
    """What is said of maintenance. The description of urgent maintenance is its reason (5-e)."""

    title: str
    description: str


@dataclass(frozen=True, slots=True)
class MaintenanceRecord:
    """Maintenance: announced for [starts_at, ends_at), and when it was. An urgent one's end is a guess."""

    maintenance_id: UUID
    kind: MaintenanceKind
    title: str
    description: str
    blocking: bool
    starts_at: datetime
    ends_at: datetime | None
    announced_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    cancelled_at: datetime | None
    state: MaintenanceState
    recorded_by: UUID
    revision: int = 1

    @property
    def planned(self) -> PlannedMaintenance:
        """The announcement that holds."""
        if self.ends_at is None:
            raise ValueError(f"{self.maintenance_id} is not planned")
        slot = MaintenanceSlot(self.starts_at, self.ends_at, self.blocking)
        return PlannedMaintenance(slot, self.announced_at)


@dataclass(frozen=True, slots=True)
class Overrun:
    """How long maintenance went on after the end that was announced, and how much of that was in PRT."""

    since: datetime
    seconds: int
    reference_seconds: int


@dataclass(frozen=True, slots=True)
class Viewer:
    """For which customer the record is read; its companies' people see what concerns the portal only."""

    customer_id: UUID
    portal_only: bool = False
