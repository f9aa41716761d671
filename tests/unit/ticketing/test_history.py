"""Clocks told from random histories, against one who walks through them second by second."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.booklet.hours import calendar
from services.ticketing.model.clocks import Criticality, Terms, Verdict
from services.ticketing.model.histories import ClockKind, ClockRow, ClockState, Story
from services.ticketing.model.tickets import Happening, HistoryEntry, LeftOut, SetApart, TicketState
from services.ticketing.rules.clocks import correction_limit
from services.ticketing.rules.history import clocks_of, nearest_due, readings_of, waits_of, warned_after
from services.ticketing.rules.stories import story_of

PARIS = ZoneInfo("Europe/Paris")
SECOND = timedelta(seconds=1)
HOURS = calendar("support.open")
TERMS = Terms("support.open", date(2026, 3, 27), 300, 500, 1, net_decides=False)
"""Limits short enough to be walked second by second."""


def paris(text: str) -> datetime:
    """Local time of Paris, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def _seconds(since: str, until: str) -> list[datetime]:
    first = paris(since)
    return [first + count * SECOND for count in range(int((paris(until) - first).total_seconds()))]


WALK = _seconds("2026-03-27T16:50:00", "2026-03-27T17:00:30") + _seconds(
    "2026-03-30T08:59:30", "2026-03-30T09:20:00"
)
"""A Friday's closing and the Monday's opening after it; what is left out between them is closed."""
OPEN = [HOURS.is_open(second) for second in WALK]

DEEDS = st.sampled_from(
    [
        *(Happening.qualified, Happening.reproduced, Happening.requalified, Happening.plan_provided),
        *(Happening.fix_provided, Happening.wait_began, Happening.wait_ended, Happening.left_out),
        *(Happening.support_suspended, Happening.support_resumed, Happening.closed, Happening.message_added),
        *(Happening.taken_in_charge, Happening.taken_in_charge),
    ]
)


def may(story: Story, what: Happening) -> bool:
    """Whether that can happen next, as the commands see to it."""
    anomaly = story.taken_in_charge_at is not None and story.left_out is None
    answerable = anomaly and story.qualified_at is not None and story.reproduced_at is not None
    if story.state is TicketState.closed:
        return False
    allowed = {
        Happening.taken_in_charge: story.taken_in_charge_at is None,
        Happening.qualified: anomaly and story.qualified_at is None,
        Happening.requalified: anomaly and story.qualified_at is not None,
        Happening.reproduced: anomaly and story.reproduced_at is None,
        Happening.plan_provided: answerable
        and story.criticality is Criticality.one
        and story.provided_at is None,
        Happening.fix_provided: answerable and story.state is not TicketState.provided,
        Happening.wait_began: story.taken_in_charge_at is not None and not story.waiting,
        Happening.wait_ended: story.waiting,
        Happening.left_out: anomaly,
        Happening.support_suspended: not story.suspended,
        Happening.support_resumed: story.suspended,
        Happening.closed: story.taken_in_charge_at is not None,
    }
    return allowed.get(what, True)


def told(what: Happening, criticality: int) -> dict[str, Any]:
    """What the command would have told of it."""
    if what in (Happening.qualified, Happening.requalified):
        return {"criticality": criticality}
    if what is Happening.left_out:
        return {"left_out": "not_reproducible", "explanation": "It does not happen here."}
    if what is Happening.support_suspended:
        return {"explanation": "Nobody is trained."}
    return {}


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[HistoryEntry], datetime]:
    """A history that commands could have written, and an instant at its end or later."""
    steps = draw(st.lists(st.tuples(st.integers(0, 400), DEEDS, st.integers(1, 3)), max_size=14))
    place = draw(st.integers(0, 700))
    lines = [HistoryEntry(1, WALK[place], Happening.registered, None, {})]
    for gap, what, criticality in steps:
        if place + gap >= len(WALK) or not may(story_of(lines), what):
            continue
        place += gap
        lines.append(HistoryEntry(len(lines) + 1, WALK[place], what, None, told(what, criticality)))
    return lines, WALK[draw(st.integers(place, len(WALK) - 1))]


@dataclass
class Walked:
    """One clock, by counting."""

    kind: ClockKind
    starts_at: datetime
    limit: int
    elapsed: int = 0
    net: int = 0
    ended_at: datetime | None = None
    answered: bool = False
    warn_at: datetime | None = None
    miss_at: datetime | None = None

    def second(self, at: datetime, terms: Terms, *, counts: bool, waiting: bool) -> None:
        """Lets one open second go by."""
        counted = self.net if terms.net_decides and self.kind is not ClockKind.take_charge else self.elapsed
        if counted > self.limit and self.miss_at is None:
            self.miss_at = at
        if not counts:
            return
        self.elapsed += 1
        self.net += not waiting
        counted = self.net if terms.net_decides and self.kind is not ClockKind.take_charge else self.elapsed
        if counted >= warned_after(self.limit) and self.warn_at is None:
            self.warn_at = at + SECOND


