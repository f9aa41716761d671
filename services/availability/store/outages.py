"""Outages: as they stand, whom they touch, how that came, and what they are known from."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, func, null, or_, select, text, true, tuple_

from chassis.db import Tx
from services.availability.model.rates import PRODUCTION
from services.availability.model.records import (
    Change,
    Evidence,
    OutageRecord,
    OutageSource,
    OutageState,
    Viewer,
)
from services.availability.store.changes import change_of, columns_of, json_of
from services.availability.store.contracts import within_contract
from services.availability.store.ordering import take_turn
from services.availability.tables.heard import SUBSCRIPTION
from services.availability.tables.outages import OUTAGE, OUTAGE_CUSTOMER

_TOUCHED = (
    select(func.array_agg(OUTAGE_CUSTOMER.c.customer_id))
    .where(OUTAGE_CUSTOMER.c.outage_id == OUTAGE.c.outage_id)
    .scalar_subquery()
    .label("customers")
)
_OUTAGE = select(OUTAGE, _TOUCHED)
_SHOWN = select(OUTAGE, null().label("customers"))
"""Without the thousands that it may name: who reads it is told whether it touches all or some."""
_INSERT = text("""
    INSERT INTO outage (outage_id, offering_code, environment, scope, source, source_key, title, description,
                        starts_at, ends_at, state, merged_into, detected_at, opened_by, revision)
    VALUES (:outage_id, :offering_code, :environment, :scope, :source, :source_key, :title, :description,
            :starts_at, :ends_at, :state, :merged_into, :detected_at, :opened_by, :revision)
""")
_UPDATE = text("""
    UPDATE outage SET offering_code = :offering_code, environment = :environment, scope = :scope,
           title = :title, description = :description, starts_at = :starts_at, ends_at = :ends_at,
           state = :state, merged_into = :merged_into, revision = :revision
    WHERE outage_id = :outage_id
""")
_COUNT_OPEN = text(
    "SELECT environment, count(*) AS going_on FROM outage WHERE state = 'open' GROUP BY environment"
)
_CHANGED_BY_HAND = text(
    "SELECT EXISTS (SELECT FROM outage_history WHERE outage_id = :outage_id AND by IS NOT NULL)"
)
_UNTOUCH = text("DELETE FROM outage_customer WHERE outage_id = :outage_id")
_TOUCH = text("""
    INSERT INTO outage_customer (customer_id, outage_id)
    SELECT customer_id, :outage_id FROM unnest(CAST(:customers AS uuid[])) AS touched (customer_id)
""")
_WRITE = text("""
    INSERT INTO outage_history (outage_id, seq, at, by, change, reason, before, after)
    VALUES (:outage_id, :seq, :at, :by, :change, :reason, CAST(:before AS jsonb), CAST(:after AS jsonb))
""")
_ADD_EVIDENCE = text("""
    INSERT INTO outage_evidence (outage_id, seq, at, kind, content)
    SELECT :outage_id, coalesce(max(seq), 0) + 1, :at, :kind, CAST(:content AS jsonb)
    FROM outage_evidence WHERE outage_id = :outage_id
    RETURNING seq
""")
_HISTORY = text("""
    SELECT seq, at, by, change, reason, before, after FROM outage_history
    WHERE outage_id = :outage_id AND seq > :after ORDER BY seq LIMIT :limit
""")
_EVIDENCE = text("""
    SELECT seq, at, kind, content FROM outage_evidence
    WHERE outage_id = :outage_id AND seq > :after ORDER BY seq LIMIT :limit
