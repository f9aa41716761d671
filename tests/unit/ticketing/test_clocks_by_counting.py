"""The clocks of any ticket's facts, against one that counts second by second."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.booklet.hours import calendar
from services.ticketing.model.clocks import (
    Clock,
    Criticality,
    Pause,
    SupportedPlan,
    Terms,
    TicketFacts,
    Verdict,
)
from services.ticketing.rules.clocks import judged
from tests.unit.ticketing.walked import SECOND, paris

SHORT = Terms("support.open", date(2026, 3, 27), 900, 1500, 1, net_decides=False)
"""Limits short enough to be walked second by second."""
FRIDAY = paris("2026-03-27T16:50:00")

# An hour of Friday before closing, and of Monday after opening: the weekend between is cut out of the walk.
MONDAY = paris("2026-03-30T09:00:00")
moments = st.one_of(
    st.integers(-700, 900).map(lambda second: FRIDAY + second * SECOND),
    st.integers(-120, 4000).map(lambda second: MONDAY + second * SECOND),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[TicketFacts, datetime]:
    """A possible ticket, as far as it has come, and now."""
    now = draw(moments)
    instants = sorted(draw(st.lists(moments.filter(lambda at: at <= now), min_size=5, max_size=5)))
    reached = draw(st.integers(0, 4))
    known = [at if place <= reached else None for place, at in enumerate(instants)]
    if draw(st.booleans()):
        known[2], known[3] = known[3], known[2]
    assume(known[4] is None or None not in known)
    facts = TicketFacts(
        SupportedPlan.open,
        instants[0],
        known[1],
        known[2],
        known[3],
        Criticality(draw(st.integers(1, 3))),
        known[4],
        draw(pauses(now)),
        draw(pauses(now)),
    )
    return facts, now


@st.composite
def pauses(draw: st.DrawFn, now: datetime) -> tuple[Pause, ...]:
    """A few pauses, overlapping or not, the last perhaps still going on."""
    found = []
    for _ in range(draw(st.integers(0, 3))):
        since, until = sorted((min(draw(moments), now), min(draw(moments), now)))
        found.append(Pause(since, draw(st.sampled_from((until, None)))))
    return tuple(found)


def seconds(since: datetime) -> Iterator[datetime]:
    """Every second from then on that is near Friday's closing or Monday's opening."""
    hours, at = calendar("support.open"), since
    while True:
        if not hours.is_open(at) and FRIDAY + 900 * SECOND < at < MONDAY - 200 * SECOND:
            at = MONDAY - 200 * SECOND
        yield at
        at += SECOND


def walked(
    facts: TicketFacts, limit: int, starts_at: datetime, ended_at: datetime | None, now: datetime
) -> Clock:
    """The clock by counting: one more for each second that is open and not suspended."""
    hours = calendar("support.open")

    def within(at: datetime, found: tuple[Pause, ...]) -> bool:
        return any(pause.since <= at < (pause.until or now) for pause in found)

    elapsed = net = counted = 0
    due = None
    until = ended_at or now
    for at in seconds(starts_at):
        if due is not None and at >= until:
            break
        if not hours.is_open(at) or within(at, facts.suspensions):
            continue
        counted += 1
        if counted == limit and due is None:
            due = at + SECOND
        if at < until:
            elapsed += 1
            net += not within(at, facts.waits)
    assert due is not None
    verdict = Verdict.missed if elapsed > limit else Verdict.kept if ended_at else Verdict.running
    return Clock(starts_at, due, limit, elapsed, net, verdict)


@given(histories())
def test_take_charge_is_what_counting_seconds_gives(history: tuple[TicketFacts, datetime]) -> None:
    facts, now = history
    expected = walked(
        replace(facts, waits=()),
        SHORT.take_charge_seconds,
        facts.registered_at,
        facts.taken_in_charge_at,
        now,
    )
    assert judged(facts, SHORT, now).take_charge == expected


@given(histories())
def test_correction_is_what_counting_seconds_gives(history: tuple[TicketFacts, datetime]) -> None:
    facts, now = history
    clock = judged(facts, SHORT, now).correction
    if facts.qualified_at is None or facts.reproduced_at is None or facts.criticality is Criticality.three:
        assert clock is None
        return
    starts_at = max(facts.qualified_at, facts.reproduced_at)
    assert clock is not None
    if facts.criticality is Criticality.one:
        assert clock == walked(facts, SHORT.plan_seconds, starts_at, facts.provided_at, now)
    else:
        due = walked(facts, 1, starts_at, facts.provided_at, now)
        assert (clock.elapsed_seconds, clock.net_seconds) == (due.elapsed_seconds, due.net_seconds)


@given(histories())
def test_elapsed_and_remaining_make_the_allowance_while_it_runs(
    history: tuple[TicketFacts, datetime],
) -> None:
    """From now on nothing is suspended: what is open until the due instant is what is left."""
    facts, now = history
    waiting = TicketFacts(facts.plan, facts.registered_at, suspensions=facts.suspensions)
    clock = judged(waiting, SHORT, now).take_charge
    if clock.verdict is Verdict.running and clock.due_at >= now:
        left = calendar("support.open").open_seconds_between(now, clock.due_at)
        assert clock.elapsed_seconds + left == clock.limit_seconds


@given(histories())
def test_the_order_of_pauses_and_their_overlaps_do_not_matter(history: tuple[TicketFacts, datetime]) -> None:
    facts, now = history
    doubled = replace(
        facts, waits=facts.waits[::-1] + facts.waits, suspensions=facts.suspensions[::-1] + facts.suspensions
    )
    assert judged(doubled, SHORT, now) == judged(facts, SHORT, now)
