"""What is planned for a customer, of whatever kind, in one list (13.1-a)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class PlannedKind(StrEnum):
    """What the publisher's people do for a customer."""

    remote_assistance = "remote_assistance"
    web_session = "web_session"
    on_site = "on_site"
    training = "training"


class PlannedAs(StrEnum):
    """Where the whole of it is read."""

    booking = "booking"
    registration = "registration"
    intervention = "intervention"
    session = "session"
    """A web session in its host's agenda: it is no single customer's."""


class PlannedState(StrEnum):
    """`waiting`: a web session that is full."""

    planned = "planned"
    waiting = "waiting"
    cancelled = "cancelled"
    done = "done"
    no_show = "no_show"


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a schedule. `planned_id` is that of the booking, registration or intervention."""

    customer_id: UUID
    planned_id: UUID
    planned_as: PlannedAs
    kind: PlannedKind
    state: PlannedState
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    """Where: an address, a telephone number, a webinar's link."""
    revision: int
    has_report: bool = False
    has_attendance: bool = False
