"""Maintenance: operations announce it and say how it went; everybody who has a portal reads it (6-g)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.unit import Read, UnitOfWork, Work
from services.availability.api.auditing import audit_change
from services.availability.api.permissions import AnyReader, Operations
from services.availability.api.shapes import history_line, maintenance_shown
from services.availability.commands import maintenance as commands
from services.availability.commands.told import told
from services.availability.model.rates import MaintenanceSlot
from services.availability.model.records import (
    MaintenanceKind,
    MaintenanceRecord,
    MaintenanceState,
    MaintenanceText,
)
from services.availability.refusals.records import MaintenanceUnknown
from services.availability.schemas import maintenance as schemas
from services.availability.schemas.fields import HistoryLine, Moment, Withdrawal
from services.availability.store import maintenance as store

creating = APIRouter(tags=["maintenance"], route_class=IdempotentRoute)
router = APIRouter(tags=["maintenance"])
ROUTERS = [creating, router]

Kind = Annotated[MaintenanceKind | None, Query(description="Only planned, or only urgent.")]
State = Annotated[MaintenanceState | None, Query(description="Only what stands so.")]
Since = Annotated[Moment | None, Query(description="Only what lasts beyond this instant.")]
Until = Annotated[Moment | None, Query(description="Only what begins before this instant.")]


@creating.post("/maintenance", status_code=201)
async def announce_maintenance(
    sent: schemas.NewMaintenance, work: Work, caller: Operations, response: Response
) -> schemas.MaintenanceShown:
    """Announces planned maintenance. What does not fit is refused, with the next slot that does (5-d)."""
    now = work.clock.business_now()
    maintenance = await commands.announce(work.tx, _said(sent), _slot(sent), caller.person_id, now)
    after = told(maintenance)
    await work.audit("announce_maintenance", subject=maintenance.maintenance_id, after=after)
    return _answer(work, maintenance, response)


@creating.post("/urgent-maintenance", status_code=201)
async def begin_urgent_maintenance(
    sent: schemas.UrgentMaintenance, work: Work, caller: Operations, response: Response
) -> schemas.MaintenanceShown:
    """Begins urgent maintenance, now; what it interrupts is excluded from now until its end (5-e, R6)."""
    maintenance = await commands.begin_urgent(
        work.tx,
        MaintenanceText(sent.title, sent.reason),
        caller.person_id,
        work.clock.business_now(),
        expected_end=sent.expected_end,
        blocking=sent.blocking,
    )
    after = told(maintenance)
    await work.audit("begin_urgent_maintenance", subject=maintenance.maintenance_id, after=after)
    return _answer(work, maintenance, response)


@router.get("/maintenance")
async def list_maintenance(
    work: Read,
    _caller: AnyReader,
    paging: Paging,
    kind: Kind = None,
    state: State = None,
    since: Since = None,
    until: Until = None,
) -> Page[schemas.MaintenanceShown]:
    """Maintenance, the latest start first: what is announced, goes on, and was."""
    now, wanted = work.clock.business_now(), store.Wanted(kind, state, since, until)
    rows = await store.list_maintenance(work.tx, wanted, paging.after(datetime, UUID), paging.rows)
    return page_of(
        rows, paging, lambda row: maintenance_shown(row, now), lambda row: [row.starts_at, row.maintenance_id]
    )


@router.get("/maintenance/{maintenance_id}")
async def read_maintenance(
    maintenance_id: UUID, work: Read, _caller: AnyReader, response: Response
) -> schemas.MaintenanceShown:
    """One maintenance as it stands."""
    return _answer(work, await _found(work, maintenance_id), response)


@router.get("/maintenance/{maintenance_id}/history")
async def list_maintenance_history(
    maintenance_id: UUID, work: Read, _caller: AnyReader, paging: Paging
) -> Page[HistoryLine]:
    """What was announced when, and what came of it: the proof of the notice."""
    await _found(work, maintenance_id)
    (after,) = paging.after(int) or (0,)
    rows = await store.list_history(work.tx, maintenance_id, after, paging.rows)
    return page_of(rows, paging, history_line, lambda row: [row[0]])


@router.put("/maintenance/{maintenance_id}")
async def change_maintenance(
    maintenance_id: UUID,
    sent: schemas.MaintenanceChange,
    work: Work,
    caller: Operations,
    seen: IfMatch,
    response: Response,
) -> schemas.MaintenanceShown:
    """Moves, extends or shortens planned maintenance; all but shortening needs a new notice (R4)."""
    before = await _to_change(work, maintenance_id, seen)
    now = work.clock.business_now()
    by, reason = caller.person_id, sent.reason
    changed = await commands.change(work.tx, before, _said(sent), _slot(sent), reason, by, now)
    await audit_change(work, "change_maintenance", maintenance_id, before, changed, reason)
    return _answer(work, changed, response)


@router.post("/maintenance/{maintenance_id}/start")
async def start_maintenance(
    maintenance_id: UUID, work: Work, caller: Operations, seen: IfMatch, response: Response
) -> schemas.MaintenanceShown:
    """Planned maintenance begins now, within the slot that was announced (5-d)."""
    before = await _to_change(work, maintenance_id, seen)
    begun = await commands.start(work.tx, before, caller.person_id, work.clock.business_now())
    await audit_change(work, "start_maintenance", maintenance_id, before, begun)
    return _answer(work, begun, response)


@router.post("/maintenance/{maintenance_id}/end")
async def end_maintenance(
    maintenance_id: UUID,
    sent: schemas.MaintenanceEnd,
    work: Work,
    caller: Operations,
    seen: IfMatch,
    response: Response,
) -> schemas.MaintenanceShown:
    """Maintenance is over; what went on after its announced end is shown, and excluded from nothing (R5)."""
    before = await _to_change(work, maintenance_id, seen)
    now = work.clock.business_now()
    over = await commands.end(work.tx, before, sent.ended_at or now, caller.person_id, now)
    await audit_change(work, "end_maintenance", maintenance_id, before, over)
    return _answer(work, over, response)


@router.post("/maintenance/{maintenance_id}/cancellation")
async def cancel_maintenance(
    maintenance_id: UUID,
    sent: Withdrawal,
    work: Work,
    caller: Operations,
    seen: IfMatch,
    response: Response,
) -> schemas.MaintenanceShown:
    """Calls planned maintenance off, at any time before it begins."""
    before = await _to_change(work, maintenance_id, seen)
    now = work.clock.business_now()
    called_off = await commands.cancel(work.tx, before, sent.reason, caller.person_id, now)
    await audit_change(work, "cancel_maintenance", maintenance_id, before, called_off, sent.reason)
    return _answer(work, called_off, response)


async def _found(work: UnitOfWork, maintenance_id: UUID) -> MaintenanceRecord:
    maintenance = await store.find_maintenance(work.tx, maintenance_id)
    if maintenance is None:
        raise MaintenanceUnknown
    return maintenance


async def _to_change(work: UnitOfWork, maintenance_id: UUID, seen: IfMatch) -> MaintenanceRecord:
    maintenance = await commands.find_to_change(work.tx, maintenance_id)
    seen.require(maintenance.revision)
    return maintenance


def _answer(work: UnitOfWork, maintenance: MaintenanceRecord, response: Response) -> schemas.MaintenanceShown:
    show_etag(response, maintenance.revision)
    return maintenance_shown(maintenance, work.clock.business_now())


def _said(sent: schemas.NewMaintenance) -> MaintenanceText:
    return MaintenanceText(sent.title, sent.description)


def _slot(sent: schemas.NewMaintenance) -> MaintenanceSlot:
    return MaintenanceSlot(sent.starts_at, sent.ends_at, sent.blocking)
