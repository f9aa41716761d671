"""When findings make an outage, and which instants bound it (R5)."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.availability.model.probes import Outcome, Watch
from services.availability.model.standing import Finding, Run, Standing
from services.availability.rules.confirmation import followed, settled

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ONE = Watch(("paris",), in_a_row=1)
TWO_OF_THREE = Watch(("lille", "lyon", "paris"), places_needed=2, in_a_row=1)
OUTCOMES = {"+": Outcome.up, "-": Outcome.down, "?": Outcome.prober_fault}


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def told(place: str, outcomes: str, since: int = 0, every: int = 30) -> list[Finding]:
    """What a place found, a letter each; a blank is a run that was not told."""
    return [
        Finding(place, at(since + number * every), OUTCOMES[letter])
        for number, letter in enumerate(outcomes)
        if letter != " "
    ]


def bounds(findings: Sequence[Finding], watch: Watch) -> list[tuple[int, int | None]]:
    """The runs, in seconds."""
    _, runs = followed(Standing(), findings, watch)
    return [(_seconds(run.starts_at), _seconds(run.ends_at) if run.ends_at else None) for run in runs]


def _seconds(instant: datetime) -> int:
    return int((instant - START).total_seconds())


def test_an_outage_lasts_from_the_first_failed_probe_to_the_first_successful_one() -> None:
    assert bounds(told("paris", "++---++"), ONE) == [(60, 150)]


def test_one_failure_is_none_where_two_in_a_row_are_needed() -> None:
    watch = Watch(("paris",), in_a_row=2)
    assert bounds(told("paris", "+-+-+"), watch) == []
    assert bounds(told("paris", "+--+"), watch) == [(30, 90)]


def test_an_outage_that_goes_on_has_no_end() -> None:
    assert bounds(told("paris", "+--"), ONE) == [(30, None)]


def test_each_success_between_failures_ends_an_outage() -> None:
    assert bounds(told("paris", "-+-+-"), ONE) == [(0, 30), (60, 90), (120, None)]


def test_one_of_three_places_confirms_nothing_where_two_are_needed() -> None:
    findings = told("lille", "-----") + told("lyon", "+++++", 10) + told("paris", "+++++", 20)
    assert bounds(findings, TWO_OF_THREE) == []


def test_two_of_three_places_confirm_from_the_first_failure_of_either() -> None:
    findings = told("lille", "+---+") + told("lyon", "+---+", 10) + told("paris", "+++++", 20)
    assert bounds(findings, TWO_OF_THREE) == [(30, 120)]


def test_a_place_that_failed_alone_for_long_does_not_move_the_start_before_another_succeeded() -> None:
    findings = told("lille", "----------") + told("lyon", "+++++----+", 10)
    assert bounds(findings, TWO_OF_THREE) == [(150, 280)]


def test_a_success_that_a_recovered_place_takes_back_is_not_the_end() -> None:
    findings = told("lille", "--++++") + told("lyon", "-----+", 10) + told("paris", "------", 20)
    assert bounds(findings, TWO_OF_THREE) == [(0, 150)]


def test_what_a_prober_could_not_tell_counts_neither_for_nor_against() -> None:
    watch = Watch(("paris",), in_a_row=2)
    assert bounds(told("paris", "+-?-?+"), watch) == [(30, 150)]
    assert bounds(told("paris", "+???+"), watch) == []


def test_a_place_that_went_silent_while_it_failed_confirms_nothing_later() -> None:
    findings = told("lille", "-") + told("lyon", "+" * 10 + "-", 10)
    assert bounds(findings, TWO_OF_THREE) == []


def test_silence_ends_no_outage_and_one_place_that_recovers_does() -> None:
    findings = told("lille", "---") + told("lyon", "---", 10) + told("paris", "+" * 20, 20)
    assert bounds(findings, TWO_OF_THREE) == [(0, None)]
    assert bounds(findings + told("lyon", "+", 400), TWO_OF_THREE) == [(0, 400)]


def test_places_that_were_cut_off_tell_in_retrospect() -> None:
    lille, lyon = told("lille", "+----+"), told("lyon", "+----+", 10)
    assert bounds(lille, TWO_OF_THREE) == []
    assert bounds([*lyon, *lille], TWO_OF_THREE) == [(30, 150)]


def test_a_place_that_fails_on_after_its_silence_begins_no_outage_before_the_last_one_ended() -> None:
    watch = Watch(("lille", "lyon"), in_a_row=1)
    findings = told("lille", "-") + told("lyon", "-" * 10 + "+", 10) + told("lille", "-", 330)
    assert bounds(findings, watch) == [(0, 310), (330, None)]


def test_a_place_that_does_not_watch_a_target_is_not_heard() -> None:
    assert bounds(told("berlin", "----"), ONE) == []


def test_a_target_is_settled_once_no_place_sees_it_fail() -> None:
    failing, _ = followed(Standing(), told("paris", "+-"), Watch(("paris",)))
    well, _ = followed(failing, told("paris", "+", 60), Watch(("paris",)))
    assert (settled(failing, ONE), settled(well, ONE)) == (False, True)


def test_a_change_of_places_leaves_the_outage_to_those_that_still_watch() -> None:
    down, _ = followed(Standing(), told("lille", "--") + told("paris", "--", 10), ONE)
    assert isinstance(down.run, Run)
    fresh = Standing(run=down.run)
    _, runs = followed(fresh, told("lyon", "+", 100), Watch(("lyon",), in_a_row=1))
    assert [run.ends_at for run in runs] == [at(100)]


PLACES = ("lille", "lyon", "paris")
HISTORIES = st.lists(st.text("+-?", min_size=1, max_size=40), min_size=3, max_size=3)


def findings_of(histories: Sequence[str]) -> list[Finding]:
    return [
        one
        for number, (place, told_by) in enumerate(zip(PLACES, histories, strict=True))
        for one in told(place, told_by, number * 10)
    ]


@given(HISTORIES, st.integers(1, 3), st.integers(1, 3), st.randoms())
def test_neither_order_nor_repetition_matters(
    histories: list[str], needed: int, in_a_row: int, chance: random.Random
) -> None:
    watch = Watch(PLACES, places_needed=needed, in_a_row=in_a_row)
    findings = findings_of(histories)
    mixed = findings + findings[: len(findings) // 2]
    chance.shuffle(mixed)
    assert followed(Standing(), mixed, watch) == followed(Standing(), findings, watch)


@given(HISTORIES, st.integers(1, 3), st.integers(1, 3), st.integers(0, 1200))
def test_what_is_folded_in_two_parts_is_what_is_folded_at_once(
    histories: list[str], needed: int, in_a_row: int, cut: int
) -> None:
    watch = Watch(PLACES, places_needed=needed, in_a_row=in_a_row)
    findings = findings_of(histories)
    first, _ = followed(Standing(), [one for one in findings if one.at <= at(cut)], watch)
    whole, _ = followed(Standing(), findings, watch)
    second, _ = followed(first, [one for one in findings if one.at > at(cut)], watch)
    assert second == whole


@given(HISTORIES, st.integers(1, 3), st.integers(1, 3))
def test_runs_follow_each_other_and_each_begins_with_a_failure_and_ends_with_a_success(
    histories: list[str], needed: int, in_a_row: int
) -> None:
    findings = findings_of(histories)
    _, runs = followed(Standing(), findings, Watch(PLACES, places_needed=needed, in_a_row=in_a_row))
    outcomes = {one.at: one.outcome for one in findings}
    until = START - timedelta(seconds=1)
    for run in runs:
        assert run.starts_at >= until
        assert outcomes[run.starts_at] is Outcome.down
        assert len(run.places) >= needed
        until = run.ends_at or at(10_000)
        assert until > run.starts_at
        assert run.ends_at is None or outcomes[run.ends_at] is Outcome.up


@given(st.text("+-", min_size=1, max_size=60), st.integers(1, 3))
def test_from_one_place_it_is_what_a_slow_reading_finds(history: str, in_a_row: int) -> None:
    expected: list[tuple[int, int | None]] = []
    number = 0
    while number < len(history):
        length = next(
            (n for n, letter in enumerate(history[number:]) if letter == "+"), len(history) - number
        )
        if length >= in_a_row:
            end = number + length
            expected.append((number * 30, end * 30 if end < len(history) else None))
        number += length + 1
    assert bounds(told("paris", history), Watch(("paris",), in_a_row=in_a_row)) == expected


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_more_places_needed_never_make_more_time_down(needed: int) -> None:
    findings = findings_of(["+---+--+", "+--++--+", "++--+---"])
    seconds = [
        sum(
            (end or 10_000) - start
            for start, end in bounds(findings, Watch(PLACES, places_needed=n, in_a_row=1))
        )
        for n in (needed, min(needed + 1, 3))
    ]
    assert seconds[0] >= seconds[1]
