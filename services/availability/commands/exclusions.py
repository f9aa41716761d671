"""What is left out of unavailability is put on record, corrected, and withdrawn with a reason (6-d)."""

from datetime import datetime
from uuid import UUID, uuid4

from chassis.db import Tx
from contracts.events.availability import OutageExcluded
from services.availability.commands.outages import require_known
from services.availability.commands.told import change_between, told
from services.availability.model.rates import Exclusion
from services.availability.model.records import (
    Change,
    ExclusionChange,
    ExclusionRecord,
    NewExclusion,
)
from services.availability.refusals.records import ExclusionUnknown
from services.availability.rules import exclusion_record as rules
from services.availability.store import exclusions as store
from services.availability.store.ordering import take_turn


async def record(tx: Tx, new: NewExclusion, by: UUID, now: datetime) -> ExclusionRecord:
    """Puts an exclusion of four of the types on record; urgent maintenance makes its own."""
    await take_turn(tx)
    await require_known(tx, None, new.customers)
    exclusion = rules.recorded(new, uuid4(), by, now)
    await store.insert_exclusion(
        tx, exclusion, Change(now, by, ExclusionChange.recorded, after=told(exclusion))
    )
    await tx.emit(excluded(exclusion))
    return exclusion


async def find_to_change(tx: Tx, exclusion_id: UUID) -> ExclusionRecord:
    """The exclusion, locked, so that its revision can be compared. Raises ExclusionUnknown."""
    found = await store.lock_exclusion(tx, exclusion_id)
    if found is None:
        raise ExclusionUnknown
    return found


async def correct(
    tx: Tx, before: ExclusionRecord, asked: NewExclusion, reason: str, by: UUID, now: datetime
) -> ExclusionRecord:
    """Another type, interval, scope or reason for an exclusion that was found to change."""
    await require_known(tx, None, asked.customers)
    exclusion = rules.corrected(before, asked, by, now)
    await _save(tx, before, exclusion, ExclusionChange.corrected, reason, by, now)
    await tx.emit(excluded(exclusion))
    return exclusion


async def withdraw(tx: Tx, before: ExclusionRecord, reason: str, by: UUID, now: datetime) -> ExclusionRecord:
    """An exclusion that was found to change leaves nothing out any more."""
    exclusion = rules.withdrawn(before, reason, by, now)
    await _save(tx, before, exclusion, ExclusionChange.withdrawn, reason, by, now)
    await tx.emit(excluded(exclusion))
    return exclusion


async def begin_with_maintenance(
    tx: Tx, asked: Exclusion, maintenance_id: UUID, by: UUID, now: datetime
) -> OutageExcluded:
    """Urgent maintenance leaves out what it interrupts from now on (R6); what is to be said of it."""
    exclusion = rules.of_urgent_maintenance(asked, maintenance_id, uuid4(), by, now)
    await store.insert_exclusion(
        tx, exclusion, Change(now, by, ExclusionChange.recorded, after=told(exclusion))
    )
    return excluded(exclusion)


async def end_with_maintenance(
    tx: Tx, maintenance_id: UUID, ended_at: datetime, by: UUID, now: datetime
) -> OutageExcluded | None:
    """Urgent maintenance is over, and so is what it leaves out, unless that was withdrawn before."""
    before = await store.lock_exclusion_of(tx, maintenance_id)
    if before is None:
        return None
    exclusion = rules.ended_with_maintenance(before, ended_at)
    await _save(tx, before, exclusion, ExclusionChange.ended, "", by, now)
    return excluded(exclusion)


async def _save(
    tx: Tx,
    before: ExclusionRecord,
    exclusion: ExclusionRecord,
    change: ExclusionChange,
    reason: str,
    by: UUID,
    now: datetime,
) -> None:
    line = change_between(before, exclusion, change, reason, by, now)
    await store.save_exclusion(tx, before, exclusion, line)


def excluded(exclusion: ExclusionRecord) -> OutageExcluded:
    """What is said of an exclusion as it stands."""
    return OutageExcluded(
        exclusion_id=exclusion.exclusion_id,
        kind=exclusion.kind.value,
        reason=exclusion.reason,
        customers=None if exclusion.customers is None else list(exclusion.customers),
        starts_at=exclusion.starts_at,
        ends_at=exclusion.ends_at,
        recorded_at=exclusion.recorded_at,
        withdrawn_at=exclusion.withdrawn_at,
    )
