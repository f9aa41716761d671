"""The share of tickets taken in charge in time: years of support, standings, exact rates (13.2-g, R9)."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ticketing.model.clocks import Verdict
from services.ticketing.model.compliance import Count, PlanPeriod, Share, Standing, SupportSpan
from services.ticketing.rules.compliance import (
    midnight,
    months_later,
    share_of,
    standing_of,
    support_spans,
    support_years,
    tickets_standing,
    year_shares,
)

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)


def at(day: str) -> datetime:
    return midnight(date.fromisoformat(day), PARIS)


def test_support_starts_with_the_first_plan_that_has_it() -> None:
    periods = [PlanPeriod(at("2025-01-01"), "connect"), PlanPeriod(at("2025-03-01"), "open")]

    assert support_spans(periods, None) == (SupportSpan(at("2025-03-01")),)


def test_a_change_between_open_and_private_restarts_nothing() -> None:
    periods = [
        PlanPeriod(at("2025-01-01"), "open"),
        PlanPeriod(at("2025-03-01"), "private"),
        PlanPeriod(at("2025-05-01"), "open"),
    ]

    assert support_spans(periods, None) == (SupportSpan(at("2025-01-01")),)


def test_a_lapse_to_connect_ends_support_and_the_next_plan_starts_it_anew() -> None:
    periods = [
        PlanPeriod(at("2025-01-01"), "open"),
        PlanPeriod(at("2025-03-01"), "connect"),
        PlanPeriod(at("2025-05-01"), "private"),
    ]

    assert support_spans(periods, None) == (
        SupportSpan(at("2025-01-01"), at("2025-03-01")),
        SupportSpan(at("2025-05-01")),
    )


def test_support_ends_with_the_contract() -> None:
    periods = [PlanPeriod(at("2025-01-01"), "open"), PlanPeriod(at("2026-01-01"), "private")]

    assert support_spans(periods, at("2025-07-01")) == (SupportSpan(at("2025-01-01"), at("2025-07-01")),)


def test_a_lapse_after_the_contracts_end_is_no_other_end() -> None:
    periods = [PlanPeriod(at("2025-01-01"), "open"), PlanPeriod(at("2025-09-01"), "connect")]

    assert support_spans(periods, at("2025-07-01")) == (SupportSpan(at("2025-01-01"), at("2025-07-01")),)


def test_a_year_begins_at_local_midnight_on_either_side_of_a_clock_change() -> None:
    first, second = support_years([SupportSpan(at("2025-03-30"))], 12, at("2026-04-01"), PARIS)

    assert first.starts_at == datetime(2025, 3, 29, 23, tzinfo=UTC)
    assert first.ends_at == second.starts_at == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert (first.running, second.running) == (False, True)


def test_a_year_that_has_not_begun_is_not_there() -> None:
    span = SupportSpan(at("2025-03-10"))

    assert support_years([span], 12, span.since - DAY, PARIS) == ()
    assert len(support_years([span], 12, at("2026-03-10") - timedelta(microseconds=1), PARIS)) == 1
    assert len(support_years([span], 12, at("2026-03-10"), PARIS)) == 2


def test_support_that_ends_with_a_year_begins_no_other() -> None:
    span = SupportSpan(at("2025-03-10"), at("2026-03-10"))

    (year,) = support_years([span], 12, at("2027-01-01"), PARIS)
    assert (year.ends_at, year.running) == (at("2026-03-10"), False)


BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
instants = st.integers(0, 365 * 24 * 7).map(lambda hours: BEGINNING + timedelta(hours=hours))
spans = st.lists(instants, unique=True, min_size=1).map(
    lambda instants: [
        PlanPeriod(instant, "open" if place % 2 == 0 else "connect")
        for place, instant in enumerate(sorted(instants))
    ]
)


@given(spans, instants)
def test_every_supported_instant_lies_in_exactly_one_year(
    periods: list[PlanPeriod], instant: datetime
) -> None:
    now = datetime(2028, 1, 1, tzinfo=UTC)
    years = support_years(support_spans(periods, None), 12, now, PARIS)

    holding = [year for year in years if year.starts_at <= instant < year.ends_at]
    past = [period for period in periods if period.since <= instant]
    assert len(holding) == (1 if past and past[-1].plan == "open" else 0)
    assert [year.number for year in years] == list(range(1, len(years) + 1))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2025-12-31", 1, "2026-01-31"),
        ("2025-01-01", 12, "2026-01-01"),
    ],
)
def test_months_are_clamped_to_the_last_day(day: str, months: int, expected: str) -> None:
    assert months_later(date.fromisoformat(day), months) == date.fromisoformat(expected)


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 100))
def test_the_verdict_is_on_the_exact_share_and_the_display_is_rounded_down(
    kept: int, missed: int, committed: int
) -> None:
    share = share_of(kept, missed, committed)

    if kept + missed == 0:
        assert share == Share(0, 0, None, None)
        return
    exact = Fraction(kept * 100, kept + missed)
    assert share.holds is (exact >= committed)
    shown = Fraction(share.rate or "")
    assert shown <= exact < shown + Fraction(1, 1000)


def test_what_is_left_out_and_set_apart_is_counted_beside_and_what_runs_nowhere() -> None:
    counts = [
        Count(Verdict.kept, 6),
        Count(Verdict.missed, 2),
        Count(Verdict.running, 5),
        Count(Verdict.missed, 1, left_out="not_reproducible"),
        Count(Verdict.running, 1, left_out="out_of_scope"),
        Count(Verdict.missed, 4, set_apart="duty_not_met"),
        Count(Verdict.kept, 3, set_apart="support_suspended"),
    ]

    shares = year_shares(counts, 75)

    assert shares.counted == Share(6, 2, "75.000", True)
    assert shares.with_left_out == Share(6, 3, "66.666", False)
    assert shares.with_set_apart == Share(9, 6, "60.000", False)
    assert shares.with_both == Share(9, 7, "56.250", False)
    assert [tickets_standing(counts, each) for each in Standing] == [8, 5, 2, 7]


def test_a_left_out_ticket_is_not_set_apart_too() -> None:
    assert standing_of("out_of_scope", "support_suspended", Verdict.running) is Standing.left_out
