"""Exclusions: as they stand, for whom they hold, and how that came."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, func, null, or_, select, text, true, tuple_

from chassis.db import Tx
from services.availability.model.rates import PRODUCTION, ExclusionKind
from services.availability.model.records import Change, ExclusionRecord
from services.availability.store.changes import change_of, columns_of
from services.availability.store.contracts import within_contract
from services.availability.store.ordering import take_turn
from services.availability.tables.outages import EXCLUSION, EXCLUSION_CUSTOMER

_HELD_FOR = (
    select(func.array_agg(EXCLUSION_CUSTOMER.c.customer_id))
    .where(EXCLUSION_CUSTOMER.c.exclusion_id == EXCLUSION.c.exclusion_id)
    .scalar_subquery()
    .label("customers")
)
_EXCLUSION = select(EXCLUSION, _HELD_FOR)
_SHOWN = select(EXCLUSION, null().label("customers"))
"""Without the thousands that it may name: who reads it is told whether it holds for all or some."""
_INSERT = text("""
    INSERT INTO exclusion (exclusion_id, kind, environment, scope, starts_at, ends_at, reason, recorded_at,
                           recorded_by, maintenance_id, withdrawn_at, withdrawn_by, withdrawn_reason,
                           revision)
    VALUES (:exclusion_id, :kind, :environment, :scope, :starts_at, :ends_at, :reason, :recorded_at,
            :recorded_by, :maintenance_id, :withdrawn_at, :withdrawn_by, :withdrawn_reason, :revision)
""")
_UPDATE = text("""
    UPDATE exclusion SET kind = :kind, environment = :environment, scope = :scope, starts_at = :starts_at,
           ends_at = :ends_at, reason = :reason, withdrawn_at = :withdrawn_at, withdrawn_by = :withdrawn_by,
           withdrawn_reason = :withdrawn_reason, revision = :revision
    WHERE exclusion_id = :exclusion_id
""")
_RELEASE = text("DELETE FROM exclusion_customer WHERE exclusion_id = :exclusion_id")
_HOLD = text("""
    INSERT INTO exclusion_customer (customer_id, exclusion_id)
    SELECT customer_id, :exclusion_id FROM unnest(CAST(:customers AS uuid[])) AS held (customer_id)
""")
_WRITE = text("""
    INSERT INTO exclusion_history (exclusion_id, seq, at, by, change, reason, before, after)
    VALUES (:exclusion_id, :seq, :at, :by, :change, :reason, CAST(:before AS jsonb), CAST(:after AS jsonb))
""")
_HISTORY = text("""
    SELECT seq, at, by, change, reason, before, after FROM exclusion_history
    WHERE exclusion_id = :exclusion_id AND seq > :after ORDER BY seq LIMIT :limit
