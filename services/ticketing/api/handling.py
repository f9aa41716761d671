"""What technicians do with a ticket. Where two may judge differently, the second learns that it is second."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from chassis.preconditions import IfMatch, Precondition, show_etag
from chassis.unit import UnitOfWork, Work
from services.ticketing.api.permissions import Agent
from services.ticketing.api.shapes import staff_ticket
from services.ticketing.commands import handling as commands
from services.ticketing.model.tickets import Ticket
from services.ticketing.schemas import handling as sent_shapes
from services.ticketing.schemas.tickets import StaffTicket
from services.ticketing.store.tickets import lock_ticket

router = APIRouter(prefix="/customers/{customer_id}/tickets/{ticket_id}", tags=["handling"])
ROUTERS = [router]

OfCustomer = Annotated[UUID, Path(description="The customer whose ticket it is.")]


@router.post("/take-charge")
async def take_ticket_in_charge(
    customer_id: OfCustomer, ticket_id: UUID, work: Work, caller: Agent, response: Response
) -> StaffTicket:
    """A technician takes the ticket in charge: the clock of article 13.2 ends (13.2-e)."""
    now = await _noted(work, "take_ticket_in_charge", customer_id, ticket_id)
    ticket = await commands.take_in_charge(work.tx, customer_id, ticket_id, caller.person_id, now)
    return await _shown(work, ticket, response)


@router.post("/qualification")
async def qualify_ticket(
    customer_id: OfCustomer,
    ticket_id: UUID,
    sent: sent_shapes.Qualification,
    work: Work,
    caller: Agent,
    seen: IfMatch,
    response: Response,
) -> StaffTicket:
    """Says how grave the anomaly is, from five facts; or that it is none, which leaves it out (1-a)."""
    now = await _noted(work, "qualify_ticket", customer_id, ticket_id, seen)
    told = sent.as_told()
    ticket = await commands.qualify(work.tx, customer_id, ticket_id, told, caller.person_id, now)
    return await _shown(work, ticket, response)


@router.post("/requalification")
async def requalify_ticket(
    customer_id: OfCustomer,
    ticket_id: UUID,
    sent: sent_shapes.Qualification,
    work: Work,
    caller: Agent,
    seen: IfMatch,
    response: Response,
) -> StaffTicket:
    """Says so anew, with its reason: a new clock starts, and an earlier miss stays (R3)."""
    now = await _noted(work, "requalify_ticket", customer_id, ticket_id, seen)
    told = sent.as_told()
    ticket = await commands.requalify(work.tx, customer_id, ticket_id, told, caller.person_id, now)
    return await _shown(work, ticket, response)


@router.post("/reproduction")
async def reproduce_ticket(
    customer_id: OfCustomer, ticket_id: UUID, work: Work, caller: Agent, response: Response
) -> StaffTicket:
    """The publisher saw the anomaly itself (13.3-a)."""
    now = await _noted(work, "reproduce_ticket", customer_id, ticket_id)
    ticket = await commands.reproduce(work.tx, customer_id, ticket_id, caller.person_id, now)
    return await _shown(work, ticket, response)


@router.post("/corrective-plan")
async def provide_corrective_plan(
    customer_id: OfCustomer,
    ticket_id: UUID,
    sent: sent_shapes.CorrectivePlan,
    work: Work,
    caller: Agent,
    response: Response,
) -> StaffTicket:
    """Gives the customer the corrective action plan of an anomaly of criticality 1 (13.3-b)."""
    now = await _noted(work, "provide_corrective_plan", customer_id, ticket_id)
    ticket = await commands.provide_plan(work.tx, customer_id, ticket_id, sent.plan, caller.person_id, now)
    return await _shown(work, ticket, response)


@router.post("/fix")
async def provide_fix(
    customer_id: OfCustomer,
    ticket_id: UUID,
    sent: sent_shapes.Fix,
    work: Work,
    caller: Agent,
    response: Response,
) -> StaffTicket:
    """Gives the customer a correction or a workaround (13.3-c)."""
    now = await _noted(work, "provide_fix", customer_id, ticket_id)
    ticket = await commands.provide_fix(
        work.tx,
        customer_id,
        ticket_id,
        workaround=sent.workaround,
        explanation=sent.explanation,
        by=caller.person_id,
        now=now,
    )
    return await _shown(work, ticket, response)


@router.post("/wait")
async def begin_wait(
    customer_id: OfCustomer, ticket_id: UUID, work: Work, caller: Agent, response: Response
) -> StaffTicket:
    """The ticket waits for its customer; that time is shown beside the verdict, which is gross (R3)."""
    now = await _noted(work, "begin_wait", customer_id, ticket_id)
    locked = await lock_ticket(work.tx, customer_id, ticket_id)
    ticket = await commands.begin_wait(work.tx, locked, caller.person_id, now)
    return await _shown(work, ticket, response)


@router.post("/wait-end")
async def end_wait(
    customer_id: OfCustomer, ticket_id: UUID, work: Work, caller: Agent, response: Response
) -> StaffTicket:
    """The customer answered (R3)."""
    now = await _noted(work, "end_wait", customer_id, ticket_id)
    locked = await lock_ticket(work.tx, customer_id, ticket_id)
    ticket = await commands.end_wait(work.tx, locked, caller.person_id, now)
    return await _shown(work, ticket, response)


@router.post("/leaving-out")
async def leave_out_ticket(
    customer_id: OfCustomer,
    ticket_id: UUID,
    sent: sent_shapes.LeavingOut,
    work: Work,
    caller: Agent,
    seen: IfMatch,
    response: Response,
) -> StaffTicket:
    """What was asked is no ticket in the contract's sense: why, and what can be asked instead (13.2-b)."""
    now = await _noted(work, "leave_out_ticket", customer_id, ticket_id, seen)
    leaving = sent.as_told()
    ticket = await commands.leave_out(work.tx, customer_id, ticket_id, leaving, caller.person_id, now)
    return await _shown(work, ticket, response)


