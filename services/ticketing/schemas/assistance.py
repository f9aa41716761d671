"""Remote assistance's HTTP shapes."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from services.ticketing.model.assistance import BookingState, Slot
from services.ticketing.model.tickets import SupportPlan
from services.ticketing.schemas.fields import Explanation, Line, MailAddress, PersonName, Reference, Shape

MAX_SLOTS = 100


def _in_calendars(instant: datetime) -> datetime:
    """No calendar of the booklet knows more years."""
    if not datetime(2000, 1, 1, tzinfo=UTC) <= instant <= datetime(2099, 12, 31, tzinfo=UTC):
        raise ValueError("between 2000 and 2099")
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_calendars)]
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
    Field(description="One line: it is also a mail's subject."),
]
Minutes = Annotated[int, Field(ge=15, le=240, multiple_of=15, examples=[60])]
Report = Annotated[
    str,
    Field(
        min_length=1,
        max_length=50_000,
        pattern=r"^[^\x00]*$",
        examples=["The printer is **configured**; the driver was out of date."],
        description="Markdown; HTML in it is shown as text.",
    ),
]


class NewHours(Shape):
    """Times at which a technician can be booked, within one day; without an id, one's own."""

    technician_id: UUID | None = None
    starts_at: Instant
    ends_at: Instant


class HoursShown(BaseModel):
    """Times at which a technician can be booked."""

    hours_id: UUID
    technician_id: UUID
    starts_at: datetime
    ends_at: datetime


class SlotShown(BaseModel):
    """A time that is free."""

    starts_at: datetime
    ends_at: datetime


class SlotsShown(BaseModel):
    """Free times, the earliest first."""

    items: list[SlotShown] = Field(max_length=MAX_SLOTS)


class NewTime(Shape):
    """When: on a quarter of an hour, in whole quarters."""

    starts_at: Instant
    minutes: Minutes

    def as_slot(self) -> Slot:
        """The stretch of time."""
        return Slot(self.starts_at, self.starts_at + timedelta(minutes=self.minutes))


class NewBooking(NewTime):
    """A time for a ticket. Name, address and access are those of the ticket's contact where none is given."""

    contact_name: PersonName | None = None
    contact_mail: MailAddress | None = None
    access: Line | None = Field(
        default=None, description="How to get in touch: a telephone number.", examples=["+33 3 87 00 00 00"]
    )
    system_maintained: bool = Field(
        examples=[True], description="Whether the system it is about is still maintained by its vendor."
    )


class Cancellation(Shape):
    """Why it does not take place."""

    reason: Explanation


class NewReport(Shape):
    """What came of it."""

    report: Report


class BookingShown(BaseModel):
    """A time that a technician has for a ticket, and what came of it."""

    customer_id: UUID
    booking_id: UUID
    ticket_id: UUID
    reference: Reference
    technician_id: UUID
    technician_name: PersonName | None
    plan: SupportPlan = Field(description="In whose opening hours it was booked.")
    state: BookingState
    starts_at: datetime
    ends_at: datetime
    contact_name: PersonName | None
    contact_mail: MailAddress | None
    access: Line | None
    booked_at: datetime
    ended_at: datetime | None
    reason: Explanation | None
    report: Report | None
    report_html: str | None = Field(max_length=300_000)
    revision: int = Field(ge=1)
