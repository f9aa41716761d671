"""What technicians do with a ticket, from taking it in charge to closing it, as its customer may too."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.events import Event
from services.ticketing.commands.assistance import cancel_ahead
from services.ticketing.commands.happening import happened, record
from services.ticketing.commands.saying import Recorded, said_of
from services.ticketing.model.handling import Finding, Leaving, Qualification
from services.ticketing.model.tickets import Happening, SetApart, Ticket
from services.ticketing.rules import handling as rules
from services.ticketing.store import tickets
from services.ticketing.store.heard import find_product


async def take_in_charge(tx: Tx, customer_id: UUID, ticket_id: UUID, by: UUID, now: datetime) -> Ticket:
    """A technician takes a ticket in charge (13.2-e); it is its own when nobody else's.

    Raises TicketUnknown, TicketClosedAlready and TakenInChargeAlready.
    """
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_take_in_charge(ticket)
    taken = await _taken(tx, ticket, by, now)
    await tx.emit_many(said_of(taken))
    return taken.ticket


async def _taken(tx: Tx, ticket: Ticket, by: UUID, now: datetime) -> Recorded:
    if ticket.assigned_to is None:
        ticket = replace(ticket, assigned_to=by, assigned_at=now)
    return await record(tx, ticket, Happening.taken_in_charge, by, {}, now)


async def qualify(
    tx: Tx, customer_id: UUID, ticket_id: UUID, qualification: Qualification, by: UUID, now: datetime
) -> Ticket:
    """Says how grave an anomaly is, or that it is none, which leaves the ticket out (1-a to 1-d, 13.3-a)."""
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_qualify(ticket)
    return await _found(tx, ticket, qualification, Happening.qualified, by, now)


async def requalify(
    tx: Tx, customer_id: UUID, ticket_id: UUID, qualification: Qualification, by: UUID, now: datetime
) -> Ticket:
    """Says so anew, with the reason: a new clock, and an earlier miss stays (R3)."""
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_requalify(ticket, qualification)
    return await _found(tx, ticket, qualification, Happening.requalified, by, now)


async def _found(
    tx: Tx, ticket: Ticket, qualification: Qualification, what: Happening, by: UUID, now: datetime
) -> Ticket:
    product = await find_product(tx, ticket.product) if ticket.product else None
    finding = rules.finding_of(qualification, ticket, product)
    if isinstance(finding, Leaving):
        return await _leave(tx, ticket, finding, by, now)
    essential = rules.is_essential(qualification, ticket, product)
    told = _told(replace(qualification, essential=essential), finding)
    qualified = await record(tx, ticket, what, by, told, now)
    await tx.emit_many(said_of(qualified))
    return qualified.ticket


def _told(qualification: Qualification, finding: Finding) -> dict[str, Any]:
    return asdict(qualification) | {"criticality": finding}


async def reproduce(tx: Tx, customer_id: UUID, ticket_id: UUID, by: UUID, now: datetime) -> Ticket:
    """The publisher saw the anomaly itself (13.3-a)."""
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_reproduce(ticket)
    return await happened(tx, ticket, Happening.reproduced, by, {}, now)


async def provide_plan(
    tx: Tx, customer_id: UUID, ticket_id: UUID, plan: str, by: UUID, now: datetime
) -> Ticket:
    """Gives the customer the corrective action plan of an anomaly of criticality 1 (13.3-b)."""
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_provide_plan(ticket)
    provided = await record(tx, ticket, Happening.plan_provided, by, {"explanation": plan}, now)
    await tx.emit_many(said_of(provided))
    return provided.ticket


async def provide_fix(
    tx: Tx,
    customer_id: UUID,
    ticket_id: UUID,
    *,
    workaround: bool,
    explanation: str,
    by: UUID,
    now: datetime,
) -> Ticket:
    """Gives the customer a correction or a workaround (13.3-c)."""
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_provide_fix(ticket)
    told = {"workaround": workaround, "explanation": explanation}
    provided = await record(tx, ticket, Happening.fix_provided, by, told, now)
    await tx.emit_many(said_of(provided))
    return provided.ticket


async def begin_wait(tx: Tx, ticket: Ticket, by: UUID | None, now: datetime) -> Ticket:
    """A ticket that is locked waits for its customer from now on (R3)."""
    rules.may_begin_wait(ticket)
    return await happened(tx, ticket, Happening.wait_began, by, {}, now)


async def end_wait(tx: Tx, ticket: Ticket, by: UUID | None, now: datetime) -> Ticket:
    """A ticket that is locked waits no longer (R3)."""
    rules.may_end_wait(ticket)
    return await happened(tx, ticket, Happening.wait_ended, by, {}, now)


async def leave_out(
    tx: Tx, customer_id: UUID, ticket_id: UUID, leaving: Leaving, by: UUID, now: datetime
) -> Ticket:
    """Says that what was asked is no ticket in the contract's sense, and why (13.2-b).

    That is a technician's answer: a ticket nobody had taken is taken in charge by it (13.2-d).
    """
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    return await _leave(tx, ticket, leaving, by, now)


async def _leave(tx: Tx, ticket: Ticket, leaving: Leaving, by: UUID, now: datetime) -> Ticket:
    rules.may_leave_out(ticket, leaving)
    events: list[Event] = []
    if ticket.taken_in_charge_at is None:
        taken = await _taken(tx, ticket, by, now)
        ticket = taken.ticket
        events += said_of(taken)
    left = await record(tx, ticket, Happening.left_out, by, asdict(leaving), now)
    await tx.emit_many([*events, *said_of(left)])
    return left.ticket


async def withdraw_leaving_out(
    tx: Tx, customer_id: UUID, ticket_id: UUID, explanation: str, by: UUID, now: datetime
) -> Ticket:
    """Says that it is a ticket after all, and why; the clock that leaving it out stopped never stopped (R9).

    Raises TicketUnknown and NotLeftOut.
    """
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_withdraw_leaving_out(ticket)
    told = {"explanation": explanation}
    withdrawn = await record(tx, ticket, Happening.leaving_out_withdrawn, by, told, now)
    await tx.emit_many(said_of(withdrawn))
    return withdrawn.ticket


async def set_apart(
    tx: Tx, customer_id: UUID, ticket_id: UUID, explanation: str, by: UUID, now: datetime
) -> Ticket:
    """Sets a ticket apart from the 75 %: the customer did not meet its own duty, and this is which (R9)."""
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_set_apart(ticket)
    told = {"set_apart": SetApart.duty_not_met, "explanation": explanation}
    return await happened(tx, ticket, Happening.set_apart, by, told, now)


async def withdraw_setting_apart(
    tx: Tx, customer_id: UUID, ticket_id: UUID, explanation: str, by: UUID, now: datetime
) -> Ticket:
    """Says that the customer had met its duty, and why (R9). Raises TicketUnknown and NotSetApart."""
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_withdraw_setting_apart(ticket)
    told = {"explanation": explanation}
    return await happened(tx, ticket, Happening.setting_apart_withdrawn, by, told, now)


async def close(
    tx: Tx, customer_id: UUID, ticket_id: UUID, by: UUID | None, now: datetime, *, by_customer: bool = False
) -> Ticket:
    """Closes a ticket for good; its customer may also where an answer is still owed. Remote assistance that
    is booked for it and has not begun is cancelled.
    """
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_close(ticket, by_customer=by_customer)
    ticket = await cancel_ahead(tx, ticket, by, now)
    closed = await record(tx, ticket, Happening.closed, by, {"by_customer": by_customer}, now)
    await tx.emit_many(said_of(closed))
    return closed.ticket