""")
_CUSTOMERS = text("""
    SELECT h.customer_id, c.name FROM exclusion_customer h JOIN customer c ON c.customer_id = h.customer_id
    WHERE h.exclusion_id = :exclusion_id AND h.customer_id > :after ORDER BY h.customer_id LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which exclusions to list; None leaves a field free. The span is that which they touch."""

    kind: ExclusionKind | None = None
    since: datetime | None = None
    until: datetime | None = None
    standing_only: bool = False
    customer_id: UUID | None = None


def _exclusion(row: Row[Any]) -> ExclusionRecord:
    customers = None if row.scope == "all" else tuple(sorted(row.customers or ()))
    return ExclusionRecord(
        row.exclusion_id,
        ExclusionKind(row.kind),
        row.environment,
        customers,
        row.starts_at,
        row.ends_at,
        row.reason,
        row.recorded_at,
        row.recorded_by,
        row.maintenance_id,
        row.withdrawn_at,
        row.withdrawn_by,
        row.withdrawn_reason,
        row.revision,
    )


async def find_exclusion(
    tx: Tx, exclusion_id: UUID, customer_id: UUID | None = None
) -> ExclusionRecord | None:
    """The exclusion as it stands, to be shown; for a customer, if it holds for it."""
    row = await tx.fetch_one(_SHOWN.where(EXCLUSION.c.exclusion_id == exclusion_id, _holds_for(customer_id)))
    return _exclusion(row) if row else None


async def lock_exclusion(tx: Tx, exclusion_id: UUID) -> ExclusionRecord | None:
    """The exclusion, to be changed by this transaction alone."""
    return await _lock_one(tx, EXCLUSION.c.exclusion_id == exclusion_id)


async def lock_exclusion_of(tx: Tx, maintenance_id: UUID) -> ExclusionRecord | None:
    """What this urgent maintenance leaves out, unless that was withdrawn; locked."""
    return await _lock_one(
        tx, and_(EXCLUSION.c.maintenance_id == maintenance_id, EXCLUSION.c.withdrawn_at.is_(None))
    )


async def _lock_one(tx: Tx, which: ColumnElement[bool]) -> ExclusionRecord | None:
    await take_turn(tx)
    row = await tx.fetch_one(_EXCLUSION.where(which).with_for_update(key_share=True, of=EXCLUSION))
    return _exclusion(row) if row else None


async def list_exclusions(
    tx: Tx, wanted: Wanted, after: tuple[datetime, UUID] | None, limit: int
) -> list[ExclusionRecord]:
    """At most `limit` exclusions to be shown, the latest start first, those after a start and an id."""
    place = tuple_(EXCLUSION.c.starts_at, EXCLUSION.c.exclusion_id)
    statement = _SHOWN.where(_fits(wanted), _holds_for(wanted.customer_id))
    if after is not None:
        statement = statement.where(place < tuple_(*after))
    ordered = statement.order_by(EXCLUSION.c.starts_at.desc(), EXCLUSION.c.exclusion_id.desc()).limit(limit)
    return [_exclusion(row) for row in await tx.fetch_all(ordered)]


async def list_after(tx: Tx, after: UUID, limit: int) -> list[ExclusionRecord]:
    """At most `limit` exclusions in order of id, for a resync."""
    asked = _EXCLUSION.where(EXCLUSION.c.exclusion_id > after).order_by(EXCLUSION.c.exclusion_id).limit(limit)
    return [_exclusion(row) for row in await tx.fetch_all(asked)]


def _fits(wanted: Wanted) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if wanted.kind is not None:
        conditions.append(EXCLUSION.c.kind == wanted.kind.value)
    if wanted.since is not None:
        conditions.append(or_(EXCLUSION.c.ends_at.is_(None), EXCLUSION.c.ends_at > wanted.since))
    if wanted.until is not None:
        conditions.append(EXCLUSION.c.starts_at < wanted.until)
    if wanted.standing_only:
        conditions.append(EXCLUSION.c.withdrawn_at.is_(None))
    return and_(*conditions)


def _holds_for(customer_id: UUID | None) -> ColumnElement[bool]:
    """What a customer may read: what leaves something out of its own rate, so of production, while its
    contract runs.
    """
    if customer_id is None:
        return true()
    named = exists().where(
        EXCLUSION_CUSTOMER.c.customer_id == customer_id,
        EXCLUSION_CUSTOMER.c.exclusion_id == EXCLUSION.c.exclusion_id,
    )
    covered = within_contract(customer_id, EXCLUSION.c.starts_at, EXCLUSION.c.ends_at)
    return and_(EXCLUSION.c.environment == PRODUCTION, or_(EXCLUSION.c.scope == "all", named), covered)


async def insert_exclusion(tx: Tx, exclusion: ExclusionRecord, change: Change) -> None:
    """An exclusion that is new on record, with the first line of its history."""
    await tx.execute(_INSERT, _columns(exclusion))
    await _hold(tx, exclusion)
    await _write(tx, exclusion, change)


async def save_exclusion(tx: Tx, before: ExclusionRecord, exclusion: ExclusionRecord, change: Change) -> None:
    """An exclusion as it now stands; its history says what it was."""
    await tx.execute(_UPDATE, _columns(exclusion))
    if exclusion.customers != before.customers:
        await tx.execute(_RELEASE, {"exclusion_id": exclusion.exclusion_id})
        await _hold(tx, exclusion)
    await _write(tx, exclusion, change)


def _columns(exclusion: ExclusionRecord) -> dict[str, Any]:
    row = asdict(exclusion)
    del row["customers"]
    return row | {"scope": "all" if exclusion.customers is None else "some"}


async def _hold(tx: Tx, exclusion: ExclusionRecord) -> None:
    if exclusion.customers:
        held = {"exclusion_id": exclusion.exclusion_id, "customers": list(exclusion.customers)}
        await tx.execute(_HOLD, held)


async def _write(tx: Tx, exclusion: ExclusionRecord, change: Change) -> None:
    numbered = {"exclusion_id": exclusion.exclusion_id, "seq": exclusion.revision}
    await tx.execute(_WRITE, columns_of(change) | numbered)


async def list_history(tx: Tx, exclusion_id: UUID, after: int, limit: int) -> list[tuple[int, Change]]:
    """At most `limit` lines of an exclusion's history after a number, each with its number."""
    rows = await tx.fetch_all(_HISTORY, {"exclusion_id": exclusion_id, "after": after, "limit": limit})
    return [(row.seq, change_of(row)) for row in rows]


async def list_held_for(tx: Tx, exclusion_id: UUID, after: UUID, limit: int) -> Sequence[Row[Any]]:
    """At most `limit` of the customers that an exclusion for some names, after an id: id and name."""
    return await tx.fetch_all(_CUSTOMERS, {"exclusion_id": exclusion_id, "after": after, "limit": limit})
