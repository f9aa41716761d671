"""Clocks told from a ticket's history: any, against one who walks through it, and at their edges."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ticketing.model.clocks import Verdict
from services.ticketing.model.histories import ClockState
from services.ticketing.model.tickets import Happening, HistoryEntry, LeftOut, SetApart, TicketState
from services.ticketing.rules.history import clocks_of, nearest_due, readings_of, waits_of
from services.ticketing.rules.stories import story_of
from tests.unit.ticketing.walked import (
    HOURS,
    SECOND,
    TERMS,
    WALK,
    Walker,
    expected_state,
    histories,
    paris,
    stands,
)


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
        else:
            assert (row.warn_at, row.miss_at) == (None, clock.miss_at)


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
def test_a_deadline_is_missed_as_an_open_second_ends_and_never_in_the_closed_hours_after(
    history: tuple[list[HistoryEntry], datetime],
) -> None:
    lines, now = history
    for clock in clocks_of(lines, TERMS, now):
        if clock.miss_at is not None:
            assert HOURS.is_open(clock.miss_at - SECOND)
            assert clock.miss_at > clock.due_at


def entry(seq: int, at: datetime, what: Happening, **details: Any) -> HistoryEntry:
    """One line."""
    return HistoryEntry(seq, at, what, None, details)


def test_a_history_begins_with_a_registration() -> None:
    with pytest.raises(ValueError, match="begins with its registration"):
        story_of([entry(1, WALK[0], Happening.closed)])
    with pytest.raises(ValueError, match="begins with its registration"):
        story_of([entry(1, WALK[9], Happening.registered)], WALK[0])


def test_a_limit_reached_at_closing_is_exceeded_after_the_next_opening() -> None:
    """A second earlier it is exceeded as support closes (R1)."""
    closing = paris("2026-03-27T17:00:00")
    for before, expected in ((300, "2026-03-30T09:00:01"), (301, "2026-03-27T17:00:00")):
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


def test_a_clock_that_was_missed_before_a_suspension_stays_missed_during_it() -> None:
    lines = [
        entry(1, WALK[0], Happening.registered),
        entry(2, WALK[302], Happening.support_suspended, explanation="Nobody is trained."),
    ]
    (reading,) = readings_of(story_of(lines), TERMS, WALK[400])
    assert (reading.row.state, reading.verdict) == (ClockState.suspended, Verdict.missed)
    assert (reading.row.warn_at, reading.row.miss_at) == (None, WALK[301])


def test_a_clock_that_ends_during_a_suspension_is_due_as_it_was_then_however_long_that_lasts() -> None:
    lines = [
        entry(1, WALK[0], Happening.registered),
        entry(2, WALK[60], Happening.support_suspended, explanation="Nobody is trained."),
        entry(3, WALK[100], Happening.taken_in_charge),
        entry(4, WALK[190], Happening.support_resumed),
    ]
    for known in (lines[:3], lines):
        (reading,) = readings_of(story_of(known), TERMS, WALK[200])
        assert (reading.due_at, reading.row.due_at) == (WALK[340], WALK[340])
        assert (reading.elapsed_seconds, reading.row.state) == (60, ClockState.kept)


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


def test_what_remains_of_a_setting_apart_that_is_withdrawn_is_what_a_suspension_does() -> None:
    lines = [
        entry(1, WALK[0], Happening.registered),
        entry(2, WALK[1], Happening.set_apart, set_apart="duty_not_met", explanation="Prerequisites."),
        entry(3, WALK[2], Happening.support_suspended, explanation="Nobody is trained."),
        entry(4, WALK[3], Happening.support_resumed),
        entry(5, WALK[4], Happening.support_suspended, explanation="Nor is anybody now."),
        entry(6, WALK[5], Happening.setting_apart_withdrawn, explanation="They were met."),
    ]
    story = story_of(lines)
    assert (story.set_apart, story.set_apart_reason, story.set_apart_at) == (
        SetApart.support_suspended,
        "Nobody is trained.",
        WALK[2],
    )
    story = story_of([*lines[:2], replace(lines[5], seq=3)])
    assert (story.set_apart, story.set_apart_reason, story.set_apart_at) == (None, None, None)


def test_a_clock_that_leaving_out_stopped_runs_on_to_the_closing_when_that_is_withdrawn_later() -> None:
    lines = [
        entry(1, WALK[0], Happening.registered),
        entry(2, WALK[10], Happening.taken_in_charge),
        entry(3, WALK[20], Happening.qualified, criticality=1),
        entry(4, WALK[20], Happening.reproduced),
        entry(5, WALK[50], Happening.left_out, left_out="as_documented", explanation="See page 3."),
        entry(6, WALK[80], Happening.closed),
        entry(7, WALK[90], Happening.leaving_out_withdrawn, explanation="Page 3 says otherwise."),
    ]
    told = [clocks_of(lines, TERMS, WALK[at])[1] for at in (49, 89, 90)]
    assert [(clock.state, clock.ended_at, clock.elapsed_seconds) for clock in told] == [
        (ClockState.running, None, None),
        (ClockState.replaced, WALK[50], 30),
        (ClockState.replaced, WALK[80], 60),
    ]
    assert (story_of(lines).left_out, story_of(lines).state) == (None, TicketState.closed)


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
