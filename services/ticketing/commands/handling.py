"""What technicians do with a ticket, from taking it in charge to closing it; a customer closes its own too."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.events.ticketing import (
    AnomalyQualified,
    CorrectivePlanProvided,
    FixProvided,
    TicketClosed,
    TicketLeftOut,
    TicketTakenInCharge,
)
from services.ticketing.commands.happening import Recorded, happened, record
from services.ticketing.commands.registration import named
from services.ticketing.model.clocks import Criticality
from services.ticketing.model.handling import Finding, Leaving, Qualification
from services.ticketing.model.histories import ClockReading, ClockState
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
    await tx.emit(taken_in_charge(taken))
    return taken.ticket


async def _taken(tx: Tx, ticket: Ticket, by: UUID, now: datetime) -> Recorded:
    if ticket.assigned_to is None:
        ticket = replace(ticket, assigned_to=by, assigned_at=now)
    return await record(tx, ticket, Happening.taken_in_charge, by, {}, now)


def taken_in_charge(taken: Recorded) -> TicketTakenInCharge:
    """What is said of a ticket just taken in charge."""
    clock = taken.clocks[0] if taken.clocks else None
    return TicketTakenInCharge(
        **named(taken.ticket),
        taken_by=taken.ticket.taken_by or UUID(int=0),
        taken_in_charge_at=taken.at,
        elapsed_open_seconds=clock.elapsed_seconds if clock else None,
        kept=clock.row.state is ClockState.kept if clock else None,
    )


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
    await tx.emit(
        AnomalyQualified(
            **named(ticket),
            criticality=finding.value,
            qualified_at=qualified.at,
            requalified=what is Happening.requalified,
            correction_due_at=_owed_at(qualified),
        )
    )
    return qualified.ticket


def _told(qualification: Qualification, finding: Finding) -> dict[str, Any]:
    return asdict(qualification) | {"criticality": finding}


def _owed_at(qualified: Recorded) -> datetime | None:
    """When the answer is due; None before the anomaly is reproduced, and for criticality 3."""
    last = qualified.clocks[-1]
    return last.due_at if last.row.starts_at == qualified.at and last.row.number > 1 else None


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
    provided = await record(tx, ticket, Happening.plan_provided, by, {"plan": plan}, now)
    clock = provided.clocks[-1]
    await tx.emit(
        CorrectivePlanProvided(
            **named(ticket),
            provided_at=provided.at,
            elapsed_open_seconds=clock.elapsed_seconds,
            kept=clock.row.state is ClockState.kept,
        )
    )
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
    clock = _answered(ticket, provided)
    await tx.emit(
        FixProvided(
            **named(ticket),
            workaround=workaround,
            provided_at=provided.at,
            elapsed_open_seconds=clock.elapsed_seconds if clock else None,
            kept=clock.row.state is ClockState.kept if clock else None,
        )
    )
    return provided.ticket


def _answered(before: Ticket, provided: Recorded) -> ClockReading | None:
    """The clock that a fix ended: none for criticality 3, nor where the plan was the answer."""
    if before.criticality is Criticality.three or before.provided_at is not None:
        return None
    return provided.clocks[-1]


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
    events: list[TicketTakenInCharge | TicketLeftOut] = []
    if ticket.taken_in_charge_at is None:
        taken = await _taken(tx, ticket, by, now)
        ticket = taken.ticket
        events.append(taken_in_charge(taken))
    left = await record(tx, ticket, Happening.left_out, by, asdict(leaving), now)
    events.append(TicketLeftOut(**named(ticket), reason=leaving.left_out.value, left_out_at=left.at))
    await tx.emit_many(events)
    return left.ticket


async def set_apart(
    tx: Tx, customer_id: UUID, ticket_id: UUID, explanation: str, by: UUID, now: datetime
) -> Ticket:
    """Sets a ticket apart from the 75 %: the customer did not meet its own duty, and this is which (R9)."""
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_set_apart(ticket)
    told = {"set_apart": SetApart.duty_not_met, "explanation": explanation}
    return await happened(tx, ticket, Happening.set_apart, by, told, now)


async def close(
    tx: Tx, customer_id: UUID, ticket_id: UUID, by: UUID | None, now: datetime, *, by_customer: bool = False
) -> Ticket:
    """Closes a ticket for good; its customer may also where an answer is still owed."""
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    rules.may_close(ticket, by_customer=by_customer)
    closed = await record(tx, ticket, Happening.closed, by, {"by_customer": by_customer}, now)
    await tx.emit(TicketClosed(**named(ticket), closed_at=closed.at))
    return closed.ticket
