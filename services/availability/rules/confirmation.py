"""When what probes found makes a target down, and from when to when (6-b, R5).

Each place has a streak of equal findings. A place counts as failing after so many failures in a row, as long
as it goes on telling; a target is down while enough places fail. Findings are taken in the order of time,
whatever the order in which they came, so that places which were cut off tell in retrospect.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from services.availability.model.probes import Outcome, Watch
from services.availability.model.standing import Finding, Run, Standing, Streak

KEPT = 4
"""Instants that a streak keeps beyond those that make a place fail."""


def followed(
    standing: Standing, findings: Iterable[Finding], watch: Watch
) -> tuple[Standing, tuple[Run, ...]]:
    """R5: what is known after these findings as well, and the runs that were confirmed or went on in them.

    Findings may come in any order, and twice. A run without an end is the standing's own.
    """
    runs: list[Run] = []
    for finding in sorted(set(findings), key=lambda one: (one.at, one.place, one.outcome)):
        standing = after(standing, finding, watch)
        if standing.run is not None and standing.run.ends_at is not None:
            runs.append(standing.run)
            standing = replace(standing, run=None, ended_at=standing.run.ends_at)
    return standing, (*runs, standing.run) if standing.run else tuple(runs)


def after(standing: Standing, finding: Finding, watch: Watch) -> Standing:
    """R5: what is known after one finding more. What a place could not tell changes nothing, and neither does
    a place that does not watch this target, or what it had told already.
    """
    known = standing.streaks.get(finding.place)
    if finding.outcome is Outcome.prober_fault or finding.place not in watch.places:
        return standing
    if known is not None and finding.at <= known.last[-1]:
        return standing
    told = replace(standing, streaks={**standing.streaks, finding.place: lengthened(known, finding, watch)})
    if told.run is None:
        return replace(told, run=confirmed(told, finding.at, watch))
    back = recovered(told, told.run)
    if finding.place in back and len(failing_places(told, finding.at, watch)) < watch.places_needed:
        return replace(told, run=replace(told.run, ends_at=first_after_the_last_other(list(back.values()))))
    return told


def lengthened(known: Streak | None, finding: Finding, watch: Watch) -> Streak:
    """The place's streak with this finding: one longer, or a new one."""
    if known is None:
        return Streak(finding.outcome, 1, finding.at, (finding.at,))
    if known.outcome is not finding.outcome:
        return Streak(finding.outcome, 1, finding.at, (finding.at,), before=known.last[-1])
    last = (*known.last, finding.at)[-(watch.in_a_row + KEPT) :]
    return replace(known, count=known.count + 1, last=last)


def failing_places(standing: Standing, at: datetime, watch: Watch) -> tuple[str, ...]:
    """The places that fail at an instant: so many failures in a row, the last of them not too long ago."""
    return tuple(
        sorted(
            place
            for place, streak in standing.streaks.items()
            if streak.outcome is Outcome.down
            and streak.count >= watch.in_a_row
            and at - streak.last[-1] <= watch.fresh_for
        )
    )


def confirmed(standing: Standing, at: datetime, watch: Watch) -> Run | None:
    """R5: the run that enough failing places confirm. It starts with the first failed probe after which none
    of them succeeded any more, and after whatever run there was before.
    """
    places = failing_places(standing, at, watch)
    if len(places) < watch.places_needed:
        return None
    streaks = [standing.streaks[place] for place in places]
    return Run(first_after_the_last_other(streaks, standing.ended_at), at, places)


def recovered(standing: Standing, run: Run) -> dict[str, Streak]:
    """The places that succeed again after they failed in this run; any that succeeds, once none of those that
    confirmed it watches any more.
    """
    is_left = not any(place in standing.streaks for place in run.places)
    return {
        place: streak
        for place, streak in standing.streaks.items()
        if streak.outcome is Outcome.up and streak.since > run.starts_at
        if is_left or (streak.before is not None and streak.before >= run.starts_at)
    }


def first_after_the_last_other(streaks: Sequence[Streak], since: datetime | None = None) -> datetime:
    """R5: the first instant of these streaks that lies after whatever else any of them told before, and not
    before `since`.
    """
    others = [streak.before for streak in streaks if streak.before is not None]
    instants = [at for streak in streaks for at in (streak.since, *streak.last)]
    return min(at for at in instants if all(at > other for other in others) and (not since or at >= since))


def settled(standing: Standing, watch: Watch) -> bool:
    """Whether nothing needs to be remembered of a target: it is not down, and no place sees it so."""
    return standing.run is None and all(
        streak.outcome is Outcome.up for place, streak in standing.streaks.items() if place in watch.places
    )
