"""The record of outages: how each is opened, ended, corrected, merged, split and withdrawn (R5).

What is on record has happened: no bound lies in the future, and an outage has a length. A fraction of a
second counts as the second it falls in.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from services.availability.model.records import (
    NewOutage,
    OutageCorrection,
    OutageRecord,
    OutageState,
)
from services.availability.refusals.records import (
    OutageCountsNoMore,
    OutageInTheFuture,
    OutageNamedTwice,
    OutageOver,
    OutagesApart,
    OutagesNotAlike,
    OutageStillOpen,
    OutageWithoutLength,
    SplitOutsideOutage,
)
from services.availability.rules.exclusions import counts

LIVE = frozenset({OutageState.open, OutageState.ended})


def makes_unavailability(outage: OutageRecord) -> bool:
    """6-f, R5: of the portal, not of a service alone; in production; neither merged nor withdrawn."""
    return outage.offering_code is None and counts(outage.environment) and outage.state in LIVE


def whole_second(instant: datetime) -> datetime:
    """The second in which an instant falls, in UTC."""
    return instant.astimezone(UTC).replace(microsecond=0)


def sorted_customers(customers: tuple[UUID, ...] | None) -> tuple[UUID, ...] | None:
    """Each of those touched once, in order; None, everybody, stays None."""
    return None if customers is None else tuple(sorted(set(customers)))


def opened(new: NewOutage, outage_id: UUID, now: datetime) -> OutageRecord:
    """R5: an outage with the bounds given, none of which is still to come."""
    starts_at, ends_at = _bounds(new.starts_at, new.ends_at, now)
    return OutageRecord(
        outage_id=outage_id,
        offering_code=new.offering_code,
        environment=new.environment,
        customers=sorted_customers(new.customers),
        source=new.source,
        source_key=new.source_key,
        title=new.title,
        description=new.description,
        starts_at=starts_at,
        ends_at=ends_at,
        state=OutageState.open if ends_at is None else OutageState.ended,
        merged_into=None,
        detected_at=now,
        opened_by=new.by,
    )


def ended(outage: OutageRecord, ended_at: datetime, now: datetime) -> OutageRecord:
    """R5: one can again since `ended_at`, after the start and not in the future."""
    _still_counts(outage)
    if outage.state is not OutageState.open:
        raise OutageOver(detail=f"It ended at {_told(outage.ends_at)}.")
    _, ends_at = _bounds(outage.starts_at, ended_at, now)
    return replace(outage, ends_at=ends_at, state=OutageState.ended, revision=outage.revision + 1)


def corrected(outage: OutageRecord, correction: OutageCorrection, now: datetime) -> OutageRecord:
    """R5: other bounds, scope or words. One that goes on is ended, not corrected to an end; one that had not
    ended after all goes on again.
    """
    _still_counts(outage)
    if outage.state is OutageState.open and correction.ends_at is not None:
        raise OutageStillOpen
    starts_at, ends_at = _bounds(correction.starts_at, correction.ends_at, now)
    return replace(
        outage,
        starts_at=starts_at,
        ends_at=ends_at,
        state=OutageState.open if ends_at is None else OutageState.ended,
        offering_code=correction.offering_code,
        environment=correction.environment,
        customers=sorted_customers(correction.customers),
        title=correction.title,
        description=correction.description,
        revision=outage.revision + 1,
    )


def merged(target: OutageRecord, others: Sequence[OutageRecord]) -> tuple[OutageRecord, list[OutageRecord]]:
    """R5: one outage from the first start to the last end, and those merged into it, which stay to be read.

    All touch the same thing and the same customers, so that nobody is given another's outage; those merged
    have ended, so that what found them has nothing left to end. Together they have no gap, in which one could
    after all: where that was not so a bound is corrected first, with its reason.
    """
    named = {other.outage_id for other in others}
    if len(named) < len(others) or target.outage_id in named:
        raise OutageNamedTwice
    _still_counts(target)
    for other in others:
        _may_merge(other, target)
    _without_gap([target, *others])
    bounds = [one.ends_at for one in (target, *others) if one.ends_at is not None]
    spanning = replace(
        target,
        starts_at=min(one.starts_at for one in (target, *others)),
        ends_at=None if target.ends_at is None else max(bounds),
        revision=target.revision + 1,
    )
    return spanning, [
        replace(other, state=OutageState.merged, merged_into=target.outage_id, revision=other.revision + 1)
        for other in others
    ]


def split(
    outage: OutageRecord, at: datetime, other_id: UUID, now: datetime
) -> tuple[OutageRecord, OutageRecord]:
    """R5: two outages that touch at `at`, so that each can be corrected by itself. The later one goes on if
    the whole did, and is what its source ends.
    """
    _still_counts(outage)
    at = whole_second(at)
    if not outage.starts_at < at < (outage.ends_at or whole_second(now)):
        raise SplitOutsideOutage
    first = replace(outage, ends_at=at, state=OutageState.ended, revision=outage.revision + 1)
    return first, replace(outage, outage_id=other_id, starts_at=at, revision=1)


def withdrawn(outage: OutageRecord) -> OutageRecord:
    """R5: what was no outage counts for nothing from now on, and stays to be read."""
    _still_counts(outage)
    return replace(outage, state=OutageState.withdrawn, revision=outage.revision + 1)


def _may_merge(other: OutageRecord, target: OutageRecord) -> None:
    _still_counts(other)
    if other.state is OutageState.open:
        raise OutageStillOpen(detail=f"{other.outage_id} goes on.")
    if (other.offering_code, other.environment, other.customers) != (
        target.offering_code,
        target.environment,
        target.customers,
    ):
        raise OutagesNotAlike(detail=f"{other.outage_id} differs.")


def _without_gap(outages: Sequence[OutageRecord]) -> None:
    first, *later = sorted(outages, key=lambda each: each.starts_at)
    reached = first.ends_at
    for each in later:
        if reached is None:
            return
        if each.starts_at > reached:
            raise OutagesApart(
                detail=f"From {_told(reached)} to {_told(each.starts_at)} none of them goes on."
            )
        reached = None if each.ends_at is None else max(reached, each.ends_at)


def _still_counts(outage: OutageRecord) -> None:
    if outage.state not in LIVE:
        raise OutageCountsNoMore(detail=f"It was {outage.state}.")


def _bounds(starts_at: datetime, ends_at: datetime | None, now: datetime) -> tuple[datetime, datetime | None]:
    start, end = whole_second(starts_at), None if ends_at is None else whole_second(ends_at)
    if max(start, end or start) > now:
        raise OutageInTheFuture(detail=f"It is {_told(whole_second(now))}.")
    if end is not None and end <= start:
        raise OutageWithoutLength
    return start, end


def _told(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
