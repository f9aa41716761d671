"""Live web sessions of the publisher, invitations to them, and who registered (13.8-a)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from services.ticketing.model.tickets import SupportPlan

SessionLanguage = Literal["fr", "en"]


class SessionState(StrEnum):
    """A session takes place unless it was cancelled; whether it is over, its instants say."""

    planned = "planned"
    cancelled = "cancelled"


class RegistrationState(StrEnum):
    """`waiting`: the session is full, and a seat may become free."""

    registered = "registered"
    waiting = "waiting"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True)
class SessionWords:
    """What the publisher says of a session. `level` is the least plan that attends: plans are inclusive."""

    title: str
    description: str
    products: tuple[str, ...]
    language: SessionLanguage
    level: SupportPlan
    starts_at: datetime
    ends_at: datetime
    capacity: int
    link: str
    """Of the webinar's tool; told to those who have a seat."""
    host_id: UUID | None = None
    """The technician whose time it takes."""


@dataclass(frozen=True, slots=True)
class WebSession:
    """A session as it stands. `places_given` numbers registrations in the order in which they came."""

    session_id: UUID
    title: str
    description: str
    products: tuple[str, ...]
    language: SessionLanguage
    level: SupportPlan
    starts_at: datetime
    ends_at: datetime
    capacity: int
    link: str
    host_id: UUID | None
    state: SessionState
    cancelled_reason: str | None
    replay_link: str | None
    replay_published_at: datetime | None
    planned_at: datetime
    planned_by: UUID
    seats_taken: int = 0
    places_given: int = 0
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Invitation:
    """An address of a customer that was invited."""

    customer_id: UUID
    session_id: UUID
    mail: str
    invited_at: datetime
    invited_by: UUID


@dataclass(frozen=True, slots=True)
class Registration:
    """Somebody of a customer who wants to attend. `attended` is not known before somebody says so."""

    customer_id: UUID
    registration_id: UUID
    session_id: UUID
    person_id: UUID
    name: str
    mail: str
    place: int
    state: RegistrationState
    registered_at: datetime
    cancelled_at: datetime | None = None
    attended: bool | None = None
    attendance_at: datetime | None = None
    attendance_by: UUID | None = None
    remind_at: datetime | None = None
    reminded_at: datetime | None = None
    revision: int = 1
