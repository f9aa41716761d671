"""The record of exclusions (6-d): four of the types by hand, urgent maintenance by itself (5-e)."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.availability.model.rates import Exclusion, ExclusionKind
from services.availability.model.records import ExclusionRecord, NewExclusion
from services.availability.refusals.records import (
    ExclusionInTheFuture,
    ExclusionWithdrawn,
    UrgentMaintenanceExcludesItself,
)
from services.availability.rules.exclusions import admitted, excluded, stated_intervals
from services.availability.rules.intervals import second_of, total, within
from services.availability.rules.outages import sorted_customers, whole_second
from services.availability.rules.reference import PERIOD, open_windows


def recorded(new: NewExclusion, exclusion_id: UUID, by: UUID, now: datetime) -> ExclusionRecord:
    """6-d: an exclusion by hand has a type, a reason, its author and the instant it was given; what it leaves
    out has begun. Urgent maintenance makes its own, so that none is backdated (R6).
    """
    asked = _admitted(new, by, now)
    return ExclusionRecord(
        exclusion_id=exclusion_id,
        kind=asked.kind,
        environment=asked.environment,
        customers=sorted_customers(new.customers),
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        reason=asked.reason,
        recorded_at=now,
        recorded_by=by,
    )


def of_urgent_maintenance(
    asked: Exclusion, maintenance_id: UUID, exclusion_id: UUID, by: UUID, now: datetime
) -> ExclusionRecord:
    """5-e, R6: what urgent maintenance leaves out, for everybody, from its recorded start on."""
    return ExclusionRecord(
        exclusion_id=exclusion_id,
        kind=asked.kind,
        environment=asked.environment,
        customers=None,
        starts_at=asked.starts_at,
        ends_at=None,
        reason=asked.reason,
        recorded_at=now,
        recorded_by=by,
        maintenance_id=maintenance_id,
    )


def corrected(before: ExclusionRecord, asked: NewExclusion, by: UUID, now: datetime) -> ExclusionRecord:
    """6-d, 5-e: another type, interval, scope or reason. Urgent maintenance's is withdrawn, never moved."""
    _stands(before)
    if before.maintenance_id is not None:
        raise UrgentMaintenanceExcludesItself
    wanted = _admitted(asked, by, now)
    return replace(
        before,
        kind=wanted.kind,
        environment=wanted.environment,
        customers=sorted_customers(asked.customers),
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        reason=wanted.reason,
        revision=before.revision + 1,
    )


def ended_with_maintenance(before: ExclusionRecord, ended_at: datetime) -> ExclusionRecord:
    """5-e: urgent maintenance is excluded until its end."""
    return replace(before, ends_at=ended_at, revision=before.revision + 1)


def withdrawn(before: ExclusionRecord, reason: str, by: UUID, now: datetime) -> ExclusionRecord:
    """6-d: it leaves nothing out any more, and is kept as evidence with the reason."""
    _stands(before)
    return replace(
        before, withdrawn_at=now, withdrawn_by=by, withdrawn_reason=reason, revision=before.revision + 1
    )


def seconds_left_out(record: ExclusionRecord, now: datetime) -> int:
    """6-d, R5: the seconds of the reference period, until now, in which this leaves out what is interrupted.

    None for the maintenance window, which lies outside that period, nor for another environment (6-f).
    """
    if record.withdrawn_at is not None:
        return 0
    stated = stated_intervals([as_reckoned(record)], now)
    since, until = second_of(record.starts_at), second_of(record.ends_at or now)
    if since >= until:
        return 0
    return total(within(excluded(stated, since, until), open_windows(PERIOD, since, until)))


def as_reckoned(record: ExclusionRecord) -> Exclusion:
    """The exclusion as rates are reckoned with it."""
    return Exclusion(
        kind=record.kind,
        starts_at=record.starts_at,
        ends_at=record.ends_at,
        environment=record.environment,
        reason=record.reason,
        by=record.recorded_by,
        recorded_at=record.recorded_at,
    )


def _admitted(asked: NewExclusion, by: UUID, now: datetime) -> Exclusion:
    if asked.kind is ExclusionKind.urgent_maintenance:
        raise UrgentMaintenanceExcludesItself
    starts_at = whole_second(asked.starts_at)
    ends_at = None if asked.ends_at is None else whole_second(asked.ends_at)
    if max(starts_at, ends_at or starts_at) > now:
        raise ExclusionInTheFuture(detail=f"It is {whole_second(now).isoformat()}.")
    return admitted(Exclusion(asked.kind, starts_at, ends_at, asked.environment, asked.reason, by, now))


def _stands(record: ExclusionRecord) -> None:
    if record.withdrawn_at is not None:
        raise ExclusionWithdrawn
