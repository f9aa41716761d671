"""When technicians can be booked, and what each has to do (13.7-a)."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.auth import Role
from chassis.idempotency import IdempotentRoute
from chassis.negotiation import AcceptLanguage
from chassis.pagination import Page, Paging, page_of
from chassis.unit import Read, Work
from services.ticketing.api.files import (
    AS_CALENDAR,
    CALENDAR_LINES,
    calendar_answer,
)
from services.ticketing.api.permissions import Agent, StaffReader
from services.ticketing.api.planning import planned_shown
from services.ticketing.commands import technicians as commands
from services.ticketing.model.assistance import Hours, Slot
from services.ticketing.schemas import assistance as schemas
from services.ticketing.schemas.interventions import PlannedShown
from services.ticketing.store import technicians as store
from services.ticketing.store.schedule import list_agenda

creating = APIRouter(tags=["technicians"], route_class=IdempotentRoute)
router = APIRouter(tags=["technicians"])
ROUTERS = [creating, router]

FIRST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
Whose = Annotated[UUID | None, Query(description="Of this technician.")]
Since = Annotated[schemas.Instant | None, Query(alias="from", description="From when on; now if not said.")]


@creating.post("/technicians/hours", status_code=201)
async def publish_technician_hours(sent: schemas.NewHours, work: Work, caller: Agent) -> schemas.HoursShown:
    """Opens a technician's time to bookings; an administrator may for another."""
    slot, now = Slot(sent.starts_at, sent.ends_at), work.clock.business_now()
    hours = await commands.publish_hours(
        work.tx,
        sent.technician_id or caller.person_id,
        slot,
        caller.person_id,
        now,
        is_administrator=caller.role is Role.publisher_admin,
    )
    await work.audit("publish_technician_hours", subject=hours.hours_id)
    return _hours(hours)


@router.get("/technicians/hours")
async def list_technician_hours(
    work: Read, _caller: StaffReader, paging: Paging, technician_id: Whose = None, since: Since = None
) -> Page[schemas.HoursShown]:
    """When technicians can be booked, in order of time."""
    after = paging.after(datetime, UUID) or FIRST
    start = since or work.clock.business_now()
    rows = await store.list_hours(work.tx, technician_id, start, (after[0], after[1]), paging.rows)
    return page_of(rows, paging, _hours, lambda row: [row.starts_at, row.hours_id])


@router.delete("/technicians/hours/{hours_id}", status_code=204)
async def withdraw_technician_hours(hours_id: UUID, work: Work, caller: Agent) -> None:
    """The technician is not there then; possible while nothing takes of that time."""
    hours = await commands.withdraw_hours(
        work.tx, hours_id, caller.person_id, is_administrator=caller.role is Role.publisher_admin
    )
    await work.audit("withdraw_technician_hours", subject=hours.hours_id)


@router.get("/technicians/{technician_id}/agenda")
async def read_agenda(
    technician_id: UUID, work: Read, _caller: StaffReader, paging: Paging, since: Since = None
) -> Page[PlannedShown]:
    """What a technician has to do: bookings, interventions and web sessions, in order of time."""
    after = paging.after(datetime, UUID) or FIRST
    start = since or work.clock.business_now()
    rows = await list_agenda(work.tx, technician_id, start, (after[0], after[1]), paging.rows)
    return page_of(rows, paging, planned_shown, lambda row: [row.starts_at, row.planned_id])


@router.get(
    "/technicians/{technician_id}/agenda/calendar", response_class=Response, responses={200: AS_CALENDAR}
)
async def export_agenda(
    technician_id: UUID,
    work: Read,
    _caller: StaffReader,
    since: Since = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """The same as an iCalendar file, which other programs subscribe to."""
    now = work.clock.business_now()
    planned = await list_agenda(work.tx, technician_id, since or now, FIRST, CALENDAR_LINES)
    return calendar_answer(planned, accept_language, now, "agenda.ics")


def _hours(hours: Hours) -> schemas.HoursShown:
    return schemas.HoursShown(
        hours_id=hours.hours_id,
        technician_id=hours.technician_id,
        starts_at=hours.starts_at,
        ends_at=hours.ends_at,
    )
