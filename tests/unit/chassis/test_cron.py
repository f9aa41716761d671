"""Cron lines in Paris time, against a minute-by-minute oracle."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.cron import PARIS, Cron

LINES = [
    "*/7 3-5 * * *",
    "0 2 * * *",
    "30 2 * * *",
    "15,45 * 1 * *",
    "0 9 * * 1-5",
    "5 0 31 * *",
    "0 12 13 * 5",
]


def _is_due(line: str, instant: datetime) -> bool:
    """Written field by field, for whole minutes outside of clock changes."""
    local = instant.astimezone(PARIS)
    cron = Cron.parse(line)
    fits = local.minute in cron.minutes and local.hour in cron.hours and local.month in cron.months
    by_month, by_week = local.day in cron.days, local.isoweekday() % 7 in cron.weekdays
    return fits and (by_month or by_week if cron.either_day else by_month and by_week)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(LINES), st.integers(0, 180 * 86_400))
def test_the_next_due_is_the_first_minute_that_fits(line: str, seconds: int) -> None:
    start = datetime(2026, 4, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    found = Cron.parse(line).next_after(start)
    minute = start.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while minute < found:
        assert not _is_due(line, minute)
        minute += timedelta(minutes=1)
    assert _is_due(line, found)


def test_the_hour_that_is_left_out_is_taken_later_and_the_doubled_one_once() -> None:
    nightly = Cron.parse("30 2 * * *")
    spring = nightly.next_after(datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert spring == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    autumn = nightly.next_after(datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert nightly.next_after(autumn) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_sunday_is_0_and_7_and_a_leap_day_is_found() -> None:
    assert Cron.parse("0 0 * * 0").weekdays == Cron.parse("0 0 * * 7").weekdays == {0}
    leap = Cron.parse("0 0 29 2 *").next_after(datetime(2026, 1, 1, tzinfo=UTC))
    assert leap.astimezone(PARIS).date().isoformat() == "2028-02-29"


@pytest.mark.parametrize(
    "line", ["", "* * * *", "60 * * * *", "* * 0 * *", "*/0 * * * *", "5-2 * * * *", "a * * * *"]
)
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"cron|within"):
        Cron.parse(line)


def test_a_day_that_never_comes_is_refused() -> None:
    with pytest.raises(ValueError, match="never due"):
        Cron.parse("0 0 31 2 *").next_after(datetime(2026, 1, 1, tzinfo=UTC))
