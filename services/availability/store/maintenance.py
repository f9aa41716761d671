"""Maintenance: as announced and as it was, each announcement kept as proof of when it was made."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, text, true, tuple_

from chassis.db import Tx
from services.availability.model.records import Change, MaintenanceKind, MaintenanceRecord, MaintenanceState
from services.availability.store.changes import change_of, columns_of
from services.availability.store.ordering import take_turn
from services.availability.tables.maintenance import MAINTENANCE

_MAINTENANCE = select(MAINTENANCE)
_INSERT = text("""
    INSERT INTO maintenance (maintenance_id, kind, title, description, blocking, starts_at, ends_at,
                             announced_at, started_at, ended_at, cancelled_at, state, recorded_by, revision)
    VALUES (:maintenance_id, :kind, :title, :description, :blocking, :starts_at, :ends_at,
            :announced_at, :started_at, :ended_at, :cancelled_at, :state, :recorded_by, :revision)
""")
_UPDATE = text("""
    UPDATE maintenance SET title = :title, description = :description, blocking = :blocking,
           starts_at = :starts_at, ends_at = :ends_at, announced_at = :announced_at,
           started_at = :started_at, ended_at = :ended_at, cancelled_at = :cancelled_at, state = :state,
           revision = :revision
    WHERE maintenance_id = :maintenance_id
""")
_WRITE = text("""
    INSERT INTO maintenance_history (maintenance_id, seq, at, by, change, reason, before, after)
    VALUES (:maintenance_id, :seq, :at, :by, :change, :reason, CAST(:before AS jsonb), CAST(:after AS jsonb))
""")
_HISTORY = text("""
    SELECT seq, at, by, change, reason, before, after FROM maintenance_history
    WHERE maintenance_id = :maintenance_id AND seq > :after ORDER BY seq LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which maintenance to list; None leaves a field free. The span is that which it touches."""

    kind: MaintenanceKind | None = None
    state: MaintenanceState | None = None
    since: datetime | None = None
    until: datetime | None = None


def _maintenance(row: Row[Any]) -> MaintenanceRecord:
    return MaintenanceRecord(
        row.maintenance_id,
        MaintenanceKind(row.kind),
        row.title,
        row.description,
        row.blocking,
        row.starts_at,
        row.ends_at,
        row.announced_at,
        row.started_at,
        row.ended_at,
        row.cancelled_at,
        MaintenanceState(row.state),
        row.recorded_by,
        row.revision,
    )


async def find_maintenance(tx: Tx, maintenance_id: UUID) -> MaintenanceRecord | None:
    """The maintenance as it stands."""
    row = await tx.fetch_one(_MAINTENANCE.where(MAINTENANCE.c.maintenance_id == maintenance_id))
    return _maintenance(row) if row else None


async def lock_maintenance(tx: Tx, maintenance_id: UUID) -> MaintenanceRecord | None:
    """The maintenance, to be changed by this transaction alone."""
    await take_turn(tx)
    asked = _MAINTENANCE.where(MAINTENANCE.c.maintenance_id == maintenance_id)
    row = await tx.fetch_one(asked.with_for_update(key_share=True))
    return _maintenance(row) if row else None


async def list_maintenance(
    tx: Tx, wanted: Wanted, after: tuple[datetime, UUID] | None, limit: int
) -> list[MaintenanceRecord]:
    """At most `limit` of them, the latest start first, those after a start and an id."""
    place = tuple_(MAINTENANCE.c.starts_at, MAINTENANCE.c.maintenance_id)
    statement = _MAINTENANCE.where(_fits(wanted))
    if after is not None:
        statement = statement.where(place < tuple_(*after))
    ordered = statement.order_by(MAINTENANCE.c.starts_at.desc(), MAINTENANCE.c.maintenance_id.desc())
    return [_maintenance(row) for row in await tx.fetch_all(ordered.limit(limit))]


async def list_after(tx: Tx, after: UUID, limit: int) -> list[MaintenanceRecord]:
    """At most `limit` of them in order of id, for a resync."""
    asked = _MAINTENANCE.where(MAINTENANCE.c.maintenance_id > after)
    rows = await tx.fetch_all(asked.order_by(MAINTENANCE.c.maintenance_id).limit(limit))
    return [_maintenance(row) for row in rows]


def _fits(wanted: Wanted) -> ColumnElement[bool]:
    """An urgent one's end that is only expected ends nothing: it goes on until it has ended."""
    conditions: list[ColumnElement[bool]] = [true()]
    if wanted.kind is not None:
        conditions.append(MAINTENANCE.c.kind == wanted.kind.value)
    if wanted.state is not None:
        conditions.append(MAINTENANCE.c.state == wanted.state.value)
    if wanted.since is not None:
        goes_on = MAINTENANCE.c.state == MaintenanceState.started.value
        over = func.greatest(MAINTENANCE.c.ended_at, MAINTENANCE.c.ends_at)
        conditions.append(or_(goes_on, over > wanted.since))
    if wanted.until is not None:
        conditions.append(MAINTENANCE.c.starts_at < wanted.until)
    return and_(*conditions)


async def insert_maintenance(tx: Tx, maintenance: MaintenanceRecord, change: Change) -> None:
    """Maintenance that is new on record, with its first announcement."""
    await tx.execute(_INSERT, asdict(maintenance))
    await _write(tx, maintenance, change)


async def save_maintenance(tx: Tx, maintenance: MaintenanceRecord, change: Change) -> None:
    """Maintenance as it now stands; its history says what was announced before."""
    await tx.execute(_UPDATE, asdict(maintenance))
    await _write(tx, maintenance, change)


async def _write(tx: Tx, maintenance: MaintenanceRecord, change: Change) -> None:
    numbered = {"maintenance_id": maintenance.maintenance_id, "seq": maintenance.revision}
    await tx.execute(_WRITE, columns_of(change) | numbered)


async def list_history(tx: Tx, maintenance_id: UUID, after: int, limit: int) -> list[tuple[int, Change]]:
    """At most `limit` lines of its history after a number, each with its number."""
    rows = await tx.fetch_all(_HISTORY, {"maintenance_id": maintenance_id, "after": after, "limit": limit})
    return [(row.seq, change_of(row)) for row in rows]
