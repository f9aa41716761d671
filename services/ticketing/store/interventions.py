"""Interventions with their attendance sheets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text

from chassis.db import Tx
from services.ticketing.model.agenda import PlannedKind
from services.ticketing.model.interventions import (
    Half,
    HalfDay,
    Intervention,
    InterventionState,
    Participant,
    Presence,
)
from services.ticketing.refusals.interventions import InterventionUnknown
from services.ticketing.store.rows import columns_of, saving
from services.ticketing.tables.interventions import INTERVENTION

_SAVE = saving(INTERVENTION)
_ONE = select(INTERVENTION).where(
    INTERVENTION.c.customer_id == bindparam("customer"),
    INTERVENTION.c.intervention_id == bindparam("intervention"),
)
_LOCK = _ONE.with_for_update()
_COLUMNS = ", ".join(column.name for column in INTERVENTION.c)
_LIST = text(f"""
    SELECT {_COLUMNS} FROM intervention
    WHERE customer_id = :customer_id AND (starts_at, intervention_id) < (:before_at, :before_id)
    ORDER BY starts_at DESC, intervention_id DESC LIMIT :limit
""").columns(*INTERVENTION.c)  # noqa: S608
_PARTICIPANTS = text("""
    SELECT number, name, organisation FROM attendance_participant
    WHERE customer_id = :customer_id AND intervention_id = :intervention_id ORDER BY number
""")
_PRESENCES = text("""
    SELECT number, day, half, present, recorded_at, recorded_by FROM attendance_presence
    WHERE customer_id = :customer_id AND intervention_id = :intervention_id ORDER BY number, day, half
""")
_REMOVE = text("""
    DELETE FROM attendance_participant
    WHERE customer_id = :customer_id AND intervention_id = :intervention_id
      AND number <> ALL(CAST(:kept AS smallint[]))
""")
_ENLIST = text("""
    INSERT INTO attendance_participant (customer_id, intervention_id, number, name, organisation)
    VALUES (:customer_id, :intervention_id, :number, :name, :organisation)
    ON CONFLICT (customer_id, intervention_id, number)
    DO UPDATE SET name = excluded.name, organisation = excluded.organisation
""")
_RECORD = text("""
    INSERT INTO attendance_presence
        (customer_id, intervention_id, number, day, half, present, recorded_at, recorded_by)
    VALUES (:customer_id, :intervention_id, :number, :day, :half, :present, :recorded_at, :recorded_by)
    ON CONFLICT (customer_id, intervention_id, number, day, half)
    DO UPDATE SET present = excluded.present, recorded_at = excluded.recorded_at,
        recorded_by = excluded.recorded_by
""")


async def save_intervention(tx: Tx, intervention: Intervention) -> None:
    """An intervention as it stands now."""
    await tx.execute(_SAVE, columns_of(intervention))


async def find_intervention(tx: Tx, customer_id: UUID, intervention_id: UUID) -> Intervention:
    """One intervention. Raises InterventionUnknown."""
    return _found(await tx.fetch_one(_ONE, {"customer": customer_id, "intervention": intervention_id}))


async def lock_intervention(tx: Tx, customer_id: UUID, intervention_id: UUID) -> Intervention:
    """One intervention, kept from others until this transaction ends. Raises InterventionUnknown."""
    return _found(await tx.fetch_one(_LOCK, {"customer": customer_id, "intervention": intervention_id}))


async def list_interventions(
    tx: Tx, customer_id: UUID, before: tuple[datetime, UUID], limit: int
) -> list[Intervention]:
    """A customer's interventions, the latest first, those before `before`."""
    asked = {"customer_id": customer_id, "before_at": before[0], "before_id": before[1], "limit": limit}
    return [_intervention(row) for row in await tx.fetch_all(_LIST, asked)]


async def list_participants(tx: Tx, intervention: Intervention) -> list[Participant]:
    """Who is on the sheet, by number."""
    rows = await tx.fetch_all(_PARTICIPANTS, _key(intervention))
    return [Participant(row.number, row.name, row.organisation) for row in rows]


async def list_presences(tx: Tx, intervention: Intervention) -> list[Presence]:
    """What was recorded of them."""
    return [
        Presence(row.number, HalfDay(row.day, Half(row.half)), row.present, row.recorded_at, row.recorded_by)
        for row in await tx.fetch_all(_PRESENCES, _key(intervention))
    ]


async def save_participants(tx: Tx, intervention: Intervention, kept: Sequence[Participant]) -> None:
    """These are on the sheet, and no others."""
    numbers = [participant.number for participant in kept]
    await tx.execute(_REMOVE, _key(intervention) | {"kept": numbers})
    if kept:
        await tx.execute(_ENLIST, [_key(intervention) | columns_of(participant) for participant in kept])


async def save_presences(tx: Tx, intervention: Intervention, recorded: Sequence[Presence]) -> None:
    """What is recorded now; the last word of each half-day counts."""
    rows = [
        _key(intervention)
        | {
            "number": presence.number,
            "day": presence.half_day.day,
            "half": presence.half_day.half,
            "present": presence.present,
            "recorded_at": presence.recorded_at,
            "recorded_by": presence.recorded_by,
        }
        for presence in recorded
    ]
    if rows:
        await tx.execute(_RECORD, rows)


def _key(intervention: Intervention) -> dict[str, Any]:
    return {"customer_id": intervention.customer_id, "intervention_id": intervention.intervention_id}


def _found(row: Row[Any] | None) -> Intervention:
    if row is None:
        raise InterventionUnknown
    return _intervention(row)


def _intervention(row: Row[Any]) -> Intervention:
    told = dict(row._mapping)
    words = {"kind": PlannedKind(row.kind), "state": InterventionState(row.state)}
    return Intervention(**told | words)
