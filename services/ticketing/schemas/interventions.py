"""The HTTP shapes of interventions, attendance sheets and schedules."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, field_validator

from services.ticketing.model.agenda import PlannedAs, PlannedKind, PlannedState
from services.ticketing.model.interventions import (
    Half,
    InterventionState,
    InterventionWords,
    Participant,
)
from services.ticketing.schemas.assistance import Instant, Report, Title
from services.ticketing.schemas.fields import Explanation, PersonName, Shape

MAX_PARTICIPANTS = 100
MAX_HALF_DAYS = 62

_FREE = r"^[^\x00]*$"
Place = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=500, pattern=_FREE),
    Field(examples=["1 rue Haute, 57000 Metz"]),
]
Description = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=20_000, pattern=_FREE),
    Field(examples=["Two days on quotes."]),
]
Organisation = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=_FREE),
    Field(examples=["Cabinet Durand"]),
]
Number = Annotated[int, Field(ge=1, le=MAX_PARTICIPANTS, examples=[1])]
Html = Annotated[str, Field(max_length=300_000)]


class NewIntervention(Shape):
    """What is planned for a customer: by whom, when and where."""

    kind: PlannedKind
    title: Title = Field(examples=["Training on quotes"])
    description: Description = ""
    place: Place = ""
    who: PersonName = Field(examples=["Ada Martin"])
    technician_id: UUID | None = Field(default=None, description="The technician whose time it takes.")
    starts_at: Instant
    ends_at: Instant

    def as_words(self) -> InterventionWords:
        """What the publisher plans."""
        return InterventionWords(**self.model_dump() | {"kind": self.kind})


class InterventionShown(BaseModel):
    """An intervention, and once it has taken place its report."""

    customer_id: UUID
    intervention_id: UUID
    kind: PlannedKind
    title: Title = Field(examples=["Training on quotes"])
    description: Description
    place: Place
    who: PersonName
    technician_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    state: InterventionState
    cancelled_reason: Explanation | None
    report: Report | None
    report_html: Html | None
    reported_at: datetime | None
    revision: int = Field(ge=1)


class NewParticipant(Shape):
    """Somebody who takes part; `number` is the line of the sheet."""

    number: Number
    name: PersonName
    organisation: Organisation = ""


class Participants(Shape):
    """Who takes part: these, and no others."""

    participants: list[NewParticipant] = Field(max_length=MAX_PARTICIPANTS)

    @field_validator("participants")
    @classmethod
    def numbered_once(cls, participants: list[NewParticipant]) -> list[NewParticipant]:
        """Each has a line of its own."""
        if len({each.number for each in participants}) < len(participants):
            raise ValueError("two participants have the same number")
        return participants

    def as_participants(self) -> list[Participant]:
        """Those who take part."""
        return [Participant(each.number, each.name, each.organisation) for each in self.participants]


class HalfDayShown(BaseModel):
    """A half-day of a training, in Paris: it begins at midnight or at 13:00."""

    day: date
    half: Half


class NewPresence(Shape):
    """Whether a participant was there on a half-day."""

    number: Number
    day: date
    half: Half
    present: bool = Field(examples=[True])


class NewPresences(Shape):
    """What is recorded now; what was recorded before of other half-days stays."""

    presences: list[NewPresence] = Field(min_length=1, max_length=MAX_PARTICIPANTS * MAX_HALF_DAYS)


class PresenceShown(NewPresence):
    """What was recorded, by whom and when: it stands for a signature."""

    recorded_at: datetime
    recorded_by: UUID


class SheetShown(BaseModel):
    """A training's attendance sheet."""

    customer_id: UUID
    intervention_id: UUID
    title: Title = Field(examples=["Training on quotes"])
    place: Place
    who: PersonName
    starts_at: datetime
    ends_at: datetime
    half_days: list[HalfDayShown] = Field(max_length=MAX_HALF_DAYS)
    participants: list[NewParticipant] = Field(max_length=MAX_PARTICIPANTS)
    presences: list[PresenceShown] = Field(max_length=MAX_PARTICIPANTS * MAX_HALF_DAYS)
    revision: int = Field(ge=1)


class PlannedShown(BaseModel):
    """One line of a schedule: what it is, and where the whole of it is read."""

    customer_id: UUID | None = Field(description="None for a web session in its host's agenda.")
    planned_id: UUID
    planned_as: PlannedAs
    kind: PlannedKind
    state: PlannedState
    title: Title = Field(examples=["Training on quotes"])
    starts_at: datetime
    ends_at: datetime
    place: Place
    has_report: bool
    has_attendance: bool