@router.post("/leaving-out/withdrawal")
async def withdraw_leaving_out(
    customer_id: OfCustomer,
    ticket_id: UUID,
    sent: sent_shapes.Withdrawal,
    work: Work,
    caller: Agent,
    seen: IfMatch,
    response: Response,
) -> StaffTicket:
    """It is a ticket after all, also once closed: it counts, and its clocks never stopped for it (R9)."""
    now = await _noted(work, "withdraw_leaving_out", customer_id, ticket_id, seen)
    ticket = await commands.withdraw_leaving_out(
        work.tx, customer_id, ticket_id, sent.explanation, caller.person_id, now
    )
    return await _shown(work, ticket, response)


@router.post("/setting-apart")
async def set_ticket_apart(
    customer_id: OfCustomer,
    ticket_id: UUID,
    sent: sent_shapes.SettingApart,
    work: Work,
    caller: Agent,
    seen: IfMatch,
    response: Response,
) -> StaffTicket:
    """The customer did not meet its own duty: the ticket is set apart from the 75 % (13.2-g, R9)."""
    now = await _noted(work, "set_ticket_apart", customer_id, ticket_id, seen)
    ticket = await commands.set_apart(
        work.tx, customer_id, ticket_id, sent.explanation, caller.person_id, now
    )
    return await _shown(work, ticket, response)


@router.post("/setting-apart/withdrawal")
async def withdraw_setting_apart(
    customer_id: OfCustomer,
    ticket_id: UUID,
    sent: sent_shapes.Withdrawal,
    work: Work,
    caller: Agent,
    seen: IfMatch,
    response: Response,
) -> StaffTicket:
    """The customer had met its duty after all: the ticket counts, also once closed (13.2-g, R9)."""
    now = await _noted(work, "withdraw_setting_apart", customer_id, ticket_id, seen)
    ticket = await commands.withdraw_setting_apart(
        work.tx, customer_id, ticket_id, sent.explanation, caller.person_id, now
    )
    return await _shown(work, ticket, response)


@router.post("/closing")
async def close_ticket(
    customer_id: OfCustomer, ticket_id: UUID, work: Work, caller: Agent, seen: IfMatch, response: Response
) -> StaffTicket:
    """Nothing more is to be done."""
    now = await _noted(work, "close_ticket", customer_id, ticket_id, seen)
    ticket = await commands.close(work.tx, customer_id, ticket_id, caller.person_id, now)
    return await _shown(work, ticket, response)


async def _noted(
    work: UnitOfWork, action: str, customer_id: UUID, ticket_id: UUID, seen: Precondition | None = None
) -> datetime:
    """The instant of a deed, which the trail has; with `seen`, of one about the ticket that the caller saw.

    It is read once the ticket is locked: what others did to it or said of its clocks until then came before.
    """
    ticket = await lock_ticket(work.tx, customer_id, ticket_id)
    if seen is not None:
        seen.require(ticket.revision)
    await work.audit(action, subject=ticket_id, customer_id=customer_id)
    return work.clock.business_now()


async def _shown(work: UnitOfWork, ticket: Ticket, response: Response) -> StaffTicket:
    show_etag(response, ticket.revision)
    return await staff_ticket(work.tx, ticket, work.clock.business_now())
