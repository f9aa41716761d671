"""What the publisher's people do for a customer, its report, and who attended a training (13.1-a)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.ticketing.model.agenda import PlannedKind


class InterventionState(StrEnum):
    """An intervention is ahead, was called off, or has taken place."""

    planned = "planned"
    cancelled = "cancelled"
    done = "done"


class Half(StrEnum):
    """The halves of a day of training."""

    morning = "morning"
    afternoon = "afternoon"


@dataclass(frozen=True, slots=True)
class InterventionWords:
    """What is planned. `who` names whom the customer will see."""

    kind: PlannedKind
    title: str
    description: str
    place: str
    who: str
    technician_id: UUID | None
    """The technician whose time it takes."""
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Intervention:
    """An intervention as it stands; `report` is Markdown."""

    customer_id: UUID
    intervention_id: UUID
    kind: PlannedKind
    title: str
    description: str
    place: str
    who: str
    technician_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    state: InterventionState
    cancelled_reason: str | None
    report: str | None
    reported_at: datetime | None
    reported_by: UUID | None
    planned_at: datetime
    planned_by: UUID
    revision: int = 1


@dataclass(frozen=True, slots=True)
class HalfDay:
    """The morning or the afternoon of a day, in Paris."""

    day: date
    half: Half


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody on an attendance sheet. `number` is its line there."""

    number: int
    name: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Presence:
    """That a participant was there on a half-day, or was not: who recorded it, and when."""

    number: int
    half_day: HalfDay
    present: bool
    recorded_at: datetime
    recorded_by: UUID


@dataclass(frozen=True, slots=True)
class Sheet:
    """An attendance sheet: who, on which half-days, and what was recorded of them."""

    intervention: Intervention
    half_days: tuple[HalfDay, ...]
    participants: tuple[Participant, ...]
    presences: tuple[Presence, ...]
    names: Mapping[UUID, str] = field(default_factory=dict)
    """Of those who recorded, where they made themselves known."""
