"""From where findings are followed anew when more of them are told, so that what comes of them is the same in
whatever order places tell (R5).

What every place has told of before an instant is known for good, and kept; all that was found since is
followed again each time. While a target is well nothing is kept of it but when its last run ended.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from services.availability.model.probes import Watch
from services.availability.model.standing import Finding, Followed, KnownUntil, Standing
from services.availability.rules.confirmation import followed, settled

WAITED_FOR = timedelta(hours=2)
"""How long what a silent place may tell is waited for; what it found longer ago confirms nothing of a
target that was well.
"""


def complete_until(told_until: Iterable[datetime | None], now: datetime) -> datetime:
    """The instant before which no place tells anything more, or is waited for; None has told nothing yet."""
    complete = min((until or now - WAITED_FOR for until in told_until), default=now)
    return max(complete, now - WAITED_FOR)


def begun(known: KnownUntil, failures: Iterable[datetime], until: datetime, now: datetime) -> KnownUntil:
    """A settled target with which something is wrong, by these failures: known for good are the successes
    before the first of them, and before whatever may still be told.
    """
    since = max(known.known_until, now - WAITED_FOR, min(until, *failures))
    return KnownUntil(Standing(ended_at=known.standing.ended_at), since, is_settled=False)


def follow(before: KnownUntil, findings: Collection[Finding], watch: Watch, until: datetime) -> Followed:
    """R5: the runs there were by all that was found since `before`, and what is known for good until now."""
    standing, runs = followed(before.standing, findings, watch)
    until = max(until, before.known_until)
    if settled(standing, watch) and all(one.at < until for one in findings):
        return Followed(KnownUntil(Standing(ended_at=standing.ended_at), until, is_settled=True), runs)
    complete, _ = followed(before.standing, [one for one in findings if one.at < until], watch)
    return Followed(KnownUntil(complete, until, is_settled=False), runs)


def begun_anew(
    before: KnownUntil, findings: Collection[Finding], was: Watch, watch: Watch, now: datetime
) -> KnownUntil:
    """What is known of a target that is watched otherwise from now on. What was found says nothing of it any
    more, but a run that goes on does: it ends when a place that failed succeeds, or, where none of those
    watches any more, with the first that does.
    """
    standing, _ = followed(before.standing, findings, was)
    if standing.run is None:
        return KnownUntil(Standing(ended_at=standing.ended_at), now, is_settled=True)
    streaks = {place: streak for place, streak in standing.streaks.items() if place in watch.places}
    return KnownUntil(Standing(streaks, standing.run, standing.ended_at), now, is_settled=False)
