"""Which part of a month a contract covers (R5), which months of a customer are closed, and when (6-h)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from contracts.booklet.hours import FIRST_YEAR, calendar
from services.availability.model.months import Contract, MonthState
from services.availability.model.rates import Month, Span
from services.availability.rules.reference import PERIOD, month_of

ONE_DAY = timedelta(days=1)


def covered_in(month: Month, contract: Contract) -> tuple[Span, ...]:
    """R5: the part of the month that the contract covers, from the first instant of its first day until the
    last one of its last day, in local time; none, or one span.
    """
    starts_at = max(month.starts_at, midnight_of(contract.starts_on))
    ends_at = month.ends_at
    if contract.last_day is not None:
        ends_at = min(ends_at, midnight_of(contract.last_day + ONE_DAY))
    return (Span(starts_at, ends_at),) if starts_at < ends_at else ()


def month_at(instant: datetime) -> Month:
    """6-e: the calendar month in which the instant lies, in local time. Raises OutsideCalendar."""
    local = instant.astimezone(calendar(PERIOD).zone)
    return month_of(local.year, local.month)


def months_between(since: datetime, until: datetime) -> Iterator[Month]:
    """The calendar months that [since, until) touches, from the first that the calendars know on."""
    month = month_at(max(since, month_of(FIRST_YEAR, 1).starts_at))
    while month.starts_at < until:
        yield month
        month = month_after(month)


def month_after(month: Month) -> Month:
    """The month that follows. Raises OutsideCalendar."""
    return month_at(month.ends_at)


def first_day_of(month: Month) -> date:
    """The month's first day, in local time."""
    return month.starts_at.astimezone(calendar(PERIOD).zone).date()


def first_to_close(contract: Contract, registered_at: datetime) -> Month:
    """6-h: the first month that is closed for a customer: that of its contract's start or, when it came to
    be known here later, of that day; earlier ones can be reckoned, and were promised before anybody watched.
    """
    return month_at(max(registered_at, midnight_of(contract.starts_on)))


def state_at(month: Month, now: datetime, *, closed: bool) -> MonthState:
    """6-h: where the month stands at an instant, for a customer of whom it was closed or not."""
    if closed:
        return MonthState.closed
    if now < month.starts_at:
        return MonthState.to_come
    return MonthState.running if now < month.ends_at else MonthState.over


def closes_at(month: Month, settling: timedelta) -> datetime:
    """6-h: a month closes once it is over and the last results had time to come in."""
    return month.ends_at + settling


def midnight_of(day: date) -> datetime:
    """The first instant of a day, in local time."""
    return datetime(day.year, day.month, day.day, tzinfo=calendar(PERIOD).zone).astimezone(UTC)
