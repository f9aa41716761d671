"""The publisher plans interventions for a customer, reports on them, and records who attended (13.1-a)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from chassis.db import Tx
from contracts.events.ticketing import InterventionPlanned
from services.ticketing.model.assistance import Slot
from services.ticketing.model.interventions import (
    HalfDay,
    Intervention,
    InterventionState,
    InterventionWords,
    Participant,
    Presence,
    Sheet,
)
from services.ticketing.refusals.assistance import TechnicianBusy
from services.ticketing.refusals.tickets import CustomerUnknown
from services.ticketing.rules import interventions as rules
from services.ticketing.store import interventions as store
from services.ticketing.store import technicians
from services.ticketing.store.heard import find_asker


async def plan(tx: Tx, customer_id: UUID, words: InterventionWords, by: UUID, now: datetime) -> Intervention:
    """Plans an intervention; it stands in the customer's schedule, and in the technician's agenda."""
    if await find_asker(tx, customer_id, now) is None:
        raise CustomerUnknown
    rules.well_formed(words)
    told = {name: getattr(words, name) for name in InterventionWords.__dataclass_fields__}
    intervention = Intervention(
        **told,
        customer_id=customer_id,
        intervention_id=uuid4(),
        state=InterventionState.planned,
        cancelled_reason=None,
        report=None,
        reported_at=None,
        reported_by=None,
        planned_at=now,
        planned_by=by,
    )
    await _occupy(tx, intervention)
    await store.save_intervention(tx, intervention)
    await tx.emit(planned_event(intervention))
    return intervention


async def replan(tx: Tx, intervention: Intervention, words: InterventionWords) -> Intervention:
    """Moves an intervention that is locked, or words it otherwise."""
    changed = rules.replanned(intervention, words)
    await _occupy(tx, changed)
    await store.save_intervention(tx, changed)
    if rules.is_moved(intervention, changed):
        await tx.emit(planned_event(changed))
    return changed


async def cancel(tx: Tx, intervention: Intervention, reason: str) -> Intervention:
    """It does not take place."""
    ended = rules.cancelled(intervention, reason)
    await technicians.release(tx, intervention.intervention_id)
    await store.save_intervention(tx, ended)
    return ended


async def report(tx: Tx, intervention: Intervention, written: str, by: UUID, now: datetime) -> Intervention:
    """It took place; the customer reads the report."""
    reported = rules.reported(intervention, written, by, now)
    await store.save_intervention(tx, reported)
    return reported


async def enlist(tx: Tx, intervention: Intervention, participants: Sequence[Participant]) -> Sheet:
    """Who takes part in a training that is locked: these, and no others."""
    before = await store.list_participants(tx, intervention)
    rules.listed(intervention, before, await store.list_presences(tx, intervention), participants)
    await store.save_participants(tx, intervention, participants)
    return await sheet_of(tx, await _touched(tx, intervention))


async def record_presence(
    tx: Tx,
    intervention: Intervention,
    said: Sequence[tuple[int, HalfDay, bool]],
    by: UUID,
    now: datetime,
) -> Sheet:
    """Who was there on which half-days of a training that is locked, and who was not."""
    presences = [Presence(number, half_day, present, now, by) for number, half_day, present in said]
    participants = await store.list_participants(tx, intervention)
    rules.recorded(intervention, participants, presences, now)
    await store.save_presences(tx, intervention, presences)
    return await sheet_of(tx, await _touched(tx, intervention))


async def sheet_of(tx: Tx, intervention: Intervention) -> Sheet:
    """The attendance sheet of a training as it stands."""
    presences = await store.list_presences(tx, intervention)
    return Sheet(
        intervention,
        rules.half_days(intervention.starts_at, intervention.ends_at),
        tuple(await store.list_participants(tx, intervention)),
        tuple(presences),
        await technicians.names_of(tx, {presence.recorded_by for presence in presences}),
    )


def planned_event(intervention: Intervention) -> InterventionPlanned:
    """What is said of an intervention when it is planned or moved."""
    return InterventionPlanned(
        customer_id=intervention.customer_id,
        intervention_id=intervention.intervention_id,
        kind=intervention.kind.value,
        title=intervention.title,
        starts_at=intervention.starts_at,
        ends_at=intervention.ends_at,
    )


async def _touched(tx: Tx, intervention: Intervention) -> Intervention:
    touched = rules.touched(intervention)
    await store.save_intervention(tx, touched)
    return touched


async def _occupy(tx: Tx, intervention: Intervention) -> None:
    slot = Slot(intervention.starts_at, intervention.ends_at)
    if intervention.technician_id is None:
        await technicians.release(tx, intervention.intervention_id)
    elif not await technicians.occupy(tx, intervention.intervention_id, intervention.technician_id, slot):
        raise TechnicianBusy
