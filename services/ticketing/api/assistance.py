"""Remote assistance: a customer books it for its tickets, an agent for who telephones (13.7-a)."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.idempotency import IdempotentRoute
from chassis.unit import Read, UnitOfWork, Work
from services.ticketing.api.permissions import Agent, CustomerPeople, StaffReader, own_customer
from services.ticketing.api.planning import booking_shown
from services.ticketing.commands import assistance as commands
from services.ticketing.refusals.tickets import CustomerUnknown, TicketUnknown
from services.ticketing.rules import assistance as rules
from services.ticketing.rules.registration import has_support
from services.ticketing.schemas import assistance as schemas
from services.ticketing.store import technicians
from services.ticketing.store.heard import find_asker
from services.ticketing.store.tickets import find_ticket

creating = APIRouter(tags=["remote assistance"], route_class=IdempotentRoute)
router = APIRouter(tags=["remote assistance"])
ROUTERS = [creating, router]

OF_CUSTOMER = "/customers/{customer_id}"
Length = Annotated[schemas.Minutes, Query(description="How long, in whole quarters of an hour.")]
Since = Annotated[schemas.Instant | None, Query(alias="from", description="From when on; now if not said.")]
HowMany = Annotated[int, Query(ge=1, le=schemas.MAX_SLOTS, description="How many at most.")]


@router.get("/tickets/{ticket_id}/assistance/slots")
async def list_own_free_slots(
    ticket_id: UUID,
    work: Read,
    caller: CustomerPeople,
    minutes: Length = 60,
    since: Since = None,
    limit: HowMany = 20,
) -> schemas.SlotsShown:
    """Times free for a ticket within the opening hours of the customer's plan, the earliest first."""
    return await _slots(work, own_customer(caller), ticket_id, minutes, since, limit)


@router.get(f"{OF_CUSTOMER}/tickets/{{ticket_id}}/assistance/slots")
async def list_customer_free_slots(
    customer_id: UUID,
    ticket_id: UUID,
    work: Read,
    _caller: StaffReader,
    minutes: Length = 60,
    since: Since = None,
    limit: HowMany = 20,
) -> schemas.SlotsShown:
    """Times that are free for a customer's ticket, as it would find them itself."""
    return await _slots(work, customer_id, ticket_id, minutes, since, limit)


@creating.post("/tickets/{ticket_id}/assistance", status_code=201)
async def book_own_assistance(
    ticket_id: UUID, sent: schemas.NewBooking, work: Work, caller: CustomerPeople, response: Response
) -> schemas.BookingShown:
    """Books a technician's time for one of the customer's tickets; a refusal names the next free times."""
    return await _book(work, own_customer(caller), ticket_id, sent, response)


@creating.post(f"{OF_CUSTOMER}/tickets/{{ticket_id}}/assistance", status_code=201)
async def book_customer_assistance(
    customer_id: UUID,
    ticket_id: UUID,
    sent: schemas.NewBooking,
    work: Work,
    _caller: Agent,
    response: Response,
) -> schemas.BookingShown:
    """Books it on a customer's behalf, in the same hours."""
    return await _book(work, customer_id, ticket_id, sent, response)


async def _slots(
    work: UnitOfWork, customer_id: UUID, ticket_id: UUID, minutes: int, since: datetime | None, limit: int
) -> schemas.SlotsShown:
    now = work.clock.business_now()
    asker = await find_asker(work.tx, customer_id, now)
    if asker is None:
        raise CustomerUnknown
    ticket = await find_ticket(work.tx, customer_id, ticket_id)
    if ticket is None:
        raise TicketUnknown
    has_support(asker, now)
    rules.within_scope(rules.matter_of(ticket))
    start = max(since or now, now)
    there, busy = await technicians.list_times(work.tx, ticket.queue, start, start + rules.AHEAD)
    found = rules.free_slots(asker.plan, there, busy, timedelta(minutes=minutes), start)
    items = (schemas.SlotShown(starts_at=each.starts_at, ends_at=each.ends_at) for each in found)
    return schemas.SlotsShown(items=list(islice(items, limit)))


async def _book(
    work: UnitOfWork, customer_id: UUID, ticket_id: UUID, sent: schemas.NewBooking, response: Response
) -> schemas.BookingShown:
    wish = commands.Wish(
        sent.as_slot(), sent.contact_name, sent.contact_mail, sent.access, sent.system_maintained
    )
    details = {"starts_at": sent.starts_at.isoformat(), "minutes": sent.minutes}
    await work.audit("book_assistance", subject=ticket_id, customer_id=customer_id, details=details)
    now = work.clock.business_now()
    booking = await commands.book(work.tx, customer_id, ticket_id, wish, work.caller.person_id, now)
    return await booking_shown(work.tx, booking, response)
