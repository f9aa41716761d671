"""What places tell is taken down, and confirmed failures become outages (6-b, R5).

A target's standing is locked before what was found of it is read, so that of two places which tell at once
the second sees what the first told. What was found is followed in the order of time from the last instant up
to which every place has told all it will tell: a place that was cut off tells in retrospect.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis import mail, metrics
from chassis.clock import Clock
from chassis.db import Tx
from chassis.telemetry import get_logger
from services.availability.commands.runs import put_on_record
from services.availability.model.probes import Outcome, ProbeResult, Report, Target
from services.availability.model.standing import Followed, KnownUntil
from services.availability.refusals.probes import PlaceOfAnother, PlaceUnknown, ProberClockOff
from services.availability.rules.following import begun, complete_until, follow
from services.availability.store import places
from services.availability.store import probes as store
from services.availability.store.targets import find_targets

CLOCK_TOLERANCE = timedelta(seconds=10)
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """How many results of a report were new, and which targets are not watched as the place believes."""

    new: int
    outdated: tuple[UUID, ...]


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
    for target, before, after in await _follow(tx, targets, fresh, now):
        await put_on_record(tx, target, after.runs, before.standing.ended_at, clock)
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
) -> list[tuple[Target, KnownUntil, Followed]]:
    """Follows the targets of these results with which something is wrong, in order of id: each with what was
    known for good before.
    """
    failures = defaultdict[UUID, list[datetime]](list)
    for one in fresh:
        if one.outcome is Outcome.down:
            failures[one.target_id].append(one.started_at)
    wrong = failures.keys() | await store.list_unsettled(tx, {one.target_id for one in fresh})
    if not wrong:
        return []
    told_until = await store.told_until(tx)
    found = []
    for target_id, known in sorted((await store.lock_standings(tx, wrong)).items()):
        target, failed = targets[target_id], failures[target_id]
        watch = target.text.watch
        until = complete_until((told_until[place] for place in watch.places), now)
        if known.is_settled and not failed:
            continue  # it was settled while this waited for it
        before = begun(known, failed, until, now) if known.is_settled else known
        findings = await store.list_findings(tx, target_id, target.revision, before.known_until)
        after = follow(before, findings, watch, until)
        await store.save_standing(tx, target_id, after.known)
        found.append((target, before, after))
    return found


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
