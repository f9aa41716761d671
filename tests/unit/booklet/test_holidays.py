"""The public holidays of metropolitan France, year by year (R14)."""

from datetime import date

import pytest
from dateutil.easter import easter  # type: ignore[import-untyped]

from contracts.booklet.holiday_dates import easter_sunday, public_holidays
from contracts.booklet.model import HolidayTerms
from tests.unit.booklet import oracle

FRANCE = HolidayTerms("FR", (50,))


def test_easter_is_where_another_computation_has_it() -> None:
    assert all(easter_sunday(year) == easter(year) for year in range(1583, 4100))


@pytest.mark.parametrize("year", range(1982, 2101))
def test_the_eleven_holidays_of_a_year(year: int) -> None:
    days = [
        date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
    ]

    assert public_holidays(FRANCE, [year]) == {day for day in days if oracle.is_holiday(day)}


def test_two_holidays_may_fall_on_one_date() -> None:
    assert date(2008, 5, 1) in public_holidays(FRANCE, [2008])
    assert len(public_holidays(FRANCE, [2008])) == 10


def test_the_two_of_alsace_moselle_are_not_among_them() -> None:
    good_friday, second_christmas_day = date(2026, 4, 3), date(2026, 12, 26)

    assert not {good_friday, second_christmas_day} & public_holidays(FRANCE, [2026])
