"""From what is planned to its HTTP shapes."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import Response

from chassis.db import Tx
from chassis.markdown import rendered
from chassis.preconditions import show_etag
from services.ticketing.model.agenda import Planned, PlannedAs
from services.ticketing.model.assistance import Booking
from services.ticketing.schemas.assistance import BookingShown
from services.ticketing.schemas.interventions import PlannedShown
from services.ticketing.store.technicians import names_of


def planned_shown(planned: Planned) -> PlannedShown:
    """One line of a schedule or an agenda."""
    return PlannedShown(
        customer_id=None if planned.planned_as is PlannedAs.session else planned.customer_id,
        planned_id=planned.planned_id,
        planned_as=planned.planned_as,
        kind=planned.kind,
        state=planned.state,
        title=planned.title,
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        place=planned.place,
        has_report=planned.has_report,
        has_attendance=planned.has_attendance,
    )


async def booking_shown(tx: Tx, booking: Booking, response: Response) -> BookingShown:
    """A booking as it stands, its version at the answer's head."""
    show_etag(response, booking.revision)
    return booking_listed(booking, await names_of(tx, {booking.technician_id}))


def booking_listed(booking: Booking, names: Mapping[UUID, str]) -> BookingShown:
    """A booking in a list, its technician named where it made itself known."""
    return BookingShown(
        customer_id=booking.customer_id,
        booking_id=booking.booking_id,
        ticket_id=booking.ticket_id,
        reference=booking.reference,
        technician_id=booking.technician_id,
        technician_name=names.get(booking.technician_id),
        plan=booking.plan,
        state=booking.state,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        contact_name=booking.contact_name,
        contact_mail=booking.contact_mail,
        access=booking.access,
        booked_at=booking.booked_at,
        ended_at=booking.ended_at,
        reason=booking.reason,
        report=booking.report,
        report_html=None if booking.report is None else rendered(booking.report),
        revision=booking.revision,
    )
