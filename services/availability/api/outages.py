"""Outages: operations keep the record, the publisher's staff reads it, and a customer what touches it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.unit import Read, UnitOfWork, Work
from services.availability.api.auditing import audit_change
from services.availability.api.corrections import completed
from services.availability.api.permissions import Operations, PortalReader, StaffReader, viewer_of
from services.availability.api.shapes import (
    evidence_shown,
    history_line,
    outage_on_record,
    outage_shown,
)
from services.availability.commands import outages as commands
from services.availability.commands.told import told
from services.availability.model.records import (
    NewEvidence,
    NewOutage,
    OutageCorrection,
    OutageRecord,
    OutageSource,
    OutageState,
    Viewer,
)
from services.availability.refusals.records import OutageUnknown
from services.availability.schemas import outages as schemas
from services.availability.schemas.fields import (
    CustomerNamed,
    HistoryLine,
    Moment,
    OfferingCode,
    Withdrawal,
)
from services.availability.store import outages as store

creating = APIRouter(tags=["outages"], route_class=IdempotentRoute)
router = APIRouter(tags=["outages"])
ROUTERS = [creating, router]

START = UUID(int=0)

State = Annotated[OutageState | None, Query(description="Only those that stand so.")]
Offering = Annotated[OfferingCode | None, Query(description="Only those of this service.")]
Since = Annotated[Moment | None, Query(description="Only what went on after this instant.")]
Until = Annotated[Moment | None, Query(description="Only what began before this instant.")]
Touching = Annotated[UUID | None, Query(description="Only those that this customer reads as its own.")]


@creating.post("/record/outages", status_code=201)
async def open_outage(
    sent: schemas.NewOutage, work: Work, caller: Operations, response: Response
) -> schemas.OutageOnRecord:
    """Puts an outage on record by hand, with where its bounds are known from (R5)."""
    new = NewOutage(
        title=sent.title,
        source=OutageSource.operations,
        starts_at=sent.starts_at,
        ends_at=sent.ends_at,
        description=sent.description,
        offering_code=sent.offering_code,
        environment=sent.environment,
        customers=_touched(sent),
        by=caller.person_id,
        evidence=(NewEvidence("note", {"text": sent.known_from}),),
    )
    outage = await commands.open_outage(work.tx, new, work.clock.business_now())
    await work.audit("open_outage", subject=outage.outage_id, after=told(outage))
    return _answer(outage, response)


@router.get("/record/outages")
async def list_recorded_outages(
    work: Read,
    _caller: StaffReader,
    paging: Paging,
    state: State = None,
    offering_code: Offering = None,
    since: Since = None,
    until: Until = None,
    customer_id: Touching = None,
) -> Page[schemas.OutageOnRecord]:
    """Every outage, the latest first: what is down, was, or was thought to be."""
    viewer = None if customer_id is None else Viewer(customer_id)
    wanted = store.Wanted(state, offering_code, since, until, viewer)
    rows = await store.list_outages(work.tx, wanted, paging.after(datetime, UUID), paging.rows)
    return page_of(rows, paging, outage_on_record, lambda row: [row.starts_at, row.outage_id])


@router.get("/record/outages/{outage_id}")
async def read_recorded_outage(
    outage_id: UUID, work: Read, _caller: StaffReader, response: Response
) -> schemas.OutageOnRecord:
    """One outage as it stands."""
    return _answer(await _found(work, outage_id), response)


@router.put("/record/outages/{outage_id}")
async def correct_outage(
    outage_id: UUID,
    sent: schemas.OutageCorrection,
    work: Work,
    caller: Operations,
    seen: IfMatch,
    response: Response,
) -> schemas.OutageOnRecord:
    """Corrects an outage's bounds, scope or words; what it was stays in its history. One that had not ended
    after all goes on again if its end is null.
    """
    before = await _to_change(work, outage_id, seen)
    asked = OutageCorrection(
        starts_at=sent.starts_at,
        ends_at=sent.ends_at,
        offering_code=sent.offering_code,
        environment=sent.environment,
        customers=_touched(sent),
        title=sent.title,
        description=sent.description,
    )
    now = work.clock.business_now()
    correction = completed(asked, sent, before)
    outage = await commands.correct(work.tx, before, correction, sent.reason, caller.person_id, now)
    await audit_change(work, "correct_outage", outage_id, before, outage, sent.reason)
    return _answer(outage, response)


@router.post("/record/outages/{outage_id}/end")
async def end_outage(
    outage_id: UUID,
    sent: schemas.OutageEnd,
    work: Work,
    caller: Operations,
    seen: IfMatch,
    response: Response,
) -> schemas.OutageOnRecord:
    """Ends an outage: one can reach the service and log in again (6-b)."""
    before = await _to_change(work, outage_id, seen)
    now = work.clock.business_now()
    if sent.known_from is not None:
        await commands.add_evidence(work.tx, outage_id, "note", {"text": sent.known_from}, now)
    outage = await commands.end_outage(work.tx, outage_id, sent.ended_at or now, caller.person_id, now)
    await audit_change(work, "end_outage", outage_id, before, outage)
    return _answer(outage, response)


@router.post("/record/outages/{outage_id}/merge")
async def merge_outages(
    outage_id: UUID,
    sent: schemas.OutageMerge,
    work: Work,
    caller: Operations,
    seen: IfMatch,
    response: Response,
) -> schemas.OutageOnRecord:
    """Makes one outage of several that overlap or touch; those merged into it stay to be read."""
    before = await _to_change(work, outage_id, seen)
    now = work.clock.business_now()
    outage = await commands.merge(work.tx, before, sent.outage_ids, sent.reason, caller.person_id, now)
    await audit_change(work, "merge_outages", outage_id, before, outage, sent.reason)
    return _answer(outage, response)


@router.post("/record/outages/{outage_id}/split")
async def split_outage(
    outage_id: UUID, sent: schemas.OutageSplit, work: Work, caller: Operations, seen: IfMatch
) -> schemas.OutageHalves:
    """Makes two outages of one, each to be corrected by itself."""
    before = await _to_change(work, outage_id, seen)
    now = work.clock.business_now()
    halves = await commands.split(work.tx, before, sent.at, sent.reason, caller.person_id, now)
    await audit_change(work, "split_outage", outage_id, before, halves[0], sent.reason)
    first, second = (outage_on_record(each) for each in halves)
    return schemas.OutageHalves(first=first, second=second)


@router.post("/record/outages/{outage_id}/withdrawal")
async def withdraw_outage(
    outage_id: UUID,
    sent: Withdrawal,
    work: Work,
    caller: Operations,
    seen: IfMatch,
    response: Response,
) -> schemas.OutageOnRecord:
    """Withdraws what was no outage: it counts for nothing, and stays to be read."""
    before = await _to_change(work, outage_id, seen)
    now = work.clock.business_now()
    outage = await commands.withdraw(work.tx, before, sent.reason, caller.person_id, now)
    await audit_change(work, "withdraw_outage", outage_id, before, outage, sent.reason)
    return _answer(outage, response)


@creating.post("/record/outages/{outage_id}/evidence", status_code=201)
async def add_outage_evidence(
    outage_id: UUID, sent: schemas.NewNote, work: Work, _caller: Operations
) -> schemas.EvidenceShown:
    """Adds a note to what an outage is known from. Evidence is never changed."""
    now, content = work.clock.business_now(), {"text": sent.text}
    await work.audit("add_outage_evidence", subject=outage_id)
    number = await commands.add_evidence(work.tx, outage_id, "note", content, now)
    return schemas.EvidenceShown(number=number, at=now, kind="note", content=content)


@router.get("/record/outages/{outage_id}/evidence")
async def list_outage_evidence(
    outage_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[schemas.EvidenceShown]:
    """What an outage is known from: results of probes, alerts, notes; in the order they came."""
    await _found(work, outage_id)
    (after,) = paging.after(int) or (0,)
    rows = await store.list_evidence(work.tx, outage_id, after, paging.rows)
    return page_of(rows, paging, evidence_shown, lambda row: [row.seq])


@router.get("/record/outages/{outage_id}/history")
async def list_outage_history(
    outage_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[HistoryLine]:
    """How an outage came to stand as it does: who changed what, when and why."""
    await _found(work, outage_id)
    (after,) = paging.after(int) or (0,)
    rows = await store.list_history(work.tx, outage_id, after, paging.rows)
    return page_of(rows, paging, history_line, lambda row: [row[0]])


@router.get("/record/outages/{outage_id}/customers")
async def list_outage_customers(
    outage_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[CustomerNamed]:
    """The customers that an outage of some names; none for an outage of all."""
    await _found(work, outage_id)
    (after,) = paging.after(UUID) or (START,)
    rows = await store.list_touched(work.tx, outage_id, after, paging.rows)
    return page_of(rows, paging, CustomerNamed.model_validate, lambda row: [row.customer_id])


@router.get("/outages")
async def list_outages(
    work: Read,
    caller: PortalReader,
    paging: Paging,
    state: State = None,
    offering_code: Offering = None,
    since: Since = None,
    until: Until = None,
) -> Page[schemas.OutageShown]:
    """The outages of production that touch the customer, the latest first; a company's people see the
    portal's."""
    wanted = store.Wanted(state, offering_code, since, until, viewer_of(caller))
    rows = await store.list_outages(work.tx, wanted, paging.after(datetime, UUID), paging.rows)
    return page_of(rows, paging, outage_shown, lambda row: [row.starts_at, row.outage_id])


@router.get("/outages/{outage_id}")
async def read_outage(outage_id: UUID, work: Read, caller: PortalReader) -> schemas.OutageShown:
    """One outage that touches the customer."""
    outage = await store.find_outage(work.tx, outage_id, viewer_of(caller))
    if outage is None:
        raise OutageUnknown
    return outage_shown(outage)


async def _found(work: UnitOfWork, outage_id: UUID) -> OutageRecord:
    outage = await store.find_outage(work.tx, outage_id)
    if outage is None:
        raise OutageUnknown
    return outage


async def _to_change(work: UnitOfWork, outage_id: UUID, seen: IfMatch) -> OutageRecord:
    outage = await commands.find_to_change(work.tx, outage_id)
    seen.require(outage.revision)
    return outage


def _answer(outage: OutageRecord, response: Response) -> schemas.OutageOnRecord:
    show_etag(response, outage.revision)
    return outage_on_record(outage)


def _touched(sent: schemas.OutageWording) -> tuple[UUID, ...] | None:
    return None if sent.customer_ids is None else tuple(sent.customer_ids)
