"""Outages are put on record and kept right: by hand, by probes and by alerts, through the same door."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from chassis.db import Tx
from contracts.events.availability import OutageCorrected, OutageDetected, OutageEnded
from services.availability.commands.told import change_between, told
from services.availability.model.records import (
    Change,
    NewOutage,
    OutageChange,
    OutageCorrection,
    OutageRecord,
)
from services.availability.refusals.records import (
    CustomerUnknown,
    OfferingUnknown,
    OutageOpenElsewhere,
    OutageUnknown,
)
from services.availability.rules import outages as rules
from services.availability.store import heard
from services.availability.store import outages as store
from services.availability.store.ordering import take_turn

Correction = Literal["corrected", "merged", "split", "withdrawn"]


async def open_outage(tx: Tx, new: NewOutage, now: datetime) -> OutageRecord:
    """Puts an outage on record, ended if its end is given. One without an end that goes on already, under the
    same source and key, is returned as it stands. The transaction sees the whole portal.
    """
    await take_turn(tx)
    if new.source_key is not None and new.ends_at is None:
        going_on = await store.find_open(tx, new.source, new.source_key)
        if going_on is not None:
            return going_on
    await require_known(tx, new.offering_code, new.customers)
    outage = rules.opened(new, uuid4(), now)
    opened = Change(now, new.by, OutageChange.opened, after=told(outage))
    await store.insert_outage(tx, outage, opened)
    for each in new.evidence:
        await store.insert_evidence(tx, outage.outage_id, each.kind, each.content, now)
    await tx.emit_many([detected(outage)] if outage.ends_at is None else [detected(outage), ended(outage)])
    return outage


async def find_to_change(tx: Tx, outage_id: UUID) -> OutageRecord:
    """The outage, locked, so that its revision can be compared before it is changed. Raises OutageUnknown."""
    found = await store.lock_outages(tx, [outage_id])
    if outage_id not in found:
        raise OutageUnknown
    return found[outage_id]


async def end_outage(
    tx: Tx, outage_id: UUID, ended_at: datetime, by: UUID | None, now: datetime
) -> OutageRecord:
    """One can again, since `ended_at`; `by` is None where a probe or an alert says so."""
    before = await find_to_change(tx, outage_id)
    outage = rules.ended(before, ended_at, now)
    await _save(tx, before, outage, OutageChange.ended, "", by, now)
    await tx.emit(ended(outage))
    return outage


async def add_evidence(tx: Tx, outage_id: UUID, kind: str, content: dict[str, Any], now: datetime) -> int:
    """Adds what an outage is known from, whatever its state: a `probe`, an `alert`, a `note`. Its number."""
    await find_to_change(tx, outage_id)
    return await store.insert_evidence(tx, outage_id, kind, content, now)


async def correct(
    tx: Tx, before: OutageRecord, correction: OutageCorrection, reason: str, by: UUID | None, now: datetime
) -> OutageRecord:
    """Other bounds, another scope or other words for an outage that was found to change; `by` is None where
    probes say so.
    """
    await require_known(tx, correction.offering_code, correction.customers)
    outage = rules.corrected(before, correction, now)
    await _require_alone(tx, outage)
    await _save(tx, before, outage, OutageChange.corrected, reason, by, now)
    await tx.emit(corrected(outage, "corrected"))
    return outage


async def merge(
    tx: Tx, target: OutageRecord, outage_ids: Sequence[UUID], reason: str, by: UUID | None, now: datetime
) -> OutageRecord:
    """Makes one outage of several: `target`, found to change, spans them all from now on.
    `by` is None where probes say so.
    """
    found = await store.lock_outages(tx, outage_ids)
    for outage_id in outage_ids:
        if outage_id not in found:
            raise OutageUnknown(detail=str(outage_id))
    spanning, others = rules.merged(target, [found[outage_id] for outage_id in outage_ids])
    await _save(tx, target, spanning, OutageChange.took_in, reason, by, now)
    for other in others:
        await _save(tx, found[other.outage_id], other, OutageChange.merged, reason, by, now)
    await tx.emit_many([corrected(each, "merged") for each in (spanning, *others)])
    return spanning


async def split(
    tx: Tx, before: OutageRecord, at: datetime, reason: str, by: UUID, now: datetime
) -> tuple[OutageRecord, OutageRecord]:
    """Makes two outages of one that was found to change: until `at`, and from `at` on."""
    first, second = rules.split(before, at, uuid4(), now)
    await _save(tx, before, first, OutageChange.cut, reason, by, now)
    split_off = Change(
        now, by, OutageChange.split_off, reason, {"outage_id": str(first.outage_id)}, told(second)
    )
    await store.insert_outage(tx, second, split_off)
    await tx.emit_many([corrected(each, "split") for each in (first, second)])
    return first, second


async def withdraw(tx: Tx, before: OutageRecord, reason: str, by: UUID | None, now: datetime) -> OutageRecord:
    """What was found to change was no outage; `by` is None where probes say so."""
    outage = rules.withdrawn(before)
    await _save(tx, before, outage, OutageChange.withdrawn, reason, by, now)
    await tx.emit(corrected(outage, "withdrawn"))
    return outage


async def require_known(tx: Tx, offering_code: str | None, customers: Sequence[UUID] | None) -> None:
    """Raises OfferingUnknown or CustomerUnknown for what nobody has told us of."""
    if offering_code is not None and not await heard.has_offering(tx, offering_code):
        raise OfferingUnknown(detail=offering_code)
    for customer_id in await heard.list_unknown_customers(tx, customers) if customers else ():
        raise CustomerUnknown(detail=str(customer_id))


async def _require_alone(tx: Tx, outage: OutageRecord) -> None:
    if outage.ends_at is None and outage.source_key is not None:
        other = await store.find_open(tx, outage.source, outage.source_key)
        if other is not None and other.outage_id != outage.outage_id:
            raise OutageOpenElsewhere(detail=f"{other.outage_id} goes on.")


async def _save(
    tx: Tx,
    before: OutageRecord,
    outage: OutageRecord,
    change: OutageChange,
    reason: str,
    by: UUID | None,
    now: datetime,
) -> None:
    line = change_between(before, outage, change, reason, by, now)
    await store.save_outage(tx, before, outage, line)


def _of(outage: OutageRecord) -> dict[str, Any]:
    return {
        "outage_id": outage.outage_id,
        "offering_code": outage.offering_code,
        "environment": outage.environment,
        "customers": None if outage.customers is None else list(outage.customers),
        "started_at": outage.starts_at,
    }


def detected(outage: OutageRecord) -> OutageDetected:
    """What is said of an outage that is new."""
    return OutageDetected(**_of(outage), source=outage.source.value, detected_at=outage.detected_at)


def ended(outage: OutageRecord) -> OutageEnded:
    """What is said of an outage that is over."""
    if outage.ends_at is None:
        raise ValueError(f"{outage.outage_id} goes on")
    return OutageEnded(**_of(outage), ended_at=outage.ends_at)


def corrected(outage: OutageRecord, change: Correction) -> OutageCorrected:
    """What is said of an outage that stands otherwise than it was said."""
    return OutageCorrected(**_of(outage), change=change, ended_at=outage.ends_at, revision=outage.revision)