""")
_CUSTOMERS = text("""
    SELECT t.customer_id, c.name FROM outage_customer t JOIN customer c ON c.customer_id = t.customer_id
    WHERE t.outage_id = :outage_id AND t.customer_id > :after ORDER BY t.customer_id LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which outages to list; None leaves a field free. The span is that in which they were going on."""

    state: OutageState | None = None
    offering_code: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    viewer: Viewer | None = None


def _outage(row: Row[Any]) -> OutageRecord:
    customers = None if row.scope == "all" else tuple(sorted(row.customers or ()))
    return OutageRecord(
        row.outage_id,
        row.offering_code,
        row.environment,
        customers,
        OutageSource(row.source),
        row.source_key,
        row.title,
        row.description,
        row.starts_at,
        row.ends_at,
        OutageState(row.state),
        row.merged_into,
        row.detected_at,
        row.opened_by,
        row.revision,
    )


def _columns(outage: OutageRecord) -> dict[str, Any]:
    row = asdict(outage)
    del row["customers"]
    return row | {"scope": "all" if outage.customers is None else "some"}


async def find_outage(tx: Tx, outage_id: UUID, viewer: Viewer | None = None) -> OutageRecord | None:
    """The outage as it stands, to be shown; for a viewer, if it touches them."""
    statement = _SHOWN.where(OUTAGE.c.outage_id == outage_id, _touches(viewer))
    row = await tx.fetch_one(statement)
    return _outage(row) if row else None


async def lock_outages(tx: Tx, outage_ids: Iterable[UUID]) -> dict[UUID, OutageRecord]:
    """Those of them that there are, to be changed by this transaction alone."""
    await take_turn(tx)
    asked = _OUTAGE.where(OUTAGE.c.outage_id.in_(list(outage_ids))).order_by(OUTAGE.c.outage_id)
    rows = await tx.fetch_all(asked.with_for_update(key_share=True, of=OUTAGE))
    return {row.outage_id: _outage(row) for row in rows}


async def count_open(tx: Tx) -> list[tuple[str, int]]:
    """How many outages go on in each environment that has any."""
    return [(row.environment, row.going_on) for row in await tx.fetch_all(_COUNT_OPEN)]


async def is_changed_by_hand(tx: Tx, outage_id: UUID) -> bool:
    """Whether a person has opened this outage, or changed anything of it."""
    changed: bool = (await tx.execute(_CHANGED_BY_HAND, {"outage_id": outage_id})).scalar_one()
    return changed


async def find_open(tx: Tx, source: OutageSource, source_key: str) -> OutageRecord | None:
    """What goes on by this source under this key."""
    row = await tx.fetch_one(
        _OUTAGE.where(
            OUTAGE.c.source == source.value,
            OUTAGE.c.source_key == source_key,
            OUTAGE.c.state == OutageState.open.value,
        )
    )
    return _outage(row) if row else None


async def list_outages(
    tx: Tx, wanted: Wanted, after: tuple[datetime, UUID] | None, limit: int
) -> list[OutageRecord]:
    """At most `limit` outages to be shown, the latest start first, those after a start and an id."""
    place = tuple_(OUTAGE.c.starts_at, OUTAGE.c.outage_id)
    statement = _SHOWN.where(_fits(wanted), _touches(wanted.viewer))
    if after is not None:
        statement = statement.where(place < tuple_(*after))
    ordered = statement.order_by(OUTAGE.c.starts_at.desc(), OUTAGE.c.outage_id.desc()).limit(limit)
    return [_outage(row) for row in await tx.fetch_all(ordered)]


async def list_after(tx: Tx, after: UUID, limit: int) -> list[OutageRecord]:
    """At most `limit` outages in order of id, for a resync."""
    asked = _OUTAGE.where(OUTAGE.c.outage_id > after).order_by(OUTAGE.c.outage_id).limit(limit)
    return [_outage(row) for row in await tx.fetch_all(asked)]


def _fits(wanted: Wanted) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if wanted.state is not None:
        conditions.append(OUTAGE.c.state == wanted.state.value)
    if wanted.offering_code is not None:
        conditions.append(OUTAGE.c.offering_code == wanted.offering_code)
    if wanted.since is not None:
        conditions.append(or_(OUTAGE.c.ends_at.is_(None), OUTAGE.c.ends_at > wanted.since))
    if wanted.until is not None:
        conditions.append(OUTAGE.c.starts_at < wanted.until)
    return and_(*conditions)


def _touches(viewer: Viewer | None) -> ColumnElement[bool]:
    """What a customer may read: of production, what touches all or it while its contract runs; of a service,
    if it had it then.
    """
    if viewer is None:
        return true()
    has_it = exists().where(
        SUBSCRIPTION.c.customer_id == viewer.customer_id,
        SUBSCRIPTION.c.offering_code == OUTAGE.c.offering_code,
        or_(SUBSCRIPTION.c.deactivated_at.is_(None), SUBSCRIPTION.c.deactivated_at > OUTAGE.c.starts_at),
        or_(OUTAGE.c.ends_at.is_(None), SUBSCRIPTION.c.activated_at < OUTAGE.c.ends_at),
    )
    named = exists().where(
        OUTAGE_CUSTOMER.c.customer_id == viewer.customer_id, OUTAGE_CUSTOMER.c.outage_id == OUTAGE.c.outage_id
    )
    of_all = and_(OUTAGE.c.scope == "all", or_(OUTAGE.c.offering_code.is_(None), has_it))
    covered = within_contract(viewer.customer_id, OUTAGE.c.starts_at, OUTAGE.c.ends_at)
    theirs = and_(OUTAGE.c.environment == PRODUCTION, or_(of_all, named), covered)
    return and_(theirs, OUTAGE.c.offering_code.is_(None)) if viewer.portal_only else theirs


async def insert_outage(tx: Tx, outage: OutageRecord, change: Change) -> None:
    """An outage that is new on record, with the first line of its history."""
    await tx.execute(_INSERT, _columns(outage))
    await _touch(tx, outage)
    await _write(tx, outage, change)


async def save_outage(tx: Tx, before: OutageRecord, outage: OutageRecord, change: Change) -> None:
    """An outage as it now stands; its history says what it was."""
    await tx.execute(_UPDATE, _columns(outage))
    if outage.customers != before.customers:
        await tx.execute(_UNTOUCH, {"outage_id": outage.outage_id})
        await _touch(tx, outage)
    await _write(tx, outage, change)


async def _touch(tx: Tx, outage: OutageRecord) -> None:
    if outage.customers:
        touched = {"outage_id": outage.outage_id, "customers": list(outage.customers)}
        await tx.execute(_TOUCH, touched)


async def _write(tx: Tx, outage: OutageRecord, change: Change) -> None:
    numbered = {"outage_id": outage.outage_id, "seq": outage.revision}
    await tx.execute(_WRITE, columns_of(change) | numbered)


async def insert_evidence(tx: Tx, outage_id: UUID, kind: str, content: dict[str, Any], at: datetime) -> int:
    """One more piece of evidence; returns its number. The outage is locked."""
    told = {"outage_id": outage_id, "kind": kind, "content": json_of(content), "at": at}
    return int((await tx.execute(_ADD_EVIDENCE, told)).scalar_one())


async def list_history(tx: Tx, outage_id: UUID, after: int, limit: int) -> list[tuple[int, Change]]:
    """At most `limit` lines of an outage's history after a number, each with its number."""
    rows = await tx.fetch_all(_HISTORY, {"outage_id": outage_id, "after": after, "limit": limit})
    return [(row.seq, change_of(row)) for row in rows]


async def list_evidence(tx: Tx, outage_id: UUID, after: int, limit: int) -> list[Evidence]:
    """At most `limit` pieces of evidence after a number."""
    rows = await tx.fetch_all(_EVIDENCE, {"outage_id": outage_id, "after": after, "limit": limit})
    return [Evidence(*tuple(row)) for row in rows]


async def list_touched(tx: Tx, outage_id: UUID, after: UUID, limit: int) -> Sequence[Row[Any]]:
    """At most `limit` of the customers that an outage of some names, after an id: id and name."""
    return await tx.fetch_all(_CUSTOMERS, {"outage_id": outage_id, "after": after, "limit": limit})
