"""Agents make themselves known, take what the contract wants served first, and pass tickets on (13.9-a)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from services.ticketing.commands.handling import take_in_charge
from services.ticketing.commands.happening import happened
from services.ticketing.model.queue import Agent
from services.ticketing.model.tickets import (
    CUSTOMER_SERVICE_QUEUE,
    PORTAL_QUEUE,
    Happening,
    Ticket,
    TicketState,
)
from services.ticketing.refusals.queue import AgentUnknown, QueueEmpty
from services.ticketing.refusals.tickets import ProductUnknown, TicketClosedAlready
from services.ticketing.rules.queue import may_assign, may_hand_over
from services.ticketing.store import queue as store
from services.ticketing.store.tickets import lock_ticket

OF_NO_PRODUCT = frozenset({PORTAL_QUEUE, CUSTOMER_SERVICE_QUEUE})


async def introduce(tx: Tx, agent: Agent, now: datetime) -> Agent:
    """An agent says who it is, which queues it serves in which order, and whether it is there.

    Raises ProductUnknown for a queue that cannot be.
    """
    known = OF_NO_PRODUCT | await store.list_products_among(tx, agent.queues)
    unknown = [queue for queue in agent.queues if queue not in known]
    if unknown:
        raise ProductUnknown(detail=unknown[0])
    await store.save_agent(tx, agent, now)
    return agent


async def take_next(
    tx: Tx, queues: Sequence[str], by: UUID, now: datetime, *, take_charge: bool = True
) -> Ticket:
    """Assigns to an agent what is to be served first in the first of these queues that holds anything.

    Unless told otherwise the agent takes it in charge by that: a technician begins with it (13.2-d). Two
    agents never get the same ticket: one that another is taking is passed over. Without queues: those of the
    agent, in its order; of one that serves all, the queue first in which something is due next. Raises
    QueueEmpty.
    """
    for queue in queues or await _queues_of(tx, by):
        place = await store.claim_next(tx, queue)
        if place is not None:
            ticket = await lock_ticket(tx, *place)
            return await _begin(tx, ticket, by, now, take_charge=take_charge)
    raise QueueEmpty


async def assign(
    tx: Tx, customer_id: UUID, ticket_id: UUID, to: UUID, by: UUID, now: datetime, *, is_administrator: bool
) -> Ticket:
    """Gives a ticket to an agent: to oneself what nobody has, to anybody as an administrator."""
    ticket = await _open_ticket(tx, customer_id, ticket_id)
    may_assign(ticket.assigned_to, by, is_administrator=is_administrator)
    await _require_agent(tx, to, by)
    return await _given(tx, ticket, to, Happening.assigned, by, now)


async def hand_over(
    tx: Tx,
    customer_id: UUID,
    ticket_id: UUID,
    to: UUID | None,
    note: str,
    by: UUID,
    now: datetime,
    *,
    is_administrator: bool,
) -> Ticket:
    """Passes a ticket on to another agent, or back to its queue, with what the next one must know."""
    ticket = await _open_ticket(tx, customer_id, ticket_id)
    may_hand_over(ticket.assigned_to, by, is_administrator=is_administrator)
    if to is None:
        return await _given(tx, ticket, None, Happening.released, by, now, note)
    await _require_agent(tx, to, by)
    return await _given(tx, ticket, to, Happening.handed_over, by, now, note)


async def _queues_of(tx: Tx, by: UUID) -> Sequence[str]:
    agent = await store.find_agent(tx, by)
    return agent.queues if agent and agent.queues else await store.list_queues(tx)


async def _begin(tx: Tx, ticket: Ticket, by: UUID, now: datetime, *, take_charge: bool) -> Ticket:
    given = await _given(tx, ticket, by, Happening.assigned, by, now)
    if take_charge and ticket.state is TicketState.registered:
        return await take_in_charge(tx, ticket.customer_id, ticket.ticket_id, by, now)
    return given


async def _open_ticket(tx: Tx, customer_id: UUID, ticket_id: UUID) -> Ticket:
    ticket = await lock_ticket(tx, customer_id, ticket_id)
    if ticket.state is TicketState.closed:
        raise TicketClosedAlready
    return ticket


async def _require_agent(tx: Tx, to: UUID, by: UUID) -> None:
    agent = await store.find_agent(tx, to)
    if to != by and (agent is None or not agent.present):
        raise AgentUnknown


async def _given(
    tx: Tx,
    ticket: Ticket,
    to: UUID | None,
    what: Happening,
    by: UUID,
    now: datetime,
    note: str = "",
) -> Ticket:
    assigned = replace(ticket, assigned_to=to, assigned_at=now if to else None)
    told = {"to": str(to) if to else None, "note": note}
    return await happened(tx, assigned, what, by, told, now)
