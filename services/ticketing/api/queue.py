"""The support's agents at their queues: they see what waits, take the next, assign and hand over (13.9-a)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from chassis.auth import Role
from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.unit import Read, Work
from services.ticketing.api.permissions import Agent as AgentCaller
from services.ticketing.api.permissions import StaffReader
from services.ticketing.commands import queue as commands
from services.ticketing.model.queue import Agent
from services.ticketing.model.tickets import Ticket
from services.ticketing.schemas import queue as schemas
from services.ticketing.store import queue as store

creating = APIRouter(tags=["queues"], route_class=IdempotentRoute)
router = APIRouter(tags=["queues"])
ROUTERS = [creating, router]

FIRST = ("", UUID(int=0))


@router.put("/agents/me")
async def introduce_oneself(
    sent: schemas.Introduction, work: Work, caller: AgentCaller
) -> schemas.AgentShown:
    """An agent says its name, the queues it serves, in its order, and whether tickets may be given to it."""
    agent = Agent(caller.person_id, sent.name, tuple(sent.queues), sent.present)
    await commands.introduce(work.tx, agent, work.clock.business_now())
    return _agent(agent)


@router.get("/agents")
async def list_agents(work: Read, _caller: AgentCaller, paging: Paging) -> Page[schemas.AgentShown]:
    """The agents that made themselves known, by name."""
    after = paging.after(str, UUID) or FIRST
    rows = await store.list_agents(work.tx, (after[0], after[1]), paging.rows)
    return page_of(rows, paging, _agent, lambda agent: [agent.name, agent.person_id])


@router.get("/queues")
async def list_queues(work: Read, _caller: StaffReader) -> schemas.QueuesShown:
    """Every queue in which something waits for an agent, and how it stands."""
    standings = await store.list_standings(work.tx, work.clock.business_now())
    items = [schemas.QueueShown.model_validate(one, from_attributes=True) for one in standings]
    return schemas.QueuesShown(items=items)


@router.get("/queues/{queue}")
async def read_queue(
    queue: Annotated[schemas.QueueName, Path(examples=["devis-factures"])],
    work: Read,
    _caller: StaffReader,
    limit: Annotated[int, Query(ge=1, le=schemas.MAX_WAITING, description="How many at most.")] = 50,
) -> schemas.QueueTickets:
    """What waits in a queue, first to be served first. Support that is suspended stands still."""
    rows = await store.list_waiting(work.tx, queue, limit)
    return schemas.QueueTickets(items=[_waiting(ticket) for ticket in rows])


@creating.post("/queues/next", responses={404: {"description": "Nothing waits."}})
async def take_next(sent: schemas.Taking, work: Work, caller: AgentCaller) -> schemas.QueueTicket:
    """Gives the caller what is to be served first. Two agents never get the same ticket."""
    now = work.clock.business_now()
    ticket = await commands.take_next(
        work.tx, sent.queues, caller.person_id, now, take_charge=sent.take_charge
    )
    await work.audit("take_next", subject=ticket.ticket_id, customer_id=ticket.customer_id)
    return _waiting(ticket)


@router.post("/customers/{customer_id}/tickets/{ticket_id}/assignment")
async def assign_ticket(
    customer_id: UUID, ticket_id: UUID, sent: schemas.Assignment, work: Work, caller: AgentCaller
) -> schemas.QueueTicket:
    """Gives a ticket to an agent: to oneself or another what nobody has; any, as an administrator."""
    ticket = await commands.assign(
        work.tx,
        customer_id,
        ticket_id,
        sent.to,
        caller.person_id,
        work.clock.business_now(),
        is_administrator=caller.role is Role.publisher_admin,
    )
    await work.audit("assign_ticket", subject=ticket_id, customer_id=customer_id, details={"to": sent.to})
    return _waiting(ticket)


@router.post("/customers/{customer_id}/tickets/{ticket_id}/handover")
async def hand_over_ticket(
    customer_id: UUID, ticket_id: UUID, sent: schemas.Handover, work: Work, caller: AgentCaller
) -> schemas.QueueTicket:
    """Passes a ticket on to another agent, or back to its queue, with what the next one must know."""
    ticket = await commands.hand_over(
        work.tx,
        customer_id,
        ticket_id,
        sent.to,
        sent.note,
        caller.person_id,
        work.clock.business_now(),
        is_administrator=caller.role is Role.publisher_admin,
    )
    await work.audit("hand_over_ticket", subject=ticket_id, customer_id=customer_id, details={"to": sent.to})
    return _waiting(ticket)


def _agent(agent: Agent) -> schemas.AgentShown:
    return schemas.AgentShown(
        person_id=agent.person_id, name=agent.name, queues=list(agent.queues), present=agent.present
    )


def _waiting(ticket: Ticket) -> schemas.QueueTicket:
    return schemas.QueueTicket(
        customer_id=ticket.customer_id,
        ticket_id=ticket.ticket_id,
        reference=ticket.reference,
        queue=ticket.queue,
        kind=ticket.kind,
        plan=ticket.plan,
        state=ticket.state,
        subject=ticket.description.subject,
        criticality=ticket.criticality,
        urgency=ticket.urgency,
        registered_at=ticket.registered_at,
        nearest_due_at=ticket.nearest_due_at,
        assigned_to=ticket.assigned_to,
        revision=ticket.revision,
    )
