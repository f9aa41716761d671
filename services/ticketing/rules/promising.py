"""The hours of a plan as a week that people read."""

from datetime import date

from contracts.booklet.hours import Calendar

_MINUTE = 60
WEEKDAYS = range(1, 8)

Openings = tuple[tuple[int, str, str], ...]
"""Weekday (1 is Monday), opening, closing: `(1, "09:00", "12:30")`."""


def week_of(hours: Calendar, day: date) -> Openings:
    """13.2-f, 13.10-a: when that calendar opens in a week without public holidays, by the hours of `day`."""
    version = hours.terms.on(day)
    return tuple(
        (weekday, _clock(span.opens), _clock(span.closes))
        for weekday in WEEKDAYS
        for span in version.spans(weekday - 1, on_holiday=False)
    )


def _clock(second: int) -> str:
    minutes = second // _MINUTE
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"
