"""A month's rate: known months, the slow way over random facts, and what must hold whatever happens."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.booklet.hours import OutsideCalendar
from services.availability.model.rates import Exclusion, ExclusionKind, Facts, MonthRate, Outage, Span, Terms
from services.availability.rules.intervals import second_of, total
from services.availability.rules.rates import allowed_seconds, is_kept, month_rate, rate_of, shown
from services.availability.rules.reference import (
    NoMonth,
    bounds_of,
    month_named,
    month_of,
    months_of,
    reference_windows,
)
from services.availability.terms import terms_on
from tests.unit.availability import oracle
from tests.unit.availability.facts import at, crowded, exclusions, facts, outages

TERMS = Terms(Decimal(99), 48 * 3600)
YEAR = months_of(2026)
NUMBERS = st.integers(1, 12)
DAY = 13 * 3600


def year_of(known: Facts) -> list[MonthRate]:
    """The twelve rates of 2026."""
    return [month_rate(month, known, TERMS) for month in YEAR]


def test_the_booklet_commits_to_ninety_nine_percent_and_two_days() -> None:
    assert terms_on(date(2026, 5, 1)) == TERMS


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("2026-03", 22),  # the clocks go forward on a Sunday
        ("2026-10", 22),  # and back
        ("2026-05", 17),  # 1 and 8 May on Fridays, Ascension, Whit Monday
        ("2026-08", 21),  # the Assumption falls on a Saturday
        ("2026-11", 20),  # All Saints on a Sunday, Armistice Day on a Wednesday
        ("2008-05", 19),  # Labour Day and Ascension on one date
        ("2100-12", 23),  # the last that the calendars know; Christmas on a Saturday
        ("1982-01", 20),
    ],
)
def test_a_reference_period_has_thirteen_hours_for_each_business_day(name: str, days: int) -> None:
    windows = reference_windows(month_named(name))

    assert [end - start for start, end in windows] == [DAY] * days


@pytest.mark.parametrize("name", ["2026-13", "2026-00", "26-05", "2026-5", "2026-05-01", "", "２０２６-05"])
def test_what_names_no_month_is_refused(name: str) -> None:
    with pytest.raises(NoMonth, match="written as"):
        month_named(name)


@pytest.mark.parametrize("name", ["1981-12", "2101-01"])
def test_months_outside_the_calendars_are_refused(name: str) -> None:
    with pytest.raises(OutsideCalendar):
        month_named(name)


def test_months_follow_each_other_without_a_gap() -> None:
    assert [month.name for month in YEAR] == [f"2026-{number:02}" for number in range(1, 13)]
    for earlier, later in zip(YEAR, YEAR[1:] + months_of(2027)[:1], strict=True):
        assert earlier.ends_at == later.starts_at
    assert month_of(2026, 3).ends_at - month_of(2026, 3).starts_at == timedelta(hours=743)
    assert month_of(2026, 10).ends_at - month_of(2026, 10).starts_at == timedelta(hours=745)


@pytest.mark.parametrize(
    ("percent", "text"),
    [
        ("100", "100.000"),
        ("98.9996", "98.999"),
        ("98.99999999999999999999", "98.999"),
        ("99", "99.000"),
        ("0.0009", "0.000"),
        ("7.05", "7.050"),
        ("0", "0.000"),
    ],
)
def test_the_display_has_three_decimals_rounded_down(percent: str, text: str) -> None:
    assert shown(Fraction(percent)) == text


@given(st.integers(1, 10**7), st.data(), st.integers(0, 10_000))
def test_the_allowance_is_the_last_second_that_is_kept(
    prt: int, data: st.DataObject, hundredths: int
) -> None:
    terms = replace(TERMS, committed_rate=Decimal(hundredths) / 100)
    allowed = allowed_seconds(prt, terms)

    assert is_kept(prt, allowed, terms)
    assert allowed == prt or is_kept(prt, allowed + 1, terms) is False
    lost = data.draw(st.integers(0, prt))
    assert is_kept(prt, lost, terms) is (lost <= allowed)


def test_without_a_reference_period_nothing_is_said() -> None:
    weekend = (Span(at("2026-05-30T00:00+02:00"), at("2026-05-31T00:00+02:00")),)

    found = month_rate(month_of(2026, 5), Facts(), TERMS, weekend)

    assert (found.reference_seconds, found.rate, found.shown, found.kept) == (0, None, None, None)
    assert rate_of(0, 0) is None


@given(crowded(oracle.MINUTE) | st.tuples(facts(oracle.MINUTE), NUMBERS))
@settings(max_examples=60, deadline=None)
def test_a_month_is_the_one_walked_minute_by_minute(placed: tuple[Facts, int]) -> None:
    known, number = placed
    month = month_of(2026, number)

    found = month_rate(month, known, TERMS)

    prt, ti = oracle.counted(
        known, oracle.midnight(2026, number), oracle.midnight(2026, number + 1), oracle.MINUTE
    )
    assert (found.reference_seconds, found.unavailable_seconds) == (prt, ti)
    assert found.rate == Fraction(100 * (prt - ti), prt)
    assert found.kept is (100 * (prt - ti) >= 99 * prt)


@given(
    facts(oracle.SECOND, [oracle.midnight(2026, 3, 30)]),
    st.integers(0, 2),
)
@settings(max_examples=40, deadline=None)
def test_a_partly_covered_month_is_the_part_walked_second_by_second(known: Facts, shift: int) -> None:
    since = oracle.midnight(2026, 3, 30) + timedelta(hours=6 + 13 * shift)
    until = since + timedelta(hours=2)

    found = month_rate(month_of(2026, 3), known, TERMS, (Span(since, until),))

    assert (found.reference_seconds, found.unavailable_seconds) == oracle.counted(
        known, since, until, oracle.SECOND
    )


@given(facts(oracle.MINUTE), outages(oracle.MINUTE))
@settings(max_examples=60, deadline=None)
def test_an_outage_more_never_raises_a_rate(known: Facts, more: Outage) -> None:
    for before, after in zip(
        year_of(known), year_of(replace(known, outages=(*known.outages, more))), strict=True
    ):
        assert after.rate is not None
        assert before.rate is not None
        assert after.rate <= before.rate


@given(facts(oracle.MINUTE), exclusions(oracle.MINUTE))
@settings(max_examples=60, deadline=None)
def test_an_exclusion_more_never_lowers_a_rate_nor_shrinks_its_period(known: Facts, more: Exclusion) -> None:
    for before, after in zip(
        year_of(known), year_of(replace(known, exclusions=(*known.exclusions, more))), strict=True
    ):
        assert after.rate is not None
        assert before.rate is not None
        assert after.rate >= before.rate
        assert after.reference_seconds == before.reference_seconds


@given(facts(oracle.MINUTE), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_repetition_and_how_an_outage_is_cut_do_not_matter(known: Facts, chance: random.Random) -> None:
    pieces: list[Outage] = []
    for outage in (*known.outages, *known.outages[:2]):
        assert outage.ends_at is not None
        middle = outage.starts_at + (outage.ends_at - outage.starts_at) * chance.random()
        pieces += [replace(outage, ends_at=middle), replace(outage, starts_at=middle)]
    chance.shuffle(pieces)
    left_out = list(known.exclusions)
    chance.shuffle(left_out)

    assert year_of(Facts(tuple(pieces), tuple(left_out))) == year_of(known)


@given(facts(oracle.MINUTE))
@settings(max_examples=60, deadline=None)
def test_the_months_make_the_year(known: Facts) -> None:
    whole = replace(YEAR[0], name="2026", ends_at=YEAR[-1].ends_at)

    year, months = month_rate(whole, known, TERMS), year_of(known)

    assert year.reference_seconds == sum(month.reference_seconds for month in months)
    assert year.unavailable_seconds == sum(month.unavailable_seconds for month in months)
    assert year.retained == tuple(interval for month in months for interval in month.retained)


@given(facts(oracle.MINUTE), NUMBERS)
@settings(max_examples=60, deadline=None)
def test_what_is_retained_is_the_unavailability_and_lies_in_its_month(known: Facts, number: int) -> None:
    month = month_of(2026, number)
    since, until = bounds_of(month)

    found = month_rate(month, known, TERMS)

    flat = [edge for interval in found.retained for edge in interval]
    assert flat == sorted(set(flat))
    assert total(found.retained) == found.unavailable_seconds
    assert all(since <= edge <= until for edge in flat)


def test_an_outage_over_a_months_end_counts_in_both() -> None:
    down = Facts((Outage(at("2026-03-31T19:00+02:00"), at("2026-04-01T08:00+02:00")),))

    assert [month_rate(month_of(2026, n), down, TERMS).unavailable_seconds for n in (3, 4)] == [3600, 3600]


def test_maintenance_leaves_out_nothing_of_the_reference_period() -> None:
    around = (at("2026-05-05T02:00+02:00"), at("2026-05-05T09:00+02:00"))
    planned = Exclusion(ExclusionKind.maintenance_window, *around)

    alone = month_rate(month_of(2026, 5), Facts(exclusions=(planned,)), TERMS)
    overrun = month_rate(month_of(2026, 5), Facts((Outage(*around),), (planned,)), TERMS)

    assert (alone.unavailable_seconds, overrun.unavailable_seconds) == (0, 2 * 3600)


def test_urgent_maintenance_leaves_an_earlier_outage_in() -> None:
    start, end = at("2026-05-05T09:00+02:00"), at("2026-05-05T11:00+02:00")
    urgent = Exclusion(
        ExclusionKind.urgent_maintenance, start, end, recorded_at=start + timedelta(minutes=30)
    )

    found = month_rate(month_of(2026, 5), Facts((Outage(start, end),), (urgent,)), TERMS)

    assert found.retained == ((second_of(start), second_of(start) + 1800),)


def test_a_fraction_of_a_second_counts_as_the_second_it_falls_in() -> None:
    start = at("2026-05-05T09:00:00.999999+02:00")
    down = Facts((Outage(start, at("2026-05-05T09:00:02.000001+02:00")),))
    blink = Facts((Outage(at("2026-05-05T09:00:00.1+02:00"), start),))

    found = month_rate(month_of(2026, 5), down, TERMS)

    assert found.retained == ((second_of(start), second_of(start) + 2),)
    assert month_rate(month_of(2026, 5), blink, TERMS).unavailable_seconds == 0
