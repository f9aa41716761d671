"""The record of maintenance: announced, changed, started, ended, cancelled; urgent; overrun (5-c to 5-e)."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.availability.model.rates import Exclusion, MaintenanceSlot, Terms
from services.availability.model.records import (
    MaintenanceKind,
    MaintenanceRecord,
    MaintenanceState,
    MaintenanceText,
    Overrun,
)
from services.availability.refusals.records import (
    ExpectedEndPassed,
    MaintenanceEndNotReal,
    MaintenanceHasStarted,
    MaintenanceNotStarted,
    MaintenanceOver,
    MaintenanceSlotOver,
)
from services.availability.rules.exclusions import urgent_maintenance
from services.availability.rules.intervals import second_of, total
from services.availability.rules.maintenance import may_start, plan, replan
from services.availability.rules.reference import PERIOD, open_windows

OVER = frozenset({MaintenanceState.ended, MaintenanceState.cancelled})


def announced(
    said: MaintenanceText, slot: MaintenanceSlot, maintenance_id: UUID, by: UUID, now: datetime, terms: Terms
) -> MaintenanceRecord:
    """5-d: planned maintenance, announced now; its announcement is proof of the notice."""
    planned = plan(slot, now, terms)
    return MaintenanceRecord(
        maintenance_id=maintenance_id,
        kind=MaintenanceKind.planned,
        title=said.title,
        description=said.description,
        blocking=slot.blocking,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        announced_at=planned.announced_at,
        started_at=None,
        ended_at=None,
        cancelled_at=None,
        state=MaintenanceState.announced,
        recorded_by=by,
    )


def reannounced(
    before: MaintenanceRecord, said: MaintenanceText, slot: MaintenanceSlot, now: datetime, terms: Terms
) -> MaintenanceRecord:
    """5-d, R4: moved, extended or begun earlier it is announced anew; shortened it keeps its announcement."""
    _not_begun(before)
    planned = replan(before.planned, slot, now, terms)
    return replace(
        before,
        title=said.title,
        description=said.description,
        blocking=slot.blocking,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        announced_at=planned.announced_at,
        revision=before.revision + 1,
    )


def started(before: MaintenanceRecord, now: datetime) -> MaintenanceRecord:
    """5-d: planned maintenance starts within the slot that was announced."""
    _not_begun(before)
    planned = before.planned
    may_start(planned, now)
    if now >= planned.slot.ends_at:
        raise MaintenanceSlotOver
    return replace(before, started_at=now, state=MaintenanceState.started, revision=before.revision + 1)


def urgent(
    said: MaintenanceText,
    maintenance_id: UUID,
    by: UUID,
    now: datetime,
    *,
    expected_end: datetime | None,
    blocking: bool,
) -> tuple[MaintenanceRecord, Exclusion]:
    """5-e, R6: urgent maintenance starts when it is recorded, with its reason, and so does its exclusion."""
    asked = urgent_maintenance(said.description, by, now)
    if expected_end is not None and expected_end <= now:
        raise ExpectedEndPassed
    record = MaintenanceRecord(
        maintenance_id=maintenance_id,
        kind=MaintenanceKind.urgent,
        title=said.title,
        description=asked.reason,
        blocking=blocking,
        starts_at=asked.starts_at,
        ends_at=expected_end,
        announced_at=now,
        started_at=asked.starts_at,
        ended_at=None,
        cancelled_at=None,
        state=MaintenanceState.started,
        recorded_by=by,
    )
    return record, asked


def ended(before: MaintenanceRecord, ended_at: datetime, now: datetime) -> MaintenanceRecord:
    """5-d, 5-e: maintenance is over since `ended_at`, which is not to come."""
    if before.state in OVER:
        raise MaintenanceOver
    if before.started_at is None:
        raise MaintenanceNotStarted
    if not before.started_at < ended_at <= now:
        raise MaintenanceEndNotReal(detail=f"It started at {before.started_at.isoformat()}.")
    return replace(before, ended_at=ended_at, state=MaintenanceState.ended, revision=before.revision + 1)


def cancelled(before: MaintenanceRecord, now: datetime) -> MaintenanceRecord:
    """R4: what has not begun may be called off at any time."""
    _not_begun(before)
    return replace(before, cancelled_at=now, state=MaintenanceState.cancelled, revision=before.revision + 1)


def overrun(record: MaintenanceRecord, now: datetime) -> Overrun | None:
    """R5: how long it went on after the end that was announced, and how much of that lies in the reference
    period, where an outage meanwhile is unavailability. None where it did not.
    """
    if record.started_at is None or record.ends_at is None:
        return None
    since, until = second_of(record.ends_at), second_of(record.ended_at or now)
    if until <= since:
        return None
    within_reference = total(open_windows(PERIOD, since, until))
    return Overrun(since=record.ends_at, seconds=until - since, reference_seconds=within_reference)


def _not_begun(record: MaintenanceRecord) -> None:
    if record.state in OVER:
        raise MaintenanceOver
    if record.state is MaintenanceState.started:
        raise MaintenanceHasStarted
