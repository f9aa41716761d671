"""Public holidays by year: those of a country from the `holidays` package, and those the booklet adds."""

from collections.abc import Iterable
from datetime import date, timedelta

from contracts.booklet.model import HolidayTerms


def easter_sunday(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher's computation)."""
    century, in_century = divmod(year, 100)
    leap_centuries, rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * (year % 19) + century - leap_centuries - moon_shift + 15) % 30
    weekday = (32 + 2 * rest + 2 * (in_century // 4) - epact - in_century % 4) % 7
    correction = (year % 19 + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def public_holidays(terms: HolidayTerms, years: Iterable[int]) -> frozenset[date]:
    """The dates of those years that are public holidays; two holidays on one date are one date.

    Holidays by their distance from Easter are added always: the package leaves out Whit Monday in 2005-2007.
    """
    # Loaded only here: it is the slowest import of this package, and a booklet can be read without it.
    from holidays import country_holidays

    wanted = list(years)
    dates = set(country_holidays(terms.country, years=wanted))
    for year in wanted:
        dates.update(easter_sunday(year) + timedelta(days=days) for days in terms.days_after_easter)
    return frozenset(dates)
