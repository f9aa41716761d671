"""Remote assistance: when technicians are there, when they are taken, and what customers booked (13.7-a)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.ticketing.model.tickets import LeftOut, SupportPlan, TicketKind, TicketState


class BookingState(StrEnum):
    """A booking is ahead, or came to one of three ends."""

    booked = "booked"
    cancelled = "cancelled"
    no_show = "no_show"
    done = "done"


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time [starts_at, ends_at)."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class TechnicianTime:
    """A stretch of one technician's time: at which it is there, or at which it is taken."""

    technician_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Hours:
    """Times at which a technician can be booked."""

    hours_id: UUID
    technician_id: UUID
    starts_at: datetime
    ends_at: datetime
    published_at: datetime
    published_by: UUID


@dataclass(frozen=True, slots=True)
class Matter:
    """What decides whether remote assistance is for a ticket.

    `system_maintained` is what the customer says of its system: that its vendor maintains it.
    """

    kind: TicketKind
    state: TicketState
    left_out: LeftOut | None = None
    system_maintained: bool = True


@dataclass(frozen=True, slots=True)
class Booking:
    """A technician's time for one of a customer's tickets. `reason` is why it was cancelled."""

    customer_id: UUID
    booking_id: UUID
    ticket_id: UUID
    reference: str
    technician_id: UUID
    plan: SupportPlan
    state: BookingState
    starts_at: datetime
    ends_at: datetime
    contact_name: str | None
    contact_mail: str | None
    access: str | None
    """How the technician gets in touch: a telephone number, a program's address."""
    booked_at: datetime
    booked_by: UUID
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    reason: str | None = None
    report: str | None = None
    remind_at: datetime | None = None
    reminded_at: datetime | None = None
    revision: int = 1

    @property
    def slot(self) -> Slot:
        """When it is."""
        return Slot(self.starts_at, self.ends_at)
