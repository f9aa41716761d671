"""The customer's schedule: all that is planned for it, in one list and in one calendar (13.1-a)."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.negotiation import AcceptLanguage
from chassis.pagination import Page, PageRequest, Paging, page_of
from chassis.unit import Read, UnitOfWork
from services.ticketing.api.files import (
    AS_CALENDAR,
    CALENDAR_LINES,
    calendar_answer,
)
from services.ticketing.api.permissions import CustomerPeople, StaffReader, own_customer
from services.ticketing.api.planning import planned_shown
from services.ticketing.schemas.assistance import Instant
from services.ticketing.schemas.interventions import PlannedShown
from services.ticketing.store.schedule import list_schedule

router = APIRouter(tags=["schedule"])
ROUTERS = [router]

FIRST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
Since = Annotated[
    Instant | None,
    Query(alias="from", description="What is not over then; everything, past and to come, if not said."),
]
SinceForCalendars = Annotated[
    Instant | None,
    Query(alias="from", description="What is not over then; what was not over a year ago, if not said."),
]
YEAR = timedelta(days=366)


@router.get("/schedule")
async def read_own_schedule(
    work: Read, caller: CustomerPeople, paging: Paging, since: Since = None
) -> Page[PlannedShown]:
    """Everything planned for the customer: remote assistance, web sessions, interventions, trainings."""
    return await _page(work, own_customer(caller), since, paging)


@router.get("/customers/{customer_id}/schedule")
async def read_customer_schedule(
    customer_id: UUID, work: Read, _caller: StaffReader, paging: Paging, since: Since = None
) -> Page[PlannedShown]:
    """Everything planned for a customer, as it reads it itself."""
    return await _page(work, customer_id, since, paging)


@router.get("/schedule/calendar", response_class=Response, responses={200: AS_CALENDAR})
async def export_own_schedule(
    work: Read,
    caller: CustomerPeople,
    since: SinceForCalendars = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """The schedule as an iCalendar file, which other programs subscribe to."""
    return await _calendar(work, own_customer(caller), since, accept_language)


@router.get(
    "/customers/{customer_id}/schedule/calendar", response_class=Response, responses={200: AS_CALENDAR}
)
async def export_customer_schedule(
    customer_id: UUID,
    work: Read,
    _caller: StaffReader,
    since: SinceForCalendars = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """A customer's schedule as an iCalendar file."""
    return await _calendar(work, customer_id, since, accept_language)


async def _page(
    work: UnitOfWork, customer_id: UUID, since: datetime | None, paging: PageRequest
) -> Page[PlannedShown]:
    after, now = paging.after(datetime, UUID) or FIRST, work.clock.business_now()
    place = (after[0], after[1])
    rows = await list_schedule(work.tx, customer_id, since or FIRST[0], now, place, paging.rows)
    return page_of(rows, paging, planned_shown, lambda row: [row.starts_at, row.planned_id])


async def _calendar(
    work: UnitOfWork, customer_id: UUID, since: datetime | None, accepted: str | None
) -> Response:
    now = work.clock.business_now()
    planned = await list_schedule(work.tx, customer_id, since or now - YEAR, now, FIRST, CALENDAR_LINES)
    return calendar_answer(planned, accepted, now, "schedule.ics")
