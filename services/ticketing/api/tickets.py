"""A customer reads its tickets, with their clocks as they run, and closes them; the publisher reads all."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.pagination import Page, PageRequest, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.unit import Read, UnitOfWork, Work
from services.ticketing.api.permissions import (
    CustomerPeople,
    StaffReader,
    TicketReader,
    own_customer,
)
from services.ticketing.api.shapes import history_line, staff_ticket, ticket_listed, ticket_shown
from services.ticketing.commands import handling
from services.ticketing.model.tickets import INTERNAL, Happening, Ticket, TicketKind, TicketState
from services.ticketing.refusals.tickets import CompanyUnknown, TicketUnknown
from services.ticketing.schemas import tickets as schemas
from services.ticketing.schemas.fields import ProductCode, Reference
from services.ticketing.store.heard import has_company
from services.ticketing.store.history import page_history
from services.ticketing.store.listing import Wanted, list_tickets
from services.ticketing.store.tickets import find_by_reference, find_ticket, lock_ticket

router = APIRouter(tags=["tickets"])
ROUTERS = [router]

State = Annotated[TicketState | None, Query(description="Only in this state.")]
Kind = Annotated[TicketKind | None, Query(description="Only of this kind.")]
OfProduct = Annotated[ProductCode | None, Query(description="Only about this product.")]
OfCompany = Annotated[UUID | None, Query(description="Only about this company.")]
Known = Annotated[Reference | None, Query(description="Only the one of this reference.")]


@router.get("/tickets")
async def list_own_tickets(
    work: Read,
    caller: TicketReader,
    paging: Paging,
    state: State = None,
    kind: Kind = None,
    product: OfProduct = None,
    company_id: OfCompany = None,
    reference: Known = None,
) -> Page[schemas.TicketListed]:
    """The customer's tickets, the latest first."""
    wanted = Wanted(state, kind, product, company_id, reference=reference)
    return await _page(work, own_customer(caller), wanted, paging)


@router.get("/tickets/{ticket_id}")
async def read_own_ticket(
    ticket_id: UUID, work: Read, caller: TicketReader, response: Response
) -> schemas.TicketShown:
    """One ticket: what was asked, the terms that apply to it for good, its clocks and waits as they stand."""
    ticket = await _found(work, own_customer(caller), ticket_id)
    show_etag(response, ticket.revision)
    return await ticket_shown(work.tx, ticket, work.clock.business_now())


@router.get("/tickets/{ticket_id}/history")
async def list_own_history(
    ticket_id: UUID, work: Read, caller: TicketReader, paging: Paging
) -> Page[schemas.HistoryLine]:
    """What happened to a ticket, in order; not what the publisher notes for itself."""
    return await _history(work, own_customer(caller), ticket_id, INTERNAL, paging)


@router.post("/tickets/{ticket_id}/closing")
async def close_own_ticket(
    ticket_id: UUID, work: Work, caller: CustomerPeople, seen: IfMatch, response: Response
) -> schemas.TicketShown:
    """The customer needs nothing more. What comes after is another ticket. Remote assistance that is booked
    for it and has not begun is cancelled, and its contact told.
    """
    customer_id = own_customer(caller)
    seen.require((await lock_ticket(work.tx, customer_id, ticket_id)).revision)
    now = work.clock.business_now()
    await work.audit("close_own_ticket", subject=ticket_id)
    ticket = await handling.close(work.tx, customer_id, ticket_id, caller.person_id, now, by_customer=True)
    show_etag(response, ticket.revision)
    return await ticket_shown(work.tx, ticket, now)


@router.get("/customers/{customer_id}/tickets")
async def list_customer_tickets(
    customer_id: UUID,
    work: Read,
    _caller: StaffReader,
    paging: Paging,
    state: State = None,
    kind: Kind = None,
    product: OfProduct = None,
    company_id: OfCompany = None,
    assigned_to: Annotated[UUID | None, Query(description="Only those this agent has.")] = None,
) -> Page[schemas.TicketListed]:
    """One customer's tickets, the latest first, as the publisher's staff sees them."""
    wanted = Wanted(state, kind, product, company_id, assigned_to)
    return await _page(work, customer_id, wanted, paging)


@router.get("/customers/{customer_id}/tickets/{ticket_id}")
async def read_customer_ticket(
    customer_id: UUID, ticket_id: UUID, work: Read, _caller: StaffReader, response: Response
) -> schemas.StaffTicket:
    """One ticket, with who has it."""
    ticket = await _found(work, customer_id, ticket_id)
    show_etag(response, ticket.revision)
    return await staff_ticket(work.tx, ticket, work.clock.business_now())


@router.get("/customers/{customer_id}/tickets/{ticket_id}/history")
async def list_customer_history(
    customer_id: UUID, ticket_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[schemas.HistoryLine]:
    """What happened to a ticket, in order, with what the publisher notes for itself."""
    return await _history(work, customer_id, ticket_id, frozenset(), paging)


@router.get("/ticket-references/{reference}")
async def read_by_reference(
    reference: Reference, work: Read, _caller: StaffReader, response: Response
) -> schemas.StaffTicket:
    """The ticket that somebody names; a slip of the tongue is told from a reference that nobody has."""
    ticket = await find_by_reference(work.tx, reference)
    if ticket is None:
        raise TicketUnknown
    show_etag(response, ticket.revision)
    return await staff_ticket(work.tx, ticket, work.clock.business_now())


async def _page(
    work: UnitOfWork, customer_id: UUID, wanted: Wanted, paging: PageRequest
) -> Page[schemas.TicketListed]:
    company_id = wanted.company_id
    if company_id is not None and not await has_company(work.tx, customer_id, company_id):
        raise CompanyUnknown
    after = paging.after(datetime, UUID)
    place = (after[0], after[1]) if after else None
    rows = await list_tickets(work.tx, customer_id, wanted, place, paging.rows)
    return page_of(rows, paging, ticket_listed, lambda row: [row.registered_at, row.ticket_id])


async def _history(
    work: UnitOfWork, customer_id: UUID, ticket_id: UUID, hidden: frozenset[Happening], paging: PageRequest
) -> Page[schemas.HistoryLine]:
    await _found(work, customer_id, ticket_id)
    (after,) = paging.after(int) or (0,)
    rows = await page_history(work.tx, customer_id, ticket_id, hidden, after, paging.rows)
    return page_of(rows, paging, history_line, lambda entry: [entry.seq])


async def _found(work: UnitOfWork, customer_id: UUID, ticket_id: UUID) -> Ticket:
    ticket = await find_ticket(work.tx, customer_id, ticket_id)
    if ticket is None:
        raise TicketUnknown
    return ticket
