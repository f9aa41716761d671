"""Runs that probes confirmed are put on record as outages, and kept right there (R5).

What a person has changed of an outage stands: probes change nothing of it any more but its end while it is
open.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chassis.clock import Clock
from chassis.db import Tx
from services.availability.commands.outages import (
    add_evidence,
    correct,
    end_outage,
    find_to_change,
    merge,
    open_outage,
    withdraw,
)
from services.availability.model.probes import Target
from services.availability.model.records import (
    NewEvidence,
    NewOutage,
    OutageCorrection,
    OutageRecord,
    OutageSource,
)
from services.availability.model.standing import RecordedRun, Run
from services.availability.rules.outages import LIVE
from services.availability.rules.runs import kept_right, on_record
from services.availability.store import outages
from services.availability.store import probes as store

SECOND = timedelta(seconds=1)
EVIDENCE = 20
LATE = "A place told later what it had found."


async def put_on_record(
    tx: Tx, target: Target, runs: Sequence[Run], since: datetime | None, clock: Clock
) -> None:
    """Makes an outage of each run that is none yet, ends those that are over, gives those that are on record
    otherwise the bounds that they had, and withdraws those that were none. `runs` are all that there were of
    the target since then; None is ever.
    """
    recorded = await store.list_runs(tx, target.target_id, since)
    parts_of, of_none = on_record(runs, recorded)
    for known in of_none:
        await _withdraw(tx, target, known, clock)
    for run, parts in parts_of:
        if not parts:
            await _open(tx, target, run, clock)
        else:
            await _keep_right(tx, target, run, parts, clock)


async def _open(tx: Tx, target: Target, run: Run, clock: Clock) -> None:
    """R5: an outage from the first failed probe on, to the first successful one if that is told too."""
    now = clock.business_now()
    starts_at, ends_at = _began(clock.business_at(run.starts_at), now), None
    evidence = [await _evidence(tx, target, run.starts_at, run.confirmed_at)]
    if run.ends_at is not None:
        ends_at = _ended(clock.business_at(run.ends_at), starts_at, now)
        evidence.append(await _evidence(tx, target, run.ends_at, run.ends_at))
    new = NewOutage(
        title=target.text.name,
        source=OutageSource.probe,
        starts_at=starts_at,
        ends_at=ends_at,
        description=f"Confirmed from {', '.join(run.places)}.",
        offering_code=target.text.offering_code,
        environment=target.text.environment,
        source_key=str(target.target_id),
        evidence=tuple(evidence),
    )
    outage = await open_outage(tx, new, now)
    await store.save_run(tx, target.target_id, RecordedRun(run.starts_at, run.ends_at, outage.outage_id))


async def _withdraw(tx: Tx, target: Target, known: RecordedRun, clock: Clock) -> None:
    """R5: by all that was told there was no run; what a person has made of it is no more than ended."""
    await store.forget_run(tx, target.target_id, known)
    outage = await find_to_change(tx, known.outage_id)
    if await _is_ours(tx, outage):
        now = clock.business_now()
        evidence = await _evidence(tx, target, known.down_since, known.up_since or clock.system_now())
        await add_evidence(tx, outage.outage_id, evidence.kind, evidence.content, now)
        await withdraw(tx, outage, LATE, None, now)
    elif known.up_since is None:
        await _end(tx, target, clock.system_now(), clock)


async def _keep_right(tx: Tx, target: Target, run: Run, parts: list[RecordedRun], clock: Clock) -> None:
    """What is on record of a run is given its bounds. As several outages it is made one, unless somebody has
    changed any of them.
    """
    if kept_right(run, parts) == parts:
        return
    outages_of = [await find_to_change(tx, part.outage_id) for part in parts]
    settled = {each.outage_id for each in outages_of if not await _is_ours(tx, each)}
    kept = kept_right(run, parts, settled)
    for before, after in zip(parts, kept, strict=True):
        if before != after:
            await _move(tx, target, before, after, clock)
    about = {(each.offering_code, each.environment, each.customers) for each in outages_of}
    if len(parts) > 1 and not settled and len(about) == 1:
        await _make_one(tx, target, kept, clock)


async def _make_one(tx: Tx, target: Target, parts: Sequence[RecordedRun], clock: Clock) -> None:
    """R5: what is on record as several outages was one, the last of them."""
    *others, last = parts
    for other in others:
        await store.forget_run(tx, target.target_id, other)
    await store.change_run(tx, target.target_id, last, replace(last, down_since=parts[0].down_since))
    outage = await find_to_change(tx, last.outage_id)
    await merge(tx, outage, [other.outage_id for other in others], LATE, None, clock.business_now())


async def _is_ours(tx: Tx, outage: OutageRecord) -> bool:
    """Whether an outage counts, and nobody has changed anything of it."""
    return outage.state in LIVE and not await outages.is_changed_by_hand(tx, outage.outage_id)


async def _move(tx: Tx, target: Target, before: RecordedRun, after: RecordedRun, clock: Clock) -> None:
    await store.change_run(tx, target.target_id, before, after)
    ends = before.up_since is None and after.up_since is not None
    until = None if ends else after.up_since
    if (before.down_since, before.up_since) != (after.down_since, until):
        await _correct(tx, target, before, replace(after, up_since=until), clock)
    if ends and after.up_since is not None:
        await _end(tx, target, after.up_since, clock)


async def _correct(tx: Tx, target: Target, before: RecordedRun, after: RecordedRun, clock: Clock) -> None:
    outage = await find_to_change(tx, after.outage_id)
    if not await _is_ours(tx, outage):
        return
    now = clock.business_now()
    starts_at, ends_at = outage.starts_at, None
    if after.down_since != before.down_since:
        starts_at = _began(clock.business_at(after.down_since), now)
    if after.up_since is not None:
        ends_at = _ended(clock.business_at(after.up_since), starts_at, now)
    bounds = OutageCorrection(
        starts_at=starts_at,
        ends_at=ends_at,
        offering_code=outage.offering_code,
        environment=outage.environment,
        customers=outage.customers,
        title=outage.title,
        description=outage.description,
    )
    evidence = await _evidence(tx, target, after.down_since, after.up_since or after.down_since)
    await add_evidence(tx, outage.outage_id, evidence.kind, evidence.content, now)
    await correct(tx, outage, bounds, LATE, None, now)


async def _end(tx: Tx, target: Target, up_since: datetime, clock: Clock) -> None:
    """R5: the outage ends with the first successful probe, unless somebody has ended or withdrawn it."""
    going_on = await outages.find_open(tx, OutageSource.probe, str(target.target_id))
    if going_on is None:
        return
    now = clock.business_now()
    ended_at = _ended(clock.business_at(up_since), going_on.starts_at, now)
    evidence = await _evidence(tx, target, up_since, up_since)
    await add_evidence(tx, going_on.outage_id, evidence.kind, evidence.content, now)
    await end_outage(tx, going_on.outage_id, ended_at, None, now)


def _began(since: datetime, now: datetime) -> datetime:
    """An outage's start: a second ago at the latest."""
    return min(since, now - SECOND)


def _ended(until: datetime, starts_at: datetime, now: datetime) -> datetime:
    """An outage's end: a second after its start at the earliest, and now at the latest."""
    return min(now, max(until, starts_at + SECOND))


async def _evidence(tx: Tx, target: Target, since: datetime, until: datetime) -> NewEvidence:
    """The first results of a target between two instants."""
    found = await store.list_results_around(tx, target.target_id, since, until, EVIDENCE)
    named = {"target_id": str(target.target_id), "target": target.text.name}
    return NewEvidence("probe", named | {"results": [_told(one) for one in found]})


def _told(found: store.ResultShown) -> dict[str, Any]:
    """A result as evidence: where and when in real time, and the step that failed."""
    failed = [step for step in found.result.steps if step.fault is not None]
    step = failed[0] if failed else None
    return {
        "place": found.place,
        "started_at": found.result.started_at.isoformat(),
        "outcome": found.result.outcome.value,
        "took_ms": found.took_ms,
        "step": step.name if step else None,
        "fault": step.fault.value if step and step.fault else None,
        "status": step.status if step else None,
        "detail": step.detail if step else None,
    }
