"""Attendance sheets of trainings: recorded by the publisher, read and printed by both (13.1-a)."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.downloads import as_csv
from chassis.languages import language_of
from chassis.negotiation import AcceptLanguage, in_language
from chassis.preconditions import IfMatch, show_etag
from chassis.spreadsheet import MEDIA_TYPE, attachment
from chassis.unit import Read, UnitOfWork, Work
from services.ticketing import attendance_sheet
from services.ticketing.api.permissions import Agent, CustomerPeople, StaffReader, own_customer
from services.ticketing.commands import interventions as commands
from services.ticketing.model.interventions import HalfDay, Sheet
from services.ticketing.schemas import interventions as schemas
from services.ticketing.store.interventions import find_intervention, lock_intervention

router = APIRouter(tags=["attendance sheets"])
ROUTERS = [router]

OWN = "/interventions/{intervention_id}/attendance"
OF_CUSTOMER = "/customers/{customer_id}/interventions/{intervention_id}/attendance"
AS_CSV = as_csv(attendance_sheet.headings("en"))
AS_PAGE: dict[str, Any] = {
    "content": {
        "text/html": {
            "schema": {"type": "string", "maxLength": 10_000_000},
            "example": '<!doctype html>\n<html lang="en">…',
        }
    }
}


@router.get(OWN)
async def read_own_attendance(
    intervention_id: UUID, work: Read, caller: CustomerPeople, response: Response
) -> schemas.SheetShown:
    """A training's attendance sheet: who was there on which half-days, recorded by whom and when."""
    return _shown(await _sheet(work, own_customer(caller), intervention_id), response)


@router.get(f"{OWN}/export", response_class=Response, responses={200: AS_CSV})
async def export_own_attendance(
    intervention_id: UUID, work: Read, caller: CustomerPeople, accept_language: AcceptLanguage = None
) -> Response:
    """The sheet as a CSV file, cells that no spreadsheet runs."""
    return _table(await _sheet(work, own_customer(caller), intervention_id), accept_language)


@router.get(f"{OWN}/page", response_class=Response, responses={200: AS_PAGE})
async def print_own_attendance(
    intervention_id: UUID, work: Read, caller: CustomerPeople, accept_language: AcceptLanguage = None
) -> Response:
    """The sheet as a page to print."""
    return _page(await _sheet(work, own_customer(caller), intervention_id), accept_language)


@router.get(OF_CUSTOMER)
async def read_customer_attendance(
    customer_id: UUID, intervention_id: UUID, work: Read, _caller: StaffReader, response: Response
) -> schemas.SheetShown:
    """The attendance sheet of a customer's training."""
    return _shown(await _sheet(work, customer_id, intervention_id), response)


@router.get(f"{OF_CUSTOMER}/export", response_class=Response, responses={200: AS_CSV})
async def export_customer_attendance(
    customer_id: UUID,
    intervention_id: UUID,
    work: Read,
    _caller: StaffReader,
    accept_language: AcceptLanguage = None,
) -> Response:
    """The sheet as a CSV file, cells that no spreadsheet runs."""
    return _table(await _sheet(work, customer_id, intervention_id), accept_language)


@router.get(f"{OF_CUSTOMER}/page", response_class=Response, responses={200: AS_PAGE})
async def print_customer_attendance(
    customer_id: UUID,
    intervention_id: UUID,
    work: Read,
    _caller: StaffReader,
    accept_language: AcceptLanguage = None,
) -> Response:
    """The sheet as a page to print."""
    return _page(await _sheet(work, customer_id, intervention_id), accept_language)


@router.put(f"{OF_CUSTOMER}/participants")
async def list_participants(
    customer_id: UUID,
    intervention_id: UUID,
    sent: schemas.Participants,
    work: Work,
    _caller: Agent,
    seen: IfMatch,
    response: Response,
) -> schemas.SheetShown:
    """Who takes part in a training: these, and no others."""
    training = await lock_intervention(work.tx, customer_id, intervention_id)
    seen.require(training.revision)
    await work.audit("list_participants", subject=intervention_id, customer_id=customer_id)
    return _shown(await commands.enlist(work.tx, training, sent.as_participants()), response)


@router.put(f"{OF_CUSTOMER}/presences")
async def record_presences(
    customer_id: UUID,
    intervention_id: UUID,
    sent: schemas.NewPresences,
    work: Work,
    caller: Agent,
    seen: IfMatch,
    response: Response,
) -> schemas.SheetShown:
    """Who was there on which half-days, and who was not; the trail keeps what was said before."""
    training = await lock_intervention(work.tx, customer_id, intervention_id)
    seen.require(training.revision)
    said = [(each.number, HalfDay(each.day, each.half), each.present) for each in sent.presences]
    details = {"presences": [[number, f"{at.day} {at.half}", present] for number, at, present in said]}
    await work.audit("record_presences", subject=intervention_id, customer_id=customer_id, details=details)
    now = work.clock.business_now()
    return _shown(await commands.record_presence(work.tx, training, said, caller.person_id, now), response)


async def _sheet(work: UnitOfWork, customer_id: UUID, intervention_id: UUID) -> Sheet:
    training = await find_intervention(work.tx, customer_id, intervention_id)
    return await commands.sheet_of(work.tx, training)


def _table(sheet: Sheet, accepted: str | None) -> Response:
    language = language_of(accepted)
    headers = attachment("attendance.csv") | in_language(language)
    return Response(attendance_sheet.table_of(sheet, language), headers=headers, media_type=MEDIA_TYPE)


def _page(sheet: Sheet, accepted: str | None) -> Response:
    language = language_of(accepted)
    headers = {"Content-Security-Policy": attendance_sheet.POLICY} | in_language(language)
    page = attendance_sheet.page_of(sheet, language)
    return Response(page, headers=headers, media_type="text/html; charset=utf-8")


def _shown(sheet: Sheet, response: Response) -> schemas.SheetShown:
    training = sheet.intervention
    show_etag(response, training.revision)
    return schemas.SheetShown(
        customer_id=training.customer_id,
        intervention_id=training.intervention_id,
        title=training.title,
        place=training.place,
        who=training.who,
        starts_at=training.starts_at,
        ends_at=training.ends_at,
        half_days=[schemas.HalfDayShown(day=each.day, half=each.half) for each in sheet.half_days],
        participants=[
            schemas.NewParticipant(number=each.number, name=each.name, organisation=each.organisation)
            for each in sheet.participants
        ],
        presences=[
            schemas.PresenceShown(
                number=each.number,
                day=each.half_day.day,
                half=each.half_day.half,
                present=each.present,
                recorded_at=each.recorded_at,
                recorded_by=each.recorded_by,
            )
            for each in sheet.presences
        ],
        revision=training.revision,
    )