class Walker:
    """Who walks: through the history until `now`, then on, as if nothing more would happen."""

    def __init__(self, lines: list[HistoryEntry], terms: Terms, now: datetime) -> None:
        self.terms, self.now = terms, now
        self.clocks = [Walked(ClockKind.take_charge, lines[0].at, terms.take_charge_seconds)]
        self.owed: Walked | None = None
        self.criticality: Criticality | None = None
        self.reproduced = self.waiting = self.suspended = False
        self.read: list[tuple[int, int]] = []
        for at, is_open in zip(WALK, OPEN, strict=True):
            if at < lines[0].at:
                continue
            for entry in lines[1:]:
                if entry.at == at:
                    self._happens(entry)
            if at == now:
                self.read = [(clock.elapsed, clock.net) for clock in self.clocks]
            if is_open:
                self._second(at)

    def _second(self, at: datetime) -> None:
        for clock in self.clocks:
            if clock.ended_at is None:
                waits = self.waiting and clock.kind is not ClockKind.take_charge
                clock.second(at, self.terms, counts=not self.suspended, waiting=waits)

    def _happens(self, entry: HistoryEntry) -> None:
        what = entry.what
        if what is Happening.taken_in_charge:
            self.clocks[0].ended_at, self.clocks[0].answered = entry.at, True
        if what in (Happening.plan_provided, Happening.fix_provided):
            self._end(entry.at, answered=True)
        if what in (Happening.requalified, Happening.left_out, Happening.closed):
            self._end(entry.at, answered=False)
        if what in (Happening.fix_provided, Happening.left_out, Happening.closed, Happening.wait_ended):
            self.waiting = False
        self.waiting |= what is Happening.wait_began
        self.suspended |= what is Happening.support_suspended
        self.suspended &= what is not Happening.support_resumed
        if what in (Happening.qualified, Happening.requalified):
            self.criticality = Criticality(entry.told["criticality"])
        self.reproduced |= what is Happening.reproduced
        begins = what in (Happening.qualified, Happening.requalified, Happening.reproduced)
        if begins and self.reproduced and self.criticality in (Criticality.one, Criticality.two):
            self._begin(entry.at, self.criticality)

    def _begin(self, at: datetime, criticality: Criticality) -> None:
        limit = correction_limit(self.terms, criticality, at)
        assert limit is not None
        first = criticality is Criticality.one
        self.owed = Walked(ClockKind.corrective_plan if first else ClockKind.correction, at, limit)
        self.clocks.append(self.owed)

    def _end(self, at: datetime, *, answered: bool) -> None:
        if self.owed is not None and self.owed.ended_at is None:
            self.owed.ended_at, self.owed.answered = at, answered


def stands(clock: Walked, walker: Walker) -> bool:
    """Whether that clock does not run at the end of the history."""
    net = walker.terms.net_decides and clock.kind is not ClockKind.take_charge
    return walker.suspended or (walker.waiting and net)


def expected_state(clock: Walked, walker: Walker) -> ClockState:
    """The state that a row holds."""
    if clock.ended_at is None:
        return ClockState.suspended if walker.suspended else ClockState.running
    net = walker.terms.net_decides and clock.kind is not ClockKind.take_charge
    if (clock.net if net else clock.elapsed) > clock.limit:
        return ClockState.missed
    return ClockState.kept if clock.answered else ClockState.replaced


@given(histories(), st.booleans())
def test_clocks_are_what_counting_seconds_gives(
    history: tuple[list[HistoryEntry], datetime], net_decides: bool
) -> None:
    lines, now = history
    terms = replace(TERMS, net_decides=net_decides)
    walker = Walker(lines, terms, now)
    readings = readings_of(story_of(lines), terms, now)
    assert [reading.row.number for reading in readings] == list(range(1, len(readings) + 1))
    for reading, clock, counted in zip(readings, walker.clocks, walker.read, strict=True):
        row = reading.row
        assert (row.kind, row.starts_at, row.limit_seconds) == (clock.kind, clock.starts_at, clock.limit)
        assert (row.ended_at, row.state) == (clock.ended_at, expected_state(clock, walker))
        assert (reading.elapsed_seconds, reading.net_seconds) == counted
        assert row.elapsed_seconds == (clock.elapsed if clock.ended_at else None)
        if clock.ended_at is None and not stands(clock, walker):
            reached(row.warn_at, clock.warn_at)
            reached(row.miss_at, clock.miss_at)
        elif row.ended_at is not None and row.state is ClockState.missed:
            assert row.warn_at is None
            assert row.miss_at == clock.miss_at or (clock.miss_at is None and exceeded_at_its_end(row))
        else:
            assert (row.warn_at, row.miss_at) == (None, None)


def exceeded_at_its_end(row: ClockRow) -> bool:
    """A clock that ended in the very instant that exceeded its limit, or in the closed hours after it."""
    return row.miss_at is not None and row.ended_at is not None and row.miss_at >= row.ended_at


def reached(told: datetime | None, walked: datetime | None) -> None:
    """The instant that was walked to, or one beyond the walk."""
    assert told is not None
    assert told == walked or (walked is None and told > WALK[-1])


