"""Maintenance is announced, changed, started, ended and cancelled; urgent maintenance excludes itself."""

from datetime import datetime
from uuid import UUID, uuid4

from chassis.db import Tx
from contracts.events.availability import (
    MaintenanceCancelled,
    MaintenanceEnded,
    MaintenancePlanned,
    MaintenanceStarted,
)
from services.availability.commands import exclusions
from services.availability.commands.told import change_between, told
from services.availability.model.rates import MaintenanceSlot
from services.availability.model.records import (
    Change,
    MaintenanceChange,
    MaintenanceKind,
    MaintenanceRecord,
    MaintenanceText,
)
from services.availability.refusals.records import MaintenanceUnknown
from services.availability.rules import maintenance_record as rules
from services.availability.rules.reference import local_day
from services.availability.store import maintenance as store
from services.availability.store.ordering import take_turn
from services.availability.terms import terms_on


async def announce(
    tx: Tx, said: MaintenanceText, slot: MaintenanceSlot, by: UUID, now: datetime
) -> MaintenanceRecord:
    """Announces planned maintenance; this instant is the proof of its notice (5-d)."""
    await take_turn(tx)
    maintenance = rules.announced(said, slot, uuid4(), by, now, terms_on(local_day(now)))
    line = Change(now, by, MaintenanceChange.announced, after=told(maintenance))
    await store.insert_maintenance(tx, maintenance, line)
    await tx.emit(planned(maintenance))
    return maintenance


async def find_to_change(tx: Tx, maintenance_id: UUID) -> MaintenanceRecord:
    """The maintenance, locked, so that its revision can be compared. Raises MaintenanceUnknown."""
    found = await store.lock_maintenance(tx, maintenance_id)
    if found is None:
        raise MaintenanceUnknown
    return found


async def change(
    tx: Tx,
    before: MaintenanceRecord,
    said: MaintenanceText,
    slot: MaintenanceSlot,
    reason: str,
    by: UUID,
    now: datetime,
) -> MaintenanceRecord:
    """Moves, extends, shortens or rewords what was found to change, with a new notice where it needs one."""
    maintenance = rules.reannounced(before, said, slot, now, terms_on(local_day(now)))
    anew = maintenance.announced_at != before.announced_at
    done = MaintenanceChange.announced_anew if anew else MaintenanceChange.changed
    await _save(tx, before, maintenance, done, reason, by, now)
    await tx.emit(planned(maintenance))
    return maintenance


async def start(tx: Tx, before: MaintenanceRecord, by: UUID, now: datetime) -> MaintenanceRecord:
    """Planned maintenance that was found to change begins, within its slot."""
    maintenance = rules.started(before, now)
    await _save(tx, before, maintenance, MaintenanceChange.started, "", by, now)
    await tx.emit(started(maintenance))
    return maintenance


async def begin_urgent(
    tx: Tx,
    said: MaintenanceText,
    by: UUID,
    now: datetime,
    *,
    expected_end: datetime | None,
    blocking: bool,
) -> MaintenanceRecord:
    """Urgent maintenance goes on since now, and leaves out what it interrupts from now on (5-e, R6)."""
    await take_turn(tx)
    maintenance, asked = rules.urgent(said, uuid4(), by, now, expected_end=expected_end, blocking=blocking)
    line = Change(now, by, MaintenanceChange.started, said.description, after=told(maintenance))
    await store.insert_maintenance(tx, maintenance, line)
    excluded = await exclusions.begin_with_maintenance(tx, asked, maintenance.maintenance_id, by, now)
    await tx.emit_many([started(maintenance), excluded])
    return maintenance


async def end(
    tx: Tx, before: MaintenanceRecord, ended_at: datetime, by: UUID, now: datetime
) -> MaintenanceRecord:
    """Maintenance that was found to change is over since `ended_at`, and so is what it leaves out."""
    maintenance = rules.ended(before, ended_at, now)
    await _save(tx, before, maintenance, MaintenanceChange.ended, "", by, now)
    excluded = None
    if maintenance.kind is MaintenanceKind.urgent:
        excluded = await exclusions.end_with_maintenance(tx, maintenance.maintenance_id, ended_at, by, now)
    await tx.emit_many([ended(maintenance)] if excluded is None else [ended(maintenance), excluded])
    return maintenance


async def cancel(
    tx: Tx, before: MaintenanceRecord, reason: str, by: UUID, now: datetime
) -> MaintenanceRecord:
    """Planned maintenance that was found to change will not be."""
    maintenance = rules.cancelled(before, now)
    await _save(tx, before, maintenance, MaintenanceChange.cancelled, reason, by, now)
    await tx.emit(cancelled(maintenance))
    return maintenance


async def _save(
    tx: Tx,
    before: MaintenanceRecord,
    maintenance: MaintenanceRecord,
    done: MaintenanceChange,
    reason: str,
    by: UUID,
    now: datetime,
) -> None:
    line = change_between(before, maintenance, done, reason, by, now)
    await store.save_maintenance(tx, maintenance, line)


def planned(maintenance: MaintenanceRecord) -> MaintenancePlanned:
    """What is said of maintenance that is announced as it now stands."""
    slot = maintenance.planned.slot
    return MaintenancePlanned(
        maintenance_id=maintenance.maintenance_id,
        kind=maintenance.kind.value,
        title=maintenance.title,
        blocking=slot.blocking,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        announced_at=maintenance.announced_at,
        revision=maintenance.revision,
    )


def started(maintenance: MaintenanceRecord) -> MaintenanceStarted:
    """What is said of maintenance that goes on."""
    if maintenance.started_at is None:
        raise ValueError(f"{maintenance.maintenance_id} has not started")
    return MaintenanceStarted(
        maintenance_id=maintenance.maintenance_id,
        kind=maintenance.kind.value,
        title=maintenance.title,
        started_at=maintenance.started_at,
    )


def ended(maintenance: MaintenanceRecord) -> MaintenanceEnded:
    """What is said of maintenance that is over."""
    if maintenance.ended_at is None:
        raise ValueError(f"{maintenance.maintenance_id} has not ended")
    overrun = rules.overrun(maintenance, maintenance.ended_at)
    return MaintenanceEnded(
        maintenance_id=maintenance.maintenance_id,
        kind=maintenance.kind.value,
        ended_at=maintenance.ended_at,
        overrun_seconds=0 if overrun is None else overrun.seconds,
    )


def cancelled(maintenance: MaintenanceRecord) -> MaintenanceCancelled:
    """What is said of maintenance that will not be."""
    if maintenance.cancelled_at is None:
        raise ValueError(f"{maintenance.maintenance_id} is not cancelled")
    return MaintenanceCancelled(
        maintenance_id=maintenance.maintenance_id,
        kind=maintenance.kind.value,
        cancelled_at=maintenance.cancelled_at,
    )
