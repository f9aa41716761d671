"""Dates one can check against the contract and a wall calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.booklet.hours import Calendar, DaysNotCounted, OutsideCalendar, calendar
from contracts.booklet.loader import load_timetable
from contracts.booklet.model import CalendarTerms, Span, Validity, WeekVersion

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    """A local time of Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("name", "start", "hours", "due"),
    [
        ("support.open", "2026-03-27T16:00", 8, "2026-03-31T09:30"),
        ("support.open", "2026-03-27T16:00", 1, "2026-03-27T17:00"),
        ("support.open", "2026-03-27T19:00", 8, "2026-03-31T10:30"),
        ("support.open", "2026-03-27T17:00", 0, "2026-03-30T09:00"),
        ("support.open", "2026-03-27T16:59:59", 0, "2026-03-27T16:59:59"),
        ("support.open", "2026-04-03T16:30", 1, "2026-04-07T09:30"),
        ("support.private", "2026-03-27T16:00", 4, "2026-03-30T12:00"),
        ("support.private", "2026-12-24T17:00", 4, "2026-12-28T12:00"),
        ("reference_period", "2026-12-31T19:00", 2, "2027-01-04T08:00"),
        ("maintenance_window", "2026-03-28T12:00", 13, "2026-03-29T10:00"),
        ("maintenance_window", "2026-10-24T12:00", 13, "2026-10-25T08:00"),
        ("maintenance_window", "2026-03-28T12:00", 24, "2026-03-29T21:00"),
        ("harmony_advisers", "2026-05-14T08:00", 1, "2026-05-14T10:00"),
    ],
)
def test_a_deadline(name: str, start: str, hours: int, due: str) -> None:
    assert calendar(name).instant_after(at(start), hours * 3600) == at(due)


@pytest.mark.parametrize(
    ("name", "start", "count", "closing"),
    [
        ("support.open", "2026-03-27T16:00", 6, "2026-04-07T17:30"),
        ("support.open", "2026-03-28T10:00", 1, "2026-03-30T17:30"),
        ("support.open", "2026-03-26T23:59", 1, "2026-03-27T17:00"),
        ("support.private", "2026-04-30T09:00", 6, "2026-05-12T18:00"),
        ("business_days", "2026-03-27T16:00", 1, "2026-03-31T00:00"),
        ("reference_period", "2008-04-30T12:00", 1, "2008-05-02T20:00"),
    ],
)
def test_the_closing_of_a_business_day(name: str, start: str, count: int, closing: str) -> None:
    assert calendar(name).closing_of_nth_day(at(start), count) == at(closing)


def test_the_day_that_does_not_count_is_the_local_one() -> None:
    late_in_utc = datetime(2026, 3, 26, 23, 30, tzinfo=UTC)

    assert calendar("business_days").nth_business_day(late_in_utc, 1) == date(2026, 3, 30)


@pytest.mark.parametrize(
    ("instant", "opens", "closes"),
    [
        ("2026-03-25T03:00", "2026-03-24T20:00", "2026-03-25T07:00"),
        ("2026-03-29T12:00", "2026-03-28T20:00", "2026-03-30T07:00"),
        ("2026-05-14T12:00", "2026-05-13T20:00", "2026-05-15T07:00"),
        ("2026-04-06T12:00", "2026-04-04T20:00", "2026-04-07T07:00"),
        ("2020-01-01T00:00", "2019-12-31T20:00", "2020-01-02T07:00"),
        ("2050-01-01T12:00", "2049-12-31T20:00", "2050-01-03T07:00"),
    ],
)
def test_nights_sundays_and_holidays_that_meet_are_one_maintenance_window(
    instant: str, opens: str, closes: str
) -> None:
    assert calendar("maintenance_window").window_of(at(instant)) == (at(opens), at(closes))


@pytest.mark.parametrize("year", [2005, 2006, 2007])
def test_whit_monday_stayed_a_holiday_while_it_was_worked(year: int) -> None:
    whit_monday = {2005: date(2005, 5, 16), 2006: date(2006, 6, 5), 2007: date(2007, 5, 28)}[year]
    noon = datetime(whit_monday.year, whit_monday.month, whit_monday.day, 11, tzinfo=PARIS)

    assert not calendar("support.open").is_open(noon)
    assert calendar("maintenance_window").is_open(noon)


def test_the_repeated_hour_of_autumn_has_two_instants() -> None:
    start = at("2026-10-25T00:00")

    found = [calendar("maintenance_window").instant_after(start, hours * 3600) for hours in (2, 3, 4)]

    assert [instant.astimezone(PARIS).isoformat() for instant in found] == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]


