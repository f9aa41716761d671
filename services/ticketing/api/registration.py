"""Registering: a customer in its space, its programs, and the publisher's agents for who telephones."""

from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from chassis.auth import COMPANY_ROLES, Caller, Role, authenticated
from chassis.idempotency import IdempotentRoute
from chassis.preconditions import show_etag
from chassis.ratelimit import Quotas, QuotaSpent
from chassis.unit import Work
from services.ticketing.api.permissions import Agent, Asker, own_company, own_customer
from services.ticketing.api.shapes import staff_ticket, ticket_shown
from services.ticketing.commands.handling import take_in_charge
from services.ticketing.commands.registration import register_ticket
from services.ticketing.model.tickets import Channel, Contact, Description, NewTicket
from services.ticketing.refusals.tickets import TooManyTickets
from services.ticketing.schemas import tickets as schemas

router = APIRouter(tags=["tickets"], route_class=IdempotentRoute)
ROUTERS = [router]

QUOTA = 120
"""How many tickets one customer may register in a window at one API process."""
WINDOW_SECONDS = 60


def _count(request: Request, customer_id: UUID) -> None:
    quotas: Quotas = request.app.state.registrations
    try:
        quotas.take(customer_id)
    except QuotaSpent as spent:
        policy = {name: value.replace('"program"', '"tickets"') for name, value in spent.headers.items()}
        raise TooManyTickets(retry_after=spent.retry_after, headers=policy) from None


async def own_held_back(request: Request) -> None:
    """Holds back a customer that registers very many, before any of them takes a connection.

    What its companies try is refused in any case, and counts against nobody (17-a).
    """
    caller = await authenticated(request)
    if caller.role not in COMPANY_ROLES:
        _count(request, own_customer(caller))


async def calls_held_back(customer_id: UUID, request: Request) -> None:
    """The same for those that agents record for it."""
    await authenticated(request)
    _count(request, customer_id)


@router.post("/tickets", status_code=201, dependencies=[Depends(own_held_back)])
async def register_own_ticket(
    sent: schemas.NewTicket, work: Work, caller: Asker, response: Response
) -> schemas.TicketShown:
    """Registers a ticket to support, or a request to customer service. A company asks its firm (17-a)."""
    new = _asked(sent, caller, own_customer(caller))
    now = work.clock.business_now()
    await work.audit("register_ticket", details={"kind": sent.kind, "product": sent.product})
    ticket = await register_ticket(work.tx, new, now)
    show_etag(response, ticket.revision)
    return await ticket_shown(work.tx, ticket, now)


@router.post("/customers/{customer_id}/tickets", status_code=201, dependencies=[Depends(calls_held_back)])
async def register_call(
    customer_id: UUID, sent: schemas.NewCall, work: Work, caller: Agent, response: Response
) -> schemas.StaffTicket:
    """Records what a customer asks on the telephone, within opening hours (13.6-a)."""
    new = _asked(sent, caller, customer_id)
    now = work.clock.business_now()
    await work.audit("register_call", customer_id=customer_id, details={"kind": sent.kind})
    ticket = await register_ticket(work.tx, new, now)
    if sent.answered_at_once:
        ticket = await take_in_charge(work.tx, customer_id, ticket.ticket_id, caller.person_id, now)
    show_etag(response, ticket.revision)
    return await staff_ticket(work.tx, ticket, now)


def _asked(sent: schemas.NewTicket, caller: Caller, customer_id: UUID) -> NewTicket:
    described, contact = sent.description, sent.contact
    return NewTicket(
        customer_id=customer_id,
        kind=sent.kind,
        channel=_channel(caller),
        description=Description(
            described.subject,
            described.context,
            described.error_message,
            tuple(described.menu_path),
            described.feature,
        ),
        contact=Contact(
            None if caller.is_publisher or caller.role is Role.partner else caller.person_id,
            contact.name,
            contact.email,
            contact.phone,
        ),
        product=sent.product,
        company_id=own_company(caller, sent.company_id),
        urgency=sent.urgency,
        concern=sent.concern,
        registered_by=caller.person_id,
        of_a_company=caller.role in COMPANY_ROLES,
    )


def _channel(caller: Caller) -> Channel:
    if caller.role is Role.partner:
        return Channel.api
    return Channel.telephone if caller.is_publisher else Channel.portal
