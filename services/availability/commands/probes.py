"""What places tell is taken down, and confirmed failures become outages (6-b, R5).

A target's standing is locked before what was found of it is read, so that of two places which tell at once
the second sees what the first told. What was found is followed in the order of time from the last instant up
to which every place has told all it will tell: a place that was cut off tells in retrospect.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis import mail, metrics
from chassis.clock import Clock
from chassis.db import Tx
from chassis.telemetry import get_logger
from services.availability.commands.outages import add_evidence, end_outage, open_outage
from services.availability.model.probes import Outcome, ProbeResult, Report, Target
from services.availability.model.records import NewEvidence, NewOutage, OutageSource
from services.availability.model.standing import Finding, Run, Standing
from services.availability.refusals.probes import PlaceOfAnother, PlaceUnknown, ProberClockOff
from services.availability.rules.confirmation import followed, looked_back, settled
from services.availability.store import outages, places
from services.availability.store import probes as store
from services.availability.store.targets import find_targets

CLOCK_TOLERANCE = timedelta(seconds=10)
WAITED_FOR = timedelta(hours=2)
"""How long what a silent place may tell is waited for; what comes later is kept and confirms nothing."""
SECOND = timedelta(seconds=1)
EVIDENCE = 20
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """How many results of a report were new, and which targets are not watched as the place believes."""

    new: int
    outdated: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """A target whose standing was followed: what is known now, and the runs there were."""

    target: Target
    before: store.KnownUntil
    known: store.KnownUntil
    runs: tuple[Run, ...]


async def take_report(tx: Tx, report: Report, program_id: UUID | None, clock: Clock) -> Taken:
    """Takes down what a place found, once however often it is told, and acts on what that confirms.

    Raises PlaceUnknown, PlaceOfAnother, and ProberClockOff for a place whose clock is not to be trusted.
    `program_id` is None for a prober of our own that writes here itself.
    """
    now = clock.system_now()
    place = await places.find_place(tx, report.place, locked=True)
    if place is None:
        raise PlaceUnknown(detail=report.place)
    if program_id is not None and place.program_id not in (None, program_id):
        raise PlaceOfAnother
    if abs(report.sent_at - now) > CLOCK_TOLERANCE or _latest(report) > now + CLOCK_TOLERANCE:
        raise ProberClockOff(detail=f"It is {now.isoformat()} here.")
    targets = await find_targets(tx, {one.target_id for one in report.results})
    known = [one for one in report.results if one.target_id in targets]
    new = await store.insert_results(tx, report.place, known, now)
    await places.save_heard(tx, report, now)
    fresh = [one for one in known if (one.target_id, one.planned_at) in new and _is_of(one, targets)]
    await _act(tx, await _follow(tx, targets, fresh, now), clock)
    outdated = {one.target_id for one in report.results if not _is_of(one, targets)}
    return Taken(len(new), tuple(sorted(outdated)))


def _latest(report: Report) -> datetime:
    return max((one.started_at for one in report.results), default=report.sent_at)


def _is_of(result: ProbeResult, targets: dict[UUID, Target]) -> bool:
    """Whether a result is of a target as it is watched now."""
    target = targets.get(result.target_id)
    return target is not None and target.revision == result.revision


async def _follow(
    tx: Tx, targets: dict[UUID, Target], fresh: Collection[ProbeResult], now: datetime
) -> list[Followed]:
    """Follows the targets of these results with which something is wrong, in order of id."""
    failed = {one.target_id for one in fresh if one.outcome is Outcome.down}
    wrong = failed | await store.list_unsettled(tx, {one.target_id for one in fresh})
    if not wrong:
        return []
    told_until = await store.told_until(tx)
    found = []
    for target_id, before in sorted((await store.lock_standings(tx, wrong, now)).items()):
        target = targets[target_id]
        if before.is_settled:
            before = _begun(target, [one for one in fresh if one.target_id == target_id])
        findings = await store.list_findings(tx, target_id, target.revision, before.known_until)
        until = _complete_until(target, told_until.items(), now)
        followed_now = _followed(target, before, findings, until)
        await store.save_standing(tx, target_id, followed_now.known)
        found.append(followed_now)
    return found


def _begun(target: Target, fresh: Iterable[ProbeResult]) -> store.KnownUntil:
    """A settled standing as it begins anew: far enough before the first failure to hear every place."""
    watch, script = target.text.watch, target.text.script
    first = min(one.started_at for one in fresh if one.outcome is Outcome.down)
    since = first - looked_back(watch, timedelta(milliseconds=script.timeout_ms))
    return store.KnownUntil(Standing(), since, is_settled=False)


def _complete_until(
    target: Target, told_until: Iterable[tuple[str, datetime | None]], now: datetime
) -> datetime:
    """The instant before which nothing more is told of a target, or is waited for."""
    told = [until for place, until in told_until if place in target.text.watch.places]
    complete = min((until or now - WAITED_FOR for until in told), default=now)
    return max(complete, now - WAITED_FOR)


def _followed(
    target: Target, before: store.KnownUntil, findings: Collection[Finding], until: datetime
) -> Followed:
    watch = target.text.watch
    standing, runs = followed(before.standing, findings, watch)
    if settled(standing, watch):
        return Followed(target, before, store.KnownUntil(Standing(), until, is_settled=True), runs)
    complete, _ = followed(before.standing, [one for one in findings if one.at < until], watch)
    known_until = max(before.known_until, until)
    return Followed(target, before, store.KnownUntil(complete, known_until, is_settled=False), runs)


async def _act(tx: Tx, found: Iterable[Followed], clock: Clock) -> None:
    """Puts on record what was not yet: new runs as outages, and their ends."""
    for one in found:
        recorded = await store.list_runs(tx, one.target.target_id, one.before.known_until)
        for run in one.runs:
            same = next((known for known in recorded if _overlap(known, run)), None)
            if same is None:
                recorded.append(await _open(tx, one.target, run, clock))
            elif same.up_since is None and run.ends_at is not None:
                recorded[recorded.index(same)] = await _end(tx, one.target, same, run.ends_at, clock)


def _overlap(known: store.RecordedRun, run: Run) -> bool:
    return (run.ends_at is None or known.down_since < run.ends_at) and (
        known.up_since is None or run.starts_at < known.up_since
    )


async def _open(tx: Tx, target: Target, run: Run, clock: Clock) -> store.RecordedRun:
    """R5: an outage from the first failed probe on, to the first successful one if that is told too."""
    now = clock.business_now()
    new = NewOutage(
        title=target.text.name,
        source=OutageSource.probe,
        starts_at=min(clock.business_at(run.starts_at), now - SECOND),
        description=f"Confirmed from {', '.join(run.places)}.",
        offering_code=target.text.offering_code,
        environment=target.text.environment,
        source_key=str(target.target_id),
        evidence=(await _evidence(tx, target, run.starts_at, run.confirmed_at),),
    )
    outage = await open_outage(tx, new, now)
    opened = store.RecordedRun(run.starts_at, None, outage.outage_id)
    if run.ends_at is not None:
        return await _end(tx, target, opened, run.ends_at, clock)
    await store.save_run(tx, target.target_id, opened)
    return opened


async def _end(
    tx: Tx, target: Target, run: store.RecordedRun, up_since: datetime, clock: Clock
) -> store.RecordedRun:
    """R5: the outage ends with the first successful probe, unless somebody has ended or withdrawn it."""
    going_on = await outages.find_open(tx, OutageSource.probe, str(target.target_id))
    if going_on is not None:
        now = clock.business_now()
        ended_at = max(clock.business_at(up_since), going_on.starts_at + SECOND)
        evidence = await _evidence(tx, target, up_since, up_since)
        await add_evidence(tx, going_on.outage_id, evidence.kind, evidence.content, now)
        await end_outage(tx, going_on.outage_id, min(ended_at, now), None, now)
    over = replace(run, up_since=up_since)
    await store.save_run(tx, target.target_id, over)
    return over


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


async def tell_silent(tx: Tx, to: str, now: datetime) -> int:
    """Alarms operations of places that have fallen silent: nothing is watched from there; how many."""
    silent = await places.note_silent(tx, now)
    for code, is_silent in (await places.list_silent(tx)).items():
        metrics.PLACES_SILENT.labels(code).set(is_silent)
    for code, name, since in silent:
        _log.error("place_silent", place=code, since=since.isoformat())
        await mail.send(
            tx,
            key=f"place-silent/{code}/{since.isoformat()}",
            to=to,
            subject=f"Nothing is heard of the probes in {name}",
            text=f"The place {code} ({name}) has told nothing since {since.isoformat()}.\n"
            "What it watches is not confirmed from there. That is no outage by itself.\n",
        )
    return len(silent)


async def forget_old(tx: Tx, kept: timedelta, now: datetime) -> int:
    """Forgets what was found longer ago than it is kept; what made an outage stays with it as evidence."""
    return await store.purge(tx, now, kept, limit=200_000)