def test_a_local_instant_may_be_given_in_either_of_the_two_hours() -> None:
    nights, end = calendar("maintenance_window"), at("2026-10-25T03:00")
    half_past_two = at("2026-10-25T02:30")

    assert nights.open_seconds_between(half_past_two, end) == 5400
    assert nights.open_seconds_between(half_past_two.replace(fold=1), end) == 1800


@pytest.mark.parametrize("name", ["support.open", "maintenance_window"])
def test_an_answer_does_not_depend_on_what_was_asked_before(name: str) -> None:
    timetable = load_timetable()
    fresh, used = (Calendar(timetable.calendars[name], timetable) for _ in range(2))
    for year in (2099, 1983, 2040, 2010):
        used.open_seconds_between(at(f"{year}-01-01T00:00"), at(f"{year}-06-01T00:00"))

    for year in (1982, 1989, 1990, 2026, 2029, 2030, 2100):
        start = at(f"{year}-01-01T00:00")
        assert fresh.instant_after(start, 36_000) == used.instant_after(start, 36_000)


def test_a_fraction_counts_as_the_second_it_falls_in() -> None:
    support = calendar("support.open")

    assert support.is_open(at("2026-03-27T16:59:59.999999"))
    assert support.open_seconds_between(at("2026-03-27T16:59:58.5"), at("2026-03-27T16:59:59.9")) == 1


def test_what_lies_outside_the_known_years_is_refused() -> None:
    support = calendar("support.open")
    first, last = at("1982-01-01T00:00"), at("2100-12-31T23:59:59")

    assert support.open_seconds_between(first, last) > 0
    for outside in (first - timedelta(seconds=1), last + timedelta(seconds=1)):
        with pytest.raises(OutsideCalendar):
            support.instant_after(outside, 1)
    with pytest.raises(OutsideCalendar):
        support.next_opening(last)
    with pytest.raises(OutsideCalendar):
        support.instant_after(first, 10**12)
    with pytest.raises(OutsideCalendar):
        support.nth_business_day(first, 10**9)


def test_questions_without_sense_are_refused() -> None:
    support, noon = calendar("support.open"), at("2026-03-27T12:00")

    with pytest.raises(ValueError, match="before the start"):
        support.open_seconds_between(noon, noon - timedelta(seconds=1))
    with pytest.raises(ValueError, match="not negative"):
        support.instant_after(noon, -1)
    with pytest.raises(ValueError, match="at least 1"):
        support.nth_business_day(noon, 0)
    with pytest.raises(DaysNotCounted):
        calendar("maintenance_window").closing_of_nth_day(noon, 1)
    with pytest.raises(LookupError, match=r"support\.private"):
        calendar("support.shut")
    with pytest.raises(TypeError):
        support.is_open(noon.replace(tzinfo=None))


def nights_only() -> Calendar:
    """A calendar of another publisher: open every night, and nothing else."""
    night = (Span(20 * 3600, 31 * 3600),)
    terms = CalendarTerms("nights", "5-b", False, (WeekVersion(Validity(), (night,) * 7, None),))
    return Calendar(terms, replace(load_timetable(), calendars={"nights": terms}))


@pytest.mark.parametrize(
    ("evening", "hours"), [("2026-03-28T20:00", 10), ("2026-10-24T20:00", 12), ("2026-06-06T20:00", 11)]
)
def test_a_night_in_which_the_clocks_change_ends_at_seven_all_the_same(evening: str, hours: int) -> None:
    window = nights_only().window_of(at(evening))

    assert window == (at(evening), at(evening) + timedelta(hours=11))
    assert nights_only().open_seconds_between(*window) == hours * 3600


def test_hours_that_change_by_date_are_those_of_each_day() -> None:
    change = date(2026, 7, 1)
    morning, long = ((Span(9 * 3600, hour * 3600),) for hour in (12, 18))
    versions = (
        WeekVersion(Validity(None, change), (morning,) * 7, None),
        WeekVersion(Validity(change, None), (long,) * 7, None),
    )
    terms = CalendarTerms("longer", "13.2-f", True, versions)
    longer = Calendar(terms, replace(load_timetable(), calendars={"longer": terms}))

    assert longer.instant_after(at("2026-06-30T09:00"), 10 * 3600) == at("2026-07-01T16:00")
    assert longer.closing_of_nth_day(at("2026-06-29T09:00"), 1) == at("2026-06-30T12:00")
    assert longer.closing_of_nth_day(at("2026-06-30T09:00"), 1) == at("2026-07-01T18:00")
