"""Months, and the reference period inside them, as the booklet's calendars open it."""

import re
from datetime import UTC, date, datetime

from contracts.booklet.hours import FIRST_YEAR, LAST_YEAR, OutsideCalendar, calendar
from services.availability.model.rates import Interval, Month, Span
from services.availability.rules.intervals import instant_of, merged, second_of, within

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
PERIOD = "reference_period"


class NoMonth(ValueError):
    """The text names no month; the message says what to write."""


def month_of(year: int, month: int) -> Month:
    """6-e: a calendar month in the booklet's time zone, clock changes included. Raises OutsideCalendar."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutsideCalendar
    after = (year, month + 1) if month < 12 else (year + 1, 1)
    return Month(f"{year:04}-{month:02}", _midnight(year, month), _midnight(*after))


def month_named(name: str) -> Month:
    """The month that `2026-05` names. Raises NoMonth, and OutsideCalendar."""
    found = MONTH.fullmatch(name)
    if found is None:
        raise NoMonth("a month is written as 2026-05")
    return month_of(int(found[1]), int(found[2]))


def months_of(year: int) -> tuple[Month, ...]:
    """The twelve months of a year. Raises OutsideCalendar."""
    return tuple(month_of(year, month) for month in range(1, 13))


def local_day(instant: datetime) -> date:
    """The day in which an instant falls, in the booklet's time zone."""
    return instant.astimezone(calendar(PERIOD).zone).date()


def bounds_of(month: Month) -> Interval:
    """The month in epoch seconds."""
    return second_of(month.starts_at), second_of(month.ends_at)


def open_windows(name: str, since: int, until: int) -> list[Interval]:
    """The open windows of a calendar within [since, until), merged. Raises OutsideCalendar."""
    known = calendar(name)
    found: list[Interval] = []
    second = since
    while second < until:
        window = known.window_of(instant_of(second))
        if window is None:
            try:
                window = known.window_of(known.next_opening(instant_of(second)))
            except OutsideCalendar:
                break  # the last window of the last year that calendars know
        if window is None or second_of(window[0]) >= until:
            break
        second = second_of(window[1])
        found.append((max(since, second_of(window[0])), min(until, second)))
    return merged(found)


def reference_windows(
    month: Month, covered: tuple[Span, ...] | None = None, until: datetime | None = None
) -> list[Interval]:
    """6-c, R5: Monday to Friday 07:00-20:00 without public holidays, in the part of the month the contract
    covers (None: all of it); `until` leaves out what comes after it.
    """
    since, last = bounds_of(month)
    if until is not None:
        last = min(last, second_of(until))
    windows = open_windows(PERIOD, since, last)
    if covered is None:
        return windows
    return within(windows, merged((second_of(span.starts_at), second_of(span.ends_at)) for span in covered))


def _midnight(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=calendar(PERIOD).zone).astimezone(UTC)
