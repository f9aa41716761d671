"""The contractual clocks of a ticket: when each is due, how long it ran, whether it was kept.

Time is counted in open seconds of the plan's own hours, as they were promised when the ticket was registered
(R1). While support is suspended no clock runs. Everything is a function of the ticket's facts, its terms and
`now`: the same history gives the same clocks at any later time.
"""

from collections.abc import Iterable
from datetime import datetime

from contracts.booklet.hours import Calendar, calendar_frozen_on
from services.ticketing.model.clocks import (
    Clock,
    Criticality,
    Judgement,
    Pause,
    Terms,
    TicketFacts,
    Verdict,
)
from services.ticketing.refusals.clocks import CriticalityMissing, FactsImpossible

Span = tuple[datetime, datetime]


def judged(facts: TicketFacts, terms: Terms, now: datetime) -> Judgement:
    """Both clocks of a ticket at `now`, by the terms frozen at its registration.

    Raises FactsImpossible, CriticalityMissing, and OutsideCalendar for years that no calendar knows.
    """
    check_order(facts, now)
    return Judgement(take_charge_clock(facts, terms, now), correction_clock(facts, terms, now))


def take_charge_clock(facts: TicketFacts, terms: Terms, now: datetime) -> Clock:
    """13.2-e: from registration, or the next opening, to the technician's take-charge (R1)."""
    stops = _spans(facts.suspensions, now)
    limit = terms.take_charge_seconds
    return _clock(_hours(terms), facts.registered_at, facts.taken_in_charge_at, now, limit, stops)


def correction_clock(facts: TicketFacts, terms: Terms, now: datetime) -> Clock | None:
    """13.3-b, 13.3-c, 13.3-d: from the later of qualification and reproduction to what is provided (R3).

    The verdict is gross, unless the terms let the net time decide. None before it starts, and for
    criticality 3. Raises CriticalityMissing.
    """
    starts_at = correction_starts_at(facts)
    if starts_at is None:
        return None
    if facts.criticality is None:
        raise CriticalityMissing
    limit = correction_limit(terms, facts.criticality, starts_at)
    if limit is None:
        return None
    stops, waits = _spans(facts.suspensions, now), _spans(facts.waits, now)
    return _clock(
        _hours(terms), starts_at, facts.provided_at, now, limit, stops, waits, net_decides=terms.net_decides
    )


def correction_limit(terms: Terms, criticality: Criticality, starts_at: datetime) -> int | None:
    """The open seconds within which the publisher answers an anomaly; None when there is no limit.

    13.3-b: criticality 1, a corrective plan within business hours.
    13.3-c, R2: criticality 2, the open seconds from the start to the plan's closing on the last of the
    business days after it; the day of the start does not count, be it open or not.
    13.3-d: criticality 3 has no deadline.
    """
    if criticality is Criticality.one:
        return terms.plan_seconds
    if criticality is Criticality.two:
        hours = _hours(terms)
        closing = hours.closing_of_nth_day(starts_at, terms.correction_days)
        return hours.open_seconds_between(starts_at, closing)
    return None


def correction_starts_at(facts: TicketFacts) -> datetime | None:
    """R3: the later of qualification and reproduction; None before both have happened."""
    if facts.qualified_at is None or facts.reproduced_at is None:
        return None
    return max(facts.qualified_at, facts.reproduced_at)


def _clock(
    hours: Calendar,
    starts_at: datetime,
    ended_at: datetime | None,
    now: datetime,
    limit: int,
    stops: list[Span],
    waits: Iterable[Span] = (),
    *,
    net_decides: bool = False,
) -> Clock:
    """R1: kept when the elapsed open seconds do not exceed the limit."""
    until = ended_at or now
    halts = merged([*stops, *waits])
    elapsed = _running_seconds(hours, starts_at, until, stops)
    net = _running_seconds(hours, starts_at, until, halts)
    counted = net if net_decides else elapsed
    return Clock(
        starts_at=starts_at,
        due_at=due_at(hours, starts_at, limit, halts if net_decides else stops),
        limit_seconds=limit,
        elapsed_seconds=elapsed,
        net_seconds=net,
        verdict=_verdict(counted, limit, is_over=ended_at is not None),
    )


def _verdict(counted: int, limit: int, *, is_over: bool) -> Verdict:
    if counted > limit:
        return Verdict.missed
    return Verdict.kept if is_over else Verdict.running


def due_at(hours: Calendar, starts_at: datetime, limit: int, stops: Iterable[Span] = ()) -> datetime:
    """R1: the earliest instant at which the limit is reached, moved by the open seconds of each stop before.

    `stops` are apart from each other and in order, as `merged` gives them.
    """
    lost = 0
    due = hours.instant_after(starts_at, limit)
    for since, until in stops:
        if since >= due:
            break
        lost += _open_between(hours, max(since, starts_at), until)
        due = hours.instant_after(starts_at, limit + lost)
    return due


def _running_seconds(hours: Calendar, since: datetime, until: datetime, stops: Iterable[Span]) -> int:
    """Open seconds in [since, until) outside the stops."""
    halted = sum(_open_between(hours, max(one, since), min(two, until)) for one, two in stops)
    return _open_between(hours, since, until) - halted


def _open_between(hours: Calendar, since: datetime, until: datetime) -> int:
    return hours.open_seconds_between(since, until) if since < until else 0


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans in order and apart from each other: overlaps count once."""
    result: list[Span] = []
    for since, until in sorted(spans):
        if result and since <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], until))
        else:
            result.append((since, until))
    return result


def _spans(pauses: Iterable[Pause], now: datetime) -> list[Span]:
    """Pauses as spans; one that is still going on lasts until now."""
    return merged((pause.since, pause.until or now) for pause in pauses)


def _hours(terms: Terms) -> Calendar:
    return calendar_frozen_on(terms.calendar, terms.frozen_on)


def check_order(facts: TicketFacts, now: datetime) -> None:
    """13.3-a, R3: registered, taken in charge, qualified and reproduced in either order, then answered.

    Raises FactsImpossible, which names the two facts, or the one that lies after `now`.
    """
    _require(facts.taken_in_charge_at, ("registered_at", facts.registered_at), "taken_in_charge_at", now)
    taken = ("taken_in_charge_at", facts.taken_in_charge_at)
    _require(facts.registered_at, None, "registered_at", now)
    _require(facts.qualified_at, taken, "qualified_at", now)
    _require(facts.reproduced_at, taken, "reproduced_at", now)
    for name in ("qualified_at", "reproduced_at"):
        _require(facts.provided_at, (name, getattr(facts, name)), "provided_at", now)
    for kind in ("waits", "suspensions"):
        for pause in getattr(facts, kind):
            _require(pause.since, None, f"{kind}: from", now)
            _require(pause.until, (f"{kind}: from", pause.since), f"{kind}: to", now)


def _require(
    at: datetime | None, before: tuple[str, datetime | None] | None, name: str, now: datetime
) -> None:
    if at is None:
        return
    if at > now:
        raise FactsImpossible(f"{name}, {at.isoformat()}, is later than now, {now.isoformat()}.")
    if before is None:
        return
    earlier, its_instant = before
    if its_instant is None:
        raise FactsImpossible(f"{name} is there, and {earlier}, which comes before it, is not.")
    if at < its_instant:
        raise FactsImpossible(f"{name}, {at.isoformat()}, is before {earlier}, {its_instant.isoformat()}.")
