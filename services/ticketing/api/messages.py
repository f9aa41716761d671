"""Customer and support write to each other about a ticket; notes are support's own."""

from uuid import UUID

from fastapi import APIRouter

from chassis.auth import Caller, Role
from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, PageRequest, Paging, page_of
from chassis.unit import Read, UnitOfWork, Work
from services.ticketing.api.permissions import (
    Agent,
    StaffReader,
    TicketReader,
    TicketWriter,
    own_customer,
)
from services.ticketing.commands import messages as commands
from services.ticketing.model.messages import NewMessage, Side
from services.ticketing.model.tickets import Channel
from services.ticketing.refusals.tickets import TicketUnknown
from services.ticketing.schemas.messages import (
    CustomerMessage,
    MessageShown,
    SupportMessage,
    message_shown,
)
from services.ticketing.store import messages as store
from services.ticketing.store.queue import find_agent
from services.ticketing.store.tickets import find_ticket, lock_ticket

creating = APIRouter(tags=["conversation"], route_class=IdempotentRoute)
router = APIRouter(tags=["conversation"])
ROUTERS = [creating, router]


@creating.post("/tickets/{ticket_id}/messages", status_code=201)
async def write_to_support(
    ticket_id: UUID, sent: CustomerMessage, work: Work, caller: TicketWriter
) -> MessageShown:
    """Writes about a ticket. What waited for the customer waits no longer; about a closed ticket another one
    is opened, which goes on from it.
    """
    ticket = await lock_ticket(work.tx, own_customer(caller), ticket_id)
    channel = Channel.api if caller.role is Role.partner else Channel.portal
    new = NewMessage(Side.customer, sent.text, caller.person_id, None, channel)
    await work.audit("write_to_support", subject=ticket_id)
    _, message = await commands.customer_writes(work.tx, ticket, new, work.clock.business_now())
    return message_shown(message)


@router.get("/tickets/{ticket_id}/messages")
async def list_own_messages(
    ticket_id: UUID, work: Read, caller: TicketReader, paging: Paging
) -> Page[MessageShown]:
    """What was said about a ticket, in its order."""
    return await _listed(work, own_customer(caller), ticket_id, paging, with_notes=False)


@creating.post("/customers/{customer_id}/tickets/{ticket_id}/messages", status_code=201)
async def write_to_customer(
    customer_id: UUID, ticket_id: UUID, sent: SupportMessage, work: Work, caller: Agent
) -> MessageShown:
    """Answers the customer, who gets it by mail too, or notes something for colleagues. An answer to a ticket
    that nobody has taken is its take-charge (13.2-d).
    """
    name = await _name(work, caller)
    new = NewMessage(Side.support, sent.text, caller.person_id, name, Channel.portal, sent.internal)
    action = "note_on_ticket" if sent.internal else "write_to_customer"
    await work.audit(action, subject=ticket_id, customer_id=customer_id)
    _, message = await commands.support_writes(
        work.tx,
        customer_id,
        ticket_id,
        new,
        caller.person_id,
        work.clock.business_now(),
        wait=sent.wait_for_customer,
    )
    return message_shown(message)


@router.get("/customers/{customer_id}/tickets/{ticket_id}/messages")
async def list_messages(
    customer_id: UUID, ticket_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[MessageShown]:
    """What was said about a ticket, notes included, in its order."""
    return await _listed(work, customer_id, ticket_id, paging, with_notes=True)


async def _name(work: UnitOfWork, caller: Caller) -> str | None:
    agent = await find_agent(work.tx, caller.person_id)
    return agent.name if agent else None


async def _listed(
    work: UnitOfWork, customer_id: UUID, ticket_id: UUID, paging: PageRequest, *, with_notes: bool
) -> Page[MessageShown]:
    if await find_ticket(work.tx, customer_id, ticket_id) is None:
        raise TicketUnknown
    after = paging.after(int) or (0,)
    rows = await store.list_messages(
        work.tx, customer_id, ticket_id, min(after[0], 2**31 - 1), paging.rows, with_notes=with_notes
    )
    return page_of(rows, paging, message_shown, lambda message: [message.number])
