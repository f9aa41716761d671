"""A month that is still running: its rate so far, what it may still take, and when the commitment is lost."""

from collections.abc import Iterable
from datetime import datetime

from services.availability.model.rates import Facts, Interval, Month, Outlook, Span, Terms
from services.availability.rules.intervals import instant_of
from services.availability.rules.rates import allowed_seconds, month_rate, reckoned, unavailable_within
from services.availability.rules.reference import reference_windows


def outlook(
    month: Month,
    facts: Facts,
    terms: Terms,
    now: datetime,
    until: datetime,
    covered: tuple[Span, ...] | None = None,
) -> Outlook:
    """6-a, R5: the month seen from `now`, and its rate if what goes on now lasts until `until`.

    The commitment is over the whole month, so what it may still take is counted on all its reference period.
    """
    down = unavailable_within(month, facts, now)
    so_far = reckoned(month, down, reference_windows(month, covered, now), terms)
    forecast = month_rate(month, facts, terms, covered, until)
    allowed = allowed_seconds(forecast.reference_seconds, terms)
    return Outlook(
        so_far=so_far,
        seconds_left=max(0, allowed - so_far.unavailable_seconds),
        forecast=forecast,
        lost_at=lost_at(forecast.retained, allowed),
    )


def lost_at(retained: Iterable[Interval], allowed: int) -> datetime | None:
    """6-a: the first whole second by which more was unavailable than `allowed`; None when it never was."""
    left = allowed
    for start, end in retained:
        if end - start > left:
            return instant_of(start + left + 1)
        left -= end - start
    return None
