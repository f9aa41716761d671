"""What becomes of a booked remote assistance: it is read, moved, cancelled, missed, reported (13.7-a)."""

from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.negotiation import AcceptLanguage
from chassis.pagination import Page, PageRequest, Paging, page_of
from chassis.preconditions import IfMatch, Precondition
from chassis.unit import Read, UnitOfWork, Work
from services.ticketing.api.files import AS_CALENDAR, calendar_answer
from services.ticketing.api.permissions import Agent, CustomerPeople, StaffReader, own_customer
from services.ticketing.api.planning import booking_listed, booking_shown
from services.ticketing.commands import assistance as commands
from services.ticketing.commands.telling import booking_planned
from services.ticketing.model.assistance import Booking
from services.ticketing.schemas import assistance as schemas
from services.ticketing.store import assistance as store
from services.ticketing.store.technicians import names_of

router = APIRouter(tags=["remote assistance"])
ROUTERS = [router]

OF_CUSTOMER = "/customers/{customer_id}"
LAST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


@router.get("/assistance/bookings")
async def list_own_bookings(work: Read, caller: CustomerPeople, paging: Paging) -> Page[schemas.BookingShown]:
    """The customer's bookings, the latest first."""
    return await _page(work, own_customer(caller), paging)


@router.get(f"{OF_CUSTOMER}/assistance/bookings")
async def list_customer_bookings(
    customer_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[schemas.BookingShown]:
    """A customer's bookings, the latest first."""
    return await _page(work, customer_id, paging)


@router.get("/assistance/bookings/{booking_id}")
async def read_own_booking(
    booking_id: UUID, work: Read, caller: CustomerPeople, response: Response
) -> schemas.BookingShown:
    """One booking; once it has taken place, with its report."""
    booking = await store.find_booking(work.tx, own_customer(caller), booking_id)
    return await booking_shown(work.tx, booking, response)


@router.get(f"{OF_CUSTOMER}/assistance/bookings/{{booking_id}}")
async def read_customer_booking(
    customer_id: UUID, booking_id: UUID, work: Read, _caller: StaffReader, response: Response
) -> schemas.BookingShown:
    """One booking of a customer."""
    booking = await store.find_booking(work.tx, customer_id, booking_id)
    return await booking_shown(work.tx, booking, response)


@router.get(
    "/assistance/bookings/{booking_id}/calendar", response_class=Response, responses={200: AS_CALENDAR}
)
async def export_own_booking(
    booking_id: UUID, work: Read, caller: CustomerPeople, accept_language: AcceptLanguage = None
) -> Response:
    """One booking as an iCalendar file."""
    booking = await store.find_booking(work.tx, own_customer(caller), booking_id)
    now = work.clock.business_now()
    return calendar_answer([booking_planned(booking)], accept_language, now, "assistance.ics")


@router.post("/assistance/bookings/{booking_id}/move")
async def move_own_booking(
    booking_id: UUID,
    sent: schemas.NewTime,
    work: Work,
    caller: CustomerPeople,
    seen: IfMatch,
    response: Response,
) -> schemas.BookingShown:
    """Another time, as long as it has not begun; a refusal names the next free ones."""
    return await _move(work, own_customer(caller), booking_id, sent, seen, response)


@router.post(f"{OF_CUSTOMER}/assistance/bookings/{{booking_id}}/move")
async def move_customer_booking(
    customer_id: UUID,
    booking_id: UUID,
    sent: schemas.NewTime,
    work: Work,
    _caller: Agent,
    seen: IfMatch,
    response: Response,
) -> schemas.BookingShown:
    """Another time for a customer's booking."""
    return await _move(work, customer_id, booking_id, sent, seen, response)


@router.post("/assistance/bookings/{booking_id}/cancellation")
async def cancel_own_booking(
    booking_id: UUID,
    sent: schemas.Cancellation,
    work: Work,
    caller: CustomerPeople,
    seen: IfMatch,
    response: Response,
) -> schemas.BookingShown:
    """It does not take place; possible until it begins."""
    return await _cancel(work, own_customer(caller), booking_id, sent, seen, response)


@router.post(f"{OF_CUSTOMER}/assistance/bookings/{{booking_id}}/cancellation")
async def cancel_customer_booking(
    customer_id: UUID,
    booking_id: UUID,
    sent: schemas.Cancellation,
    work: Work,
    _caller: Agent,
    seen: IfMatch,
    response: Response,
) -> schemas.BookingShown:
    """It does not take place; its contact is told why."""
    return await _cancel(work, customer_id, booking_id, sent, seen, response)


@router.post(f"{OF_CUSTOMER}/assistance/bookings/{{booking_id}}/no-show")
async def record_no_show(
    customer_id: UUID, booking_id: UUID, work: Work, caller: Agent, seen: IfMatch, response: Response
) -> schemas.BookingShown:
    """The customer was not there."""
    booking = await _locked(work, customer_id, booking_id, seen)
    await work.audit("record_no_show", subject=booking_id, customer_id=customer_id)
    now = work.clock.business_now()
    ended = await commands.record_no_show(work.tx, booking, caller.person_id, now)
    return await booking_shown(work.tx, ended, response)


@router.post(f"{OF_CUSTOMER}/assistance/bookings/{{booking_id}}/report")
async def report_assistance(
    customer_id: UUID,
    booking_id: UUID,
    sent: schemas.NewReport,
    work: Work,
    caller: Agent,
    seen: IfMatch,
    response: Response,
) -> schemas.BookingShown:
    """It took place; the customer reads the report (13.1-a)."""
    booking = await _locked(work, customer_id, booking_id, seen)
    await work.audit("report_assistance", subject=booking_id, customer_id=customer_id)
    now = work.clock.business_now()
    ended = await commands.complete(work.tx, booking, sent.report, caller.person_id, now)
    return await booking_shown(work.tx, ended, response)


async def _page(work: UnitOfWork, customer_id: UUID, paging: PageRequest) -> Page[schemas.BookingShown]:
    before = paging.after(datetime, UUID) or LAST
    rows = await store.list_bookings(work.tx, customer_id, (before[0], before[1]), paging.rows)
    names = await names_of(work.tx, {row.technician_id for row in rows})
    return page_of(
        rows, paging, lambda row: booking_listed(row, names), lambda row: [row.starts_at, row.booking_id]
    )


async def _move(
    work: UnitOfWork,
    customer_id: UUID,
    booking_id: UUID,
    sent: schemas.NewTime,
    seen: Precondition,
    response: Response,
) -> schemas.BookingShown:
    booking = await _locked(work, customer_id, booking_id, seen)
    slot, by, now = sent.as_slot(), work.caller, work.clock.business_now()
    moved = await commands.move(
        work.tx, customer_id, booking, slot, by.person_id, now, by_customer=not by.is_publisher
    )
    await work.audit(
        "move_booking",
        subject=booking_id,
        customer_id=customer_id,
        before={"starts_at": booking.starts_at.isoformat(), "ends_at": booking.ends_at.isoformat()},
        after={"starts_at": moved.starts_at.isoformat(), "ends_at": moved.ends_at.isoformat()},
    )
    return await booking_shown(work.tx, moved, response)


async def _cancel(
    work: UnitOfWork,
    customer_id: UUID,
    booking_id: UUID,
    sent: schemas.Cancellation,
    seen: Precondition,
    response: Response,
) -> schemas.BookingShown:
    booking = await _locked(work, customer_id, booking_id, seen)
    await work.audit("cancel_booking", subject=booking_id, customer_id=customer_id)
    by, now = work.caller, work.clock.business_now()
    ended = await commands.cancel(
        work.tx, booking, sent.reason, by.person_id, now, by_customer=not by.is_publisher
    )
    return await booking_shown(work.tx, ended, response)


async def _locked(work: UnitOfWork, customer_id: UUID, booking_id: UUID, seen: Precondition) -> Booking:
    booking = await commands.lock(work.tx, customer_id, booking_id, work.clock.business_now())
    seen.require(booking.revision)
    return booking
