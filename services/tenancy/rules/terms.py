"""A contract's term in calendar months, and the days by which its notices must be posted (article 16, R12).

Every period is counted from the contract's own date, the day clamped to the month's last, so that no drift
adds up: 31 January, 28 February, 31 March. A day that would lie beyond the year 9999 is refused.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR, date, timedelta

from services.tenancy.contract_model import NoticeTerms, Period, Term
from services.tenancy.contract_refusals import BeforeTheContract, BeyondTheCalendar
from services.tenancy.refusals import TermTooShort

YEAR = 12


def months_later(day: date, months: int) -> date:
    """R12: the day so many months later, or earlier if negative, clamped to that month's last.

    31 January and one month is the last of February. Raises BeyondTheCalendar.
    """
    return _clamped(_month_of(day) + months, day.day)


def days_earlier(day: date, days: int) -> date:
    """R12: the day so many calendar days earlier. Raises BeyondTheCalendar."""
    if days >= day.toordinal():
        raise BeyondTheCalendar
    return day - timedelta(days=days)


def period(term: Term, number: int) -> Period:
    """16-a: the contract runs for its initial term, then for periods of that same length.

    Periods are numbered from 1 and each counted from the original start (R12). Raises TermTooShort, and
    BeyondTheCalendar for one whose last day no calendar has.
    """
    if term.months < 1:
        raise TermTooShort
    starts_on = months_later(term.starts_on, (number - 1) * term.months)
    return Period(number, starts_on, _day_before(term.starts_on, number * term.months))


def period_on(term: Term, day: date) -> Period:
    """16-a: the period that holds a day; the renewals so far are its number less one.

    Raises BeforeTheContract, TermTooShort and BeyondTheCalendar.
    """
    if term.months < 1:
        raise TermTooShort
    if day < term.starts_on:
        raise BeforeTheContract
    whole = (_month_of(day) - _month_of(term.starts_on)) // term.months
    if months_later(term.starts_on, whole * term.months) > day:
        whole -= 1
    return period(term, whole + 1)


def begins_period(term: Term, day: date) -> bool:
    """16-d: whether a period begins on that day. Only the contract's own date and length decide (16-a):
    services activated during the term begin none and lengthen none.
    """
    return day >= term.starts_on and period_on(term, day).starts_on == day


def last_notice_day(term: Term, of: Period, terms: Sequence[NoticeTerms]) -> date:
    """16-c: the last day on which a notice of non-renewal, dated by its posting, stops the next renewal.

    The period's last day less 6 months for terms of 12 months or more, less 30 days otherwise: so its time
    has run in full when the period ends, the day of posting not counted (R12). The terms in force when the
    period began hold. For short terms the day may lie before the period.
    """
    held = in_force(terms, of.starts_on)
    if term.months >= held.long_term_from_months:
        return months_later(of.last_day, -held.long_term_months)
    return days_earlier(of.last_day, held.short_term_days)


def last_price_revision_day(of: Period, terms: Sequence[NoticeTerms]) -> date:
    """16-b: the last day for notice of a price revision at the renewal that follows this period.

    The period's last day less 30 days, counted as in R12.
    """
    return days_earlier(of.last_day, in_force(terms, of.starts_on).price_days)


def in_force(terms: Sequence[NoticeTerms], day: date) -> NoticeTerms:
    """The booklet's terms on a day: the last that were valid by then, else the first there are."""
    held = [one for one in terms if one.valid_from is None or one.valid_from <= day]
    return held[-1] if held else terms[0]


def _month_of(day: date) -> int:
    return day.year * YEAR + day.month - 1


def _clamped(month: int, day: int) -> date:
    year, index = divmod(month, YEAR)
    if not MINYEAR <= year <= MAXYEAR:
        raise BeyondTheCalendar
    return date(year, index + 1, min(day, monthrange(year, index + 1)[1]))


def _day_before(start: date, months: int) -> date:
    """The day before `months_later`, also where that is the first of January 10000."""
    month = _month_of(start) + months
    if start.day == 1:
        return _clamped(month - 1, 31)
    return _clamped(month, start.day) - timedelta(days=1)
