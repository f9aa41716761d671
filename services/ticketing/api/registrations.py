"""Who registers for web sessions, and who was there (13.8-a)."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.downloads import as_csv, csv_file
from chassis.idempotency import IdempotentRoute
from chassis.negotiation import AcceptLanguage
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.unit import Read, Work
from services.ticketing.api.files import AS_CALENDAR, calendar_answer
from services.ticketing.api.permissions import Agent, CustomerPeople, StaffReader, own_customer
from services.ticketing.commands import seats as commands
from services.ticketing.model.sessions import Registration, WebSession
from services.ticketing.schemas import sessions as schemas
from services.ticketing.store import registrations as store
from services.ticketing.store.sessions import find_session, list_sessions_of

creating = APIRouter(tags=["web sessions"], route_class=IdempotentRoute)
router = APIRouter(tags=["web sessions"])
ROUTERS = [creating, router]

HEADINGS = (
    "customer_id",
    "name",
    "mail",
    "state",
    "registered_at",
    "attended",
    "attendance_at",
    "attendance_by",
)
AS_CSV = as_csv(HEADINGS)
ALL = 10_000


@creating.post("/web-sessions/{session_id}/registrations", status_code=201)
async def register_for_web_session(
    session_id: UUID, sent: schemas.NewRegistration, work: Work, caller: CustomerPeople, response: Response
) -> schemas.OwnRegistration:
    """A seat while there are any, then a place on the waiting list; told by mail, with a calendar file."""
    await work.audit("register_for_web_session", subject=session_id)
    now = work.clock.business_now()
    registration = await commands.register(
        work.tx, own_customer(caller), session_id, sent.name, sent.mail, caller.person_id, now
    )
    show_etag(response, registration.revision)
    return _own(registration, await find_session(work.tx, session_id))


@router.get("/web-session-registrations")
async def list_own_registrations(
    work: Read, caller: CustomerPeople, paging: Paging
) -> Page[schemas.OwnRegistration]:
    """For what the customer's people are registered, or were."""
    after = paging.after(UUID) or (UUID(int=0),)
    rows = await store.list_of_customer(work.tx, own_customer(caller), after[0], paging.rows)
    sessions = await list_sessions_of(work.tx, {row.session_id for row in rows})
    return page_of(
        rows, paging, lambda row: _own(row, sessions[row.session_id]), lambda row: [row.registration_id]
    )


@router.get("/web-session-registrations/{registration_id}")
async def read_own_registration(
    registration_id: UUID, work: Read, caller: CustomerPeople, response: Response
) -> schemas.OwnRegistration:
    """One registration; the webinar's link for who has a seat."""
    registration = await store.find_registration(work.tx, own_customer(caller), registration_id)
    show_etag(response, registration.revision)
    return _own(registration, await find_session(work.tx, registration.session_id))


@router.get(
    "/web-session-registrations/{registration_id}/calendar",
    response_class=Response,
    responses={200: AS_CALENDAR},
)
async def export_own_registration(
    registration_id: UUID, work: Read, caller: CustomerPeople, accept_language: AcceptLanguage = None
) -> Response:
    """One registration as an iCalendar file."""
    registration = await store.find_registration(work.tx, own_customer(caller), registration_id)
    session = await find_session(work.tx, registration.session_id)
    planned = commands.registration_planned(registration, session)
    return calendar_answer([planned], accept_language, work.clock.business_now(), "web-session.ics")


@router.post("/web-session-registrations/{registration_id}/cancellation")
async def cancel_own_registration(
    registration_id: UUID, work: Work, caller: CustomerPeople, response: Response
) -> schemas.OwnRegistration:
    """Somebody does not come; the seat goes to who waited for longest."""
    await work.audit("cancel_own_registration", subject=registration_id)
    now = work.clock.business_now()
    ended, session = await commands.withdraw(work.tx, own_customer(caller), registration_id, now)
    show_etag(response, ended.revision)
    return _own(ended, session)


@router.get("/web-sessions/{session_id}/registrations")
async def list_registrations(
    session_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[schemas.RegistrationShown]:
    """Who registered, of every customer, in the order in which they came."""
    await find_session(work.tx, session_id)
    (after,) = paging.after(int) or (0,)
    rows = await store.list_of_session(work.tx, session_id, min(max(after, 0), 2**31 - 1), paging.rows)
    return page_of(
        rows,
        paging,
        lambda row: schemas.RegistrationShown(**_told(row)),
        lambda row: [row.place],
    )


@router.get(
    "/web-sessions/{session_id}/registrations/export", response_class=Response, responses={200: AS_CSV}
)
async def export_registrations(session_id: UUID, work: Read, _caller: StaffReader) -> Response:
    """The same as a CSV file, cells that no spreadsheet runs."""
    await find_session(work.tx, session_id)
    rows = await store.list_of_session(work.tx, session_id, 0, ALL)
    return csv_file(HEADINGS, _lines(rows), "registrations.csv")


@router.put("/customers/{customer_id}/web-session-registrations/{registration_id}/attendance")
async def record_attendance(
    customer_id: UUID,
    registration_id: UUID,
    sent: schemas.NewAttendance,
    work: Work,
    caller: Agent,
    seen: IfMatch,
    response: Response,
) -> schemas.RegistrationShown:
    """Whether somebody who had a seat was there."""
    before = await store.lock_registration(work.tx, customer_id, registration_id)
    seen.require(before.revision)
    await work.audit("record_attendance", subject=registration_id, customer_id=customer_id)
    now = work.clock.business_now()
    after = await commands.record_attendance(work.tx, before, caller.person_id, now, attended=sent.attended)
    show_etag(response, after.revision)
    return schemas.RegistrationShown(**_told(after))


def _lines(rows: Iterable[Registration]) -> Iterable[list[str]]:
    for row in rows:
        told: Mapping[str, object] = {name: getattr(row, name) for name in HEADINGS}
        yield ["" if value is None else str(value) for value in told.values()]


def _own(registration: Registration, session: WebSession) -> schemas.OwnRegistration:
    planned = commands.registration_planned(registration, session)
    return schemas.OwnRegistration(
        **_told(registration),
        title=session.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        link=planned.place or None,
    )


def _told(registration: Registration) -> dict[str, Any]:
    return {name: getattr(registration, name) for name in schemas.RegistrationShown.model_fields}
