"""What technicians do with a ticket. Where two may judge differently, the second learns that it is second."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from chassis.db import Tx
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


@dataclass(frozen=True, slots=True)
class Deed:
    """A technician is about to do something with a ticket: the one that was seen, where `seen` says so."""

    work: UnitOfWork
    customer_id: UUID
    ticket_id: UUID
    by: UUID
    response: Response
    seen: Precondition | None = None

    @property
    def place(self) -> tuple[Tx, UUID, UUID]:
        """How commands are told which ticket."""
        return self.work.tx, self.customer_id, self.ticket_id

    async def noted(self, action: str) -> datetime:
        """The instant of the deed, which the trail has.

        It is read once the ticket is locked: what others did to it or said of its clocks until then came
        before.
        """
        ticket = await lock_ticket(*self.place)
        if self.seen is not None:
            self.seen.require(ticket.revision)
        await self.work.audit(action, subject=self.ticket_id, customer_id=self.customer_id)
        return self.work.clock.business_now()

    async def shown(self, ticket: Ticket) -> StaffTicket:
        """The ticket as it is after."""
        show_etag(self.response, ticket.revision)
        return await staff_ticket(self.work.tx, ticket, self.work.clock.business_now())


async def _any(
    customer_id: OfCustomer, ticket_id: UUID, work: Work, caller: Agent, response: Response
) -> Deed:
    return Deed(work, customer_id, ticket_id, caller.person_id, response)


AnyDeed = Annotated[Deed, Depends(_any)]


async def _of_what_was_seen(deed: AnyDeed, seen: IfMatch) -> Deed:
    return replace(deed, seen=seen)


SeenDeed = Annotated[Deed, Depends(_of_what_was_seen)]


@router.post("/take-charge")
async def take_ticket_in_charge(deed: AnyDeed) -> StaffTicket:
    """A technician takes the ticket in charge: the clock of article 13.2 ends (13.2-e)."""
    now = await deed.noted("take_ticket_in_charge")
    return await deed.shown(await commands.take_in_charge(*deed.place, deed.by, now))


@router.post("/qualification")
async def qualify_ticket(sent: sent_shapes.Qualification, deed: SeenDeed) -> StaffTicket:
    """Says how grave the anomaly is, from five facts; or that it is none, which leaves it out (1-a)."""
    now = await deed.noted("qualify_ticket")
    return await deed.shown(await commands.qualify(*deed.place, sent.as_told(), deed.by, now))


@router.post("/requalification")
async def requalify_ticket(sent: sent_shapes.Qualification, deed: SeenDeed) -> StaffTicket:
    """Says so anew, with its reason: a new clock starts, and an earlier miss stays (R3)."""
    now = await deed.noted("requalify_ticket")
    return await deed.shown(await commands.requalify(*deed.place, sent.as_told(), deed.by, now))


@router.post("/reproduction")
async def reproduce_ticket(deed: AnyDeed) -> StaffTicket:
    """The publisher saw the anomaly itself (13.3-a)."""
    now = await deed.noted("reproduce_ticket")
    return await deed.shown(await commands.reproduce(*deed.place, deed.by, now))


@router.post("/corrective-plan")
async def provide_corrective_plan(sent: sent_shapes.CorrectivePlan, deed: AnyDeed) -> StaffTicket:
    """Gives the customer the corrective action plan of an anomaly of criticality 1 (13.3-b)."""
    now = await deed.noted("provide_corrective_plan")
    return await deed.shown(await commands.provide_plan(*deed.place, sent.plan, deed.by, now))


@router.post("/fix")
async def provide_fix(sent: sent_shapes.Fix, deed: AnyDeed) -> StaffTicket:
    """Gives the customer a correction or a workaround (13.3-c)."""
    now = await deed.noted("provide_fix")
    ticket = await commands.provide_fix(
        *deed.place, workaround=sent.workaround, explanation=sent.explanation, by=deed.by, now=now
    )
    return await deed.shown(ticket)


@router.post("/wait")
async def begin_wait(deed: AnyDeed) -> StaffTicket:
    """The ticket waits for its customer; that time is shown beside the verdict, which is gross (R3)."""
    now = await deed.noted("begin_wait")
    locked = await lock_ticket(*deed.place)
    return await deed.shown(await commands.begin_wait(deed.work.tx, locked, deed.by, now))


@router.post("/wait-end")
async def end_wait(deed: AnyDeed) -> StaffTicket:
    """The customer answered (R3)."""
    now = await deed.noted("end_wait")
    locked = await lock_ticket(*deed.place)
    return await deed.shown(await commands.end_wait(deed.work.tx, locked, deed.by, now))


@router.post("/leaving-out")
async def leave_out_ticket(sent: sent_shapes.LeavingOut, deed: SeenDeed) -> StaffTicket:
    """What was asked is no ticket in the contract's sense: why, and what can be asked instead (13.2-b)."""
    now = await deed.noted("leave_out_ticket")
    return await deed.shown(await commands.leave_out(*deed.place, sent.as_told(), deed.by, now))


@router.post("/leaving-out/withdrawal")
async def withdraw_leaving_out(sent: sent_shapes.Withdrawal, deed: SeenDeed) -> StaffTicket:
    """It is a ticket after all, also once closed: it counts, and its clocks never stopped for it (R9)."""
    now = await deed.noted("withdraw_leaving_out")
    return await deed.shown(await commands.withdraw_leaving_out(*deed.place, sent.explanation, deed.by, now))


@router.post("/setting-apart")
async def set_ticket_apart(sent: sent_shapes.SettingApart, deed: SeenDeed) -> StaffTicket:
    """The customer did not meet its own duty: the ticket is set apart from the 75 % (13.2-g, R9)."""
    now = await deed.noted("set_ticket_apart")
    return await deed.shown(await commands.set_apart(*deed.place, sent.explanation, deed.by, now))


@router.post("/setting-apart/withdrawal")
async def withdraw_setting_apart(sent: sent_shapes.Withdrawal, deed: SeenDeed) -> StaffTicket:
    """The customer had met its duty after all: the ticket counts, also once closed (13.2-g, R9)."""
    now = await deed.noted("withdraw_setting_apart")
    return await deed.shown(
        await commands.withdraw_setting_apart(*deed.place, sent.explanation, deed.by, now)
    )


@router.post("/closing")
async def close_ticket(deed: SeenDeed) -> StaffTicket:
    """Nothing more is to be done."""
    now = await deed.noted("close_ticket")
    return await deed.shown(await commands.close(*deed.place, deed.by, now))
