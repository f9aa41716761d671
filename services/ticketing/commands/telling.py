"""Mails about what is planned, each with its calendar file; sent once for each change."""

from datetime import datetime

from chassis import mail
from chassis.db import Tx
from chassis.languages import Language
from services.ticketing.agenda_calendar import calendar_of
from services.ticketing.model.agenda import Planned, PlannedAs, PlannedKind, PlannedState
from services.ticketing.model.assistance import Booking, BookingState
from services.ticketing.rules.announcing import Told, announcement

LANGUAGE: Language = "fr"
"""Calendar files that go with a mail are in the contract's language; the mail itself is in both."""

_STATES = {
    BookingState.booked: PlannedState.planned,
    BookingState.cancelled: PlannedState.cancelled,
    BookingState.no_show: PlannedState.no_show,
    BookingState.done: PlannedState.done,
}


def booking_planned(booking: Booking) -> Planned:
    """A booking as a line of a schedule."""
    return Planned(
        customer_id=booking.customer_id,
        planned_id=booking.booking_id,
        planned_as=PlannedAs.booking,
        kind=PlannedKind.remote_assistance,
        state=_STATES[booking.state],
        title=booking.reference,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        place=booking.access or "",
        revision=booking.revision,
        has_report=booking.report is not None,
    )


async def tell_booked(tx: Tx, booking: Booking, told: Told, now: datetime) -> None:
    """Tells a booking's contact, where it has an address, what became of it."""
    if booking.contact_mail is not None:
        await tell(tx, booking_planned(booking), told, booking.contact_mail, now, more=booking.reason or "")


async def tell(
    tx: Tx, planned: Planned, told: Told, to: str, now: datetime, *, more: str = "", once: str = ""
) -> None:
    """One mail about one line of a schedule. `once` tells apart mails about the same revision of it."""
    subject, text = announcement(told, planned.title, planned.starts_at, planned.ends_at, more)
    await mail.send(
        tx,
        key=f"{told}/{planned.planned_id}/{once or planned.revision}",
        to=to,
        subject=subject,
        text=text,
        calendar=calendar_of([planned], LANGUAGE, now),
    )
