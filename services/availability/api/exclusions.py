"""Exclusions: operations put them on record with a reason, staff reads them, and a customer its own (6-d)."""

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
from services.availability.api.permissions import CustomerReader, Operations, StaffReader, own_customer
from services.availability.api.shapes import exclusion_shown, history_line
from services.availability.commands import exclusions as commands
from services.availability.commands.told import told
from services.availability.model.rates import ExclusionKind
from services.availability.model.records import ExclusionRecord, NewExclusion
from services.availability.refusals.records import ExclusionUnknown
from services.availability.schemas import exclusions as schemas
from services.availability.schemas.fields import CustomerNamed, HistoryLine, Moment, Withdrawal
from services.availability.store import exclusions as store

creating = APIRouter(tags=["exclusions"], route_class=IdempotentRoute)
router = APIRouter(tags=["exclusions"])
ROUTERS = [creating, router]

START = UUID(int=0)

Kind = Annotated[ExclusionKind | None, Query(description="Only those of this type.")]
Since = Annotated[Moment | None, Query(description="Only what lasts beyond this instant.")]
Until = Annotated[Moment | None, Query(description="Only what began before this instant.")]
HoldingFor = Annotated[UUID | None, Query(description="Only those that this customer reads as its own.")]
Standing = Annotated[bool, Query(description="Only those that were not withdrawn.")]


@creating.post("/record/exclusions", status_code=201)
async def record_exclusion(
    sent: schemas.NewExclusion, work: Work, caller: Operations, response: Response
) -> schemas.ExclusionShown:
    """Leaves an interval out of unavailability, for one of the reasons of article 6."""
    now = work.clock.business_now()
    exclusion = await commands.record(work.tx, _new(sent), caller.person_id, now)
    await work.audit("record_exclusion", subject=exclusion.exclusion_id, after=told(exclusion))
    return _answer(work, exclusion, response)


@router.get("/record/exclusions")
async def list_recorded_exclusions(
    work: Read,
    _caller: StaffReader,
    paging: Paging,
    kind: Kind = None,
    since: Since = None,
    until: Until = None,
    standing_only: Standing = False,
    customer_id: HoldingFor = None,
) -> Page[schemas.ExclusionShown]:
    """Every exclusion, the latest start first; those withdrawn too."""
    wanted = store.Wanted(kind, since, until, standing_only, customer_id)
    return await _page(work, wanted, paging)


@router.get("/record/exclusions/{exclusion_id}")
async def read_recorded_exclusion(
    exclusion_id: UUID, work: Read, _caller: StaffReader, response: Response
) -> schemas.ExclusionShown:
    """One exclusion as it stands."""
    return _answer(work, await _found(work, exclusion_id), response)


@router.put("/record/exclusions/{exclusion_id}")
async def correct_exclusion(
    exclusion_id: UUID,
    sent: schemas.ExclusionCorrection,
    work: Work,
    caller: Operations,
    seen: IfMatch,
    response: Response,
) -> schemas.ExclusionShown:
    """Corrects an exclusion; what it was stays in its history. That of urgent maintenance is not."""
    before = await commands.find_to_change(work.tx, exclusion_id)
    seen.require(before.revision)
    now, reason = work.clock.business_now(), sent.correction_reason
    asked = completed(_new(sent), sent, before)
    exclusion = await commands.correct(work.tx, before, asked, reason, caller.person_id, now)
    await audit_change(work, "correct_exclusion", exclusion_id, before, exclusion, reason)
    return _answer(work, exclusion, response)


@router.post("/record/exclusions/{exclusion_id}/withdrawal")
async def withdraw_exclusion(
    exclusion_id: UUID,
    sent: Withdrawal,
    work: Work,
    caller: Operations,
    seen: IfMatch,
    response: Response,
) -> schemas.ExclusionShown:
    """Withdraws an exclusion: it leaves nothing out any more, and stays to be read."""
    before = await commands.find_to_change(work.tx, exclusion_id)
    seen.require(before.revision)
    now = work.clock.business_now()
    exclusion = await commands.withdraw(work.tx, before, sent.reason, caller.person_id, now)
    await audit_change(work, "withdraw_exclusion", exclusion_id, before, exclusion, sent.reason)
    return _answer(work, exclusion, response)


@router.get("/record/exclusions/{exclusion_id}/history")
async def list_exclusion_history(
    exclusion_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[HistoryLine]:
    """How an exclusion came to stand as it does: who changed what, when and why."""
    await _found(work, exclusion_id)
    (after,) = paging.after(int) or (0,)
    rows = await store.list_history(work.tx, exclusion_id, after, paging.rows)
    return page_of(rows, paging, history_line, lambda row: [row[0]])


@router.get("/record/exclusions/{exclusion_id}/customers")
async def list_exclusion_customers(
    exclusion_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[CustomerNamed]:
    """The customers that an exclusion for some names; none for an exclusion for all."""
    await _found(work, exclusion_id)
    (after,) = paging.after(UUID) or (START,)
    rows = await store.list_held_for(work.tx, exclusion_id, after, paging.rows)
    return page_of(rows, paging, CustomerNamed.model_validate, lambda row: [row.customer_id])


@router.get("/exclusions")
async def list_exclusions(
    work: Read,
    caller: CustomerReader,
    paging: Paging,
    kind: Kind = None,
    since: Since = None,
    until: Until = None,
    standing_only: Standing = False,
) -> Page[schemas.ExclusionShown]:
    """What is left out of the customer's unavailability, the latest start first, each with its reason."""
    wanted = store.Wanted(kind, since, until, standing_only, own_customer(caller))
    return await _page(work, wanted, paging)


@router.get("/exclusions/{exclusion_id}")
async def read_exclusion(exclusion_id: UUID, work: Read, caller: CustomerReader) -> schemas.ExclusionShown:
    """One exclusion that holds for the customer."""
    exclusion = await store.find_exclusion(work.tx, exclusion_id, own_customer(caller))
    if exclusion is None:
        raise ExclusionUnknown
    return exclusion_shown(exclusion, work.clock.business_now())


async def _page(work: UnitOfWork, wanted: store.Wanted, paging: Paging) -> Page[schemas.ExclusionShown]:
    now = work.clock.business_now()
    rows = await store.list_exclusions(work.tx, wanted, paging.after(datetime, UUID), paging.rows)
    return page_of(
        rows, paging, lambda row: exclusion_shown(row, now), lambda row: [row.starts_at, row.exclusion_id]
    )


async def _found(work: UnitOfWork, exclusion_id: UUID) -> ExclusionRecord:
    exclusion = await store.find_exclusion(work.tx, exclusion_id)
    if exclusion is None:
        raise ExclusionUnknown
    return exclusion


def _answer(work: UnitOfWork, exclusion: ExclusionRecord, response: Response) -> schemas.ExclusionShown:
    show_etag(response, exclusion.revision)
    return exclusion_shown(exclusion, work.clock.business_now())


def _new(sent: schemas.NewExclusion) -> NewExclusion:
    return NewExclusion(
        kind=sent.kind,
        starts_at=sent.starts_at,
        ends_at=sent.ends_at,
        reason=sent.reason,
        environment=sent.environment,
        customers=None if sent.customer_ids is None else tuple(sent.customer_ids),
    )