@given(histories())
def test_elapsed_and_remaining_make_the_allowance_while_it_runs(
    history: tuple[list[HistoryEntry], datetime],
) -> None:
    lines, now = history
    for reading in readings_of(story_of(lines), TERMS, now):
        if reading.verdict is Verdict.running:
            assert reading.elapsed_seconds + reading.remaining_seconds == reading.row.limit_seconds
            if reading.row.state is ClockState.running and reading.due_at >= now:
                left = HOURS.open_seconds_between(now, reading.due_at)
                assert left == reading.remaining_seconds


@given(histories(), st.integers(0, 1_000))
def test_what_is_kept_of_clocks_does_not_change_as_time_goes_by(
    history: tuple[list[HistoryEntry], datetime], later: int
) -> None:
    lines, now = history
    assert clocks_of(lines, TERMS, now) == clocks_of(lines, TERMS, now + later * SECOND)


@given(histories())
def test_a_deadline_is_never_missed_or_near_in_closed_hours(
    history: tuple[list[HistoryEntry], datetime],
) -> None:
    lines, now = history
    for clock in clocks_of(lines, TERMS, now):
        if clock.miss_at is not None:
            assert HOURS.is_open(clock.miss_at)
            assert clock.miss_at > clock.due_at


def entry(seq: int, at: datetime, what: Happening, **details: Any) -> HistoryEntry:
    """One line."""
    return HistoryEntry(seq, at, what, None, details)


def test_a_history_begins_with_a_registration() -> None:
    with pytest.raises(ValueError, match="begins with its registration"):
        story_of([entry(1, WALK[0], Happening.closed)])
    with pytest.raises(ValueError, match="begins with its registration"):
        story_of([entry(1, WALK[9], Happening.registered)], WALK[0])


def test_a_limit_reached_at_closing_is_exceeded_at_the_next_opening() -> None:
    """The last open second before closing is the one too many: what is closed says nothing (R1)."""
    closing = paris("2026-03-27T17:00:00")
    for before, expected in ((300, "2026-03-30T09:00:01"), (301, "2026-03-30T09:00:00")):
        registered = [entry(1, closing - before * SECOND, Happening.registered)]
        (clock,) = clocks_of(registered, TERMS, WALK[-1])
        assert clock.due_at == closing - (before - 300) * SECOND
        assert clock.miss_at == paris(expected)


def test_a_clock_stands_still_from_the_very_instant_of_a_suspension() -> None:
    lines = [
        entry(1, WALK[0], Happening.registered),
        entry(2, WALK[60], Happening.support_suspended, explanation="Nobody is trained."),
    ]
    (clock,) = clocks_of(lines, TERMS, WALK[60])
    assert (clock.state, clock.due_at) == (ClockState.suspended, WALK[300])
    assert (clock.warn_at, clock.miss_at) == (None, None)


def test_history_as_it_stood_at_an_instant() -> None:
    lines = [
        entry(1, WALK[0], Happening.registered),
        entry(2, WALK[100], Happening.taken_in_charge),
        entry(3, WALK[200], Happening.closed),
    ]
    assert [story_of(lines, WALK[at]).state for at in (99, 100, 200)] == [
        TicketState.registered,
        TicketState.in_charge,
        TicketState.closed,
    ]
    (before,) = clocks_of(lines, TERMS, WALK[99])
    assert (before.state, before.ended_at) == (ClockState.running, None)


def test_what_a_customer_owes_sets_apart_before_a_suspension_does() -> None:
    lines = [
        entry(1, WALK[0], Happening.registered),
        entry(2, WALK[1], Happening.set_apart, set_apart="duty_not_met", explanation="Prerequisites."),
        entry(3, WALK[2], Happening.support_suspended, explanation="Nobody is trained."),
    ]
    assert story_of(lines).set_apart is SetApart.duty_not_met
    assert story_of([lines[0], lines[2]]).set_apart is SetApart.support_suspended


def test_waits_have_their_open_seconds_and_the_nearest_due_is_of_what_runs() -> None:
    lines = [
        entry(1, WALK[0], Happening.registered),
        entry(2, WALK[10], Happening.taken_in_charge),
        entry(3, WALK[20], Happening.wait_began),
        entry(4, WALK[50], Happening.wait_ended),
        entry(5, WALK[60], Happening.wait_began),
    ]
    waits = waits_of(story_of(lines), TERMS, WALK[90])
    assert [wait.open_seconds for wait in waits] == [30, 30]
    assert nearest_due(clocks_of(lines, TERMS, WALK[90])) is None
    assert nearest_due(clocks_of(lines[:1], TERMS, WALK[90])) == WALK[300]


def test_leaving_out_tells_why() -> None:
    lines = [
        entry(1, WALK[0], Happening.registered),
        entry(
            2,
            WALK[1],
            Happening.left_out,
            left_out="out_of_scope",
            scope="installation",
            explanation="Setup.",
        ),
    ]
    story = story_of(lines)
    assert (story.left_out, story.left_out_scope, story.left_out_reason) == (
        LeftOut.out_of_scope,
        "installation",
        "Setup.",
    )
