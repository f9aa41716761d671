"""The engine against the slow way, over clock changes, holidays and the years 1990 to 2060."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.booklet.hours import calendar
from tests.unit.booklet import oracle

NAMES = tuple(oracle.OPEN)
UNCOUNTED = {"maintenance_window", "planned_maintenance", "blocking_work"}
COUNTING = tuple(name for name in NAMES if name not in UNCOUNTED)
QUARTER = 900
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def midnight(day: date) -> int:
    """The epoch second of a day's midnight in Paris."""
    return int(datetime(day.year, day.month, day.day, tzinfo=oracle.PARIS).timestamp())


def clock_changes(year: int) -> list[date]:
    """The days on which the clocks change."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    return [day for day in days if midnight(day + timedelta(days=1)) - midnight(day) != 86_400]


def holidays(year: int) -> list[date]:
    """The public holidays of a year, and the eve of each."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    return [day - timedelta(days=n) for day in days if oracle.is_holiday(day) for n in (0, 1)]


@st.composite
def interesting_days(draw: st.DrawFn) -> date:
    """Any day, a day on which the clocks change, a holiday or its eve."""
    year = draw(st.integers(1990, 2060))
    any_day = st.dates(date(year, 1, 1), date(year, 12, 31))
    return draw(
        any_day | st.sampled_from([*clock_changes(year), date(year, 3, 1)]) | st.sampled_from(holidays(year))
    )


SECONDS = st.builds(
    lambda day, second: midnight(day) + second,
    interesting_days(),
    st.integers(0, 90_000) | st.sampled_from([hour * 1800 + n for hour in range(49) for n in (-1, 0, 1)]),
)
QUARTERS = SECONDS.map(lambda second: second - second % QUARTER)


def aware(second: int) -> datetime:
    """The instant of an epoch second."""
    return EPOCH + timedelta(seconds=second)


@given(st.sampled_from(NAMES), SECONDS, st.integers(0, 12_000))
@settings(max_examples=300, deadline=None)
def test_open_seconds_are_those_counted_one_by_one(name: str, first: int, length: int) -> None:
    counted = calendar(name).open_seconds_between(aware(first), aware(first + length))

    assert counted == oracle.open_seconds(name, first, first + length)


@given(st.sampled_from(NAMES), QUARTERS, st.integers(0, 40_000))
@settings(max_examples=60, deadline=None)
def test_open_seconds_of_months_are_those_counted_by_quarters(name: str, first: int, quarters: int) -> None:
    last = first + quarters * QUARTER

    counted = calendar(name).open_seconds_between(aware(first), aware(last))

    assert counted == oracle.open_seconds(name, first, last, QUARTER)


@given(st.sampled_from(NAMES), SECONDS, st.integers(0, 6_000))
@settings(max_examples=80, deadline=None)
@example("support.open", 1774623600, 3600)
def test_an_instant_is_the_first_at_which_the_seconds_were_open(name: str, start: int, seconds: int) -> None:
    assert calendar(name).instant_after(aware(start), seconds) == aware(
        oracle.second_after(name, start, seconds)
    )


@given(st.sampled_from(NAMES), QUARTERS, st.integers(0, 3_000))
@settings(max_examples=60, deadline=None)
def test_a_far_instant_is_the_one_found_by_quarters(name: str, start: int, quarters: int) -> None:
    found = calendar(name).instant_after(aware(start), quarters * QUARTER)

    assert found == aware(oracle.second_after(name, start, quarters * QUARTER, QUARTER))


@given(st.sampled_from(NAMES), SECONDS, st.integers(1, 200_000_000))
@settings(max_examples=300, deadline=None)
def test_a_deadline_and_an_elapsed_time_agree(name: str, start: int, seconds: int) -> None:
    chosen = calendar(name)

    due = chosen.instant_after(aware(start), seconds)

    assert chosen.open_seconds_between(aware(start), due) == seconds
    assert chosen.open_seconds_between(aware(start), due - timedelta(seconds=1)) == seconds - 1


@given(st.sampled_from(COUNTING), SECONDS, st.integers(1, 300))
@settings(max_examples=200, deadline=None)
def test_a_closing_is_that_of_the_nth_open_day(name: str, start: int, count: int) -> None:
    found = calendar(name).closing_of_nth_day(aware(start), count)

    assert found == oracle.closing_of_nth_day(name, start, count)


@given(st.sampled_from(NAMES), SECONDS)
@settings(max_examples=300, deadline=None)
def test_open_is_what_the_clock_on_the_wall_says(name: str, second: int) -> None:
    chosen = calendar(name)

    window = chosen.window_of(aware(second))

    assert chosen.is_open(aware(second)) is (window is not None) is oracle.is_open(name, second)


@given(st.sampled_from(NAMES), SECONDS)
@settings(max_examples=200, deadline=None)
def test_a_window_is_open_from_its_first_second_to_its_last(name: str, second: int) -> None:
    window = calendar(name).window_of(aware(second))

    if window is not None:
        opens, closes = (int(edge.timestamp()) for edge in window)
        assert opens <= second < closes
        assert oracle.open_seconds(name, opens, closes, QUARTER) == closes - opens
        if name != "business_days":
            assert not oracle.is_open(name, opens - 1)
            assert not oracle.is_open(name, closes)


@pytest.mark.parametrize("name", NAMES)
def test_every_clock_change_of_seventy_years_leaves_elapsed_time_right(name: str) -> None:
    for year in range(1990, 2061):
        for day in clock_changes(year):
            first, last = midnight(day - timedelta(days=1)), midnight(day + timedelta(days=2))
            counted = calendar(name).open_seconds_between(aware(first), aware(last))
            assert counted == oracle.open_seconds(name, first, last, QUARTER)
