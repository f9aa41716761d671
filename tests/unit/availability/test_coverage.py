"""Which part of a month a contract covers, which months are closed, and what the rate of the part is."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.availability.model.months import Contract, Known, MonthState
from services.availability.model.rates import Terms
from services.availability.rules.coverage import (
    closes_at,
    covered_in,
    first_day_of,
    first_to_close,
    month_after,
    month_at,
    state_at,
)
from services.availability.rules.evidence import evidence_of
from services.availability.rules.reference import month_of, months_of
from tests.unit.availability import oracle
from tests.unit.availability.facts import at, instants
from tests.unit.availability.known import as_facts, crowded_known, known

TERMS = Terms(Decimal(99), 48 * 3600)
YEAR = months_of(2026)
MAY = month_of(2026, 5)
DAYS = st.dates(date(2025, 12, 1), date(2027, 1, 31))
CONTRACTS = st.one_of(
    st.builds(Contract, DAYS),
    st.builds(lambda day, length: Contract(day, day + timedelta(days=length)), DAYS, st.integers(0, 400)),
)


@pytest.mark.parametrize(
    ("contract", "bounds"),
    [
        (Contract(date(2020, 1, 1)), ("2026-05-01T00:00+02:00", "2026-06-01T00:00+02:00")),
        (Contract(date(2026, 5, 18)), ("2026-05-18T00:00+02:00", "2026-06-01T00:00+02:00")),
        (Contract(date(2020, 1, 1), date(2026, 5, 4)), ("2026-05-01T00:00+02:00", "2026-05-05T00:00+02:00")),
        (Contract(date(2026, 5, 4), date(2026, 5, 4)), ("2026-05-04T00:00+02:00", "2026-05-05T00:00+02:00")),
        (Contract(date(2026, 6, 1)), None),
        (Contract(date(2020, 1, 1), date(2026, 4, 30)), None),
    ],
)
def test_a_contract_covers_whole_days_both_ends_included(
    contract: Contract, bounds: tuple[str, str] | None
) -> None:
    spans = [(span.starts_at, span.ends_at) for span in covered_in(MAY, contract)]

    assert spans == ([] if bounds is None else [(at(bounds[0]), at(bounds[1]))])


@given(CONTRACTS)
@settings(max_examples=100, deadline=None)
def test_the_months_of_a_year_cover_what_the_contract_does(contract: Contract) -> None:
    first, last = (
        max(contract.starts_on, date(2026, 1, 1)),
        min(contract.last_day or date.max, date(2026, 12, 31)),
    )

    covered = [span for month in YEAR for span in covered_in(month, contract)]

    if first > last:
        assert covered == []
        return
    assert covered[0].starts_at == oracle.midnight(2026, first.month, first.day)
    assert covered[-1].ends_at == (
        oracle.midnight(2027, 1)
        if last == date(2026, 12, 31)
        else oracle.midnight(2026, (last + timedelta(days=1)).month, (last + timedelta(days=1)).day)
    )
    for earlier, later in pairwise(covered):
        assert earlier.ends_at == later.starts_at


@pytest.mark.parametrize(
    ("instant", "month"),
    [
        ("2026-05-31T23:59:59+02:00", "2026-05"),
        ("2026-05-31T22:00:00+00:00", "2026-06"),
        ("2026-12-31T23:00:00+00:00", "2027-01"),
    ],
)
def test_a_month_is_that_of_paris(instant: str, month: str) -> None:
    assert month_at(at(instant)).name == month


def test_months_follow_and_begin_on_their_first_day() -> None:
    month = YEAR[0]
    for number in range(1, 13):
        assert first_day_of(month) == date(2026, number, 1)
        month = month_after(month)
    assert month.name == "2027-01"


def test_a_month_stands_where_the_hour_puts_it_until_it_is_closed() -> None:
    def state(instant: str, *, closed: bool = False) -> MonthState:
        return state_at(MAY, at(instant), closed=closed)

    assert state("2026-04-30T23:59:59+02:00") is MonthState.to_come
    assert state("2026-05-01T00:00:00+02:00") is MonthState.running
    assert state("2026-05-31T23:59:59+02:00") is MonthState.running
    assert state("2026-06-01T00:00:00+02:00") is MonthState.over
    assert state("2026-06-01T00:00:00+02:00", closed=True) is MonthState.closed
    assert closes_at(MAY, timedelta(hours=1)) == at("2026-06-01T01:00:00+02:00")


@pytest.mark.parametrize(
    ("starts_on", "registered_at", "month"),
    [
        (date(2026, 5, 18), "2026-04-02T10:00+02:00", "2026-05"),
        (date(2024, 1, 1), "2026-05-02T10:00+02:00", "2026-05"),
        (date(2026, 7, 1), "2026-05-02T10:00+02:00", "2026-07"),
    ],
)
def test_the_first_month_to_close_is_the_later_of_contract_and_registration(
    starts_on: date, registered_at: str, month: str
) -> None:
    assert first_to_close(Contract(starts_on), at(registered_at)).name == month


@given(crowded_known(oracle.MINUTE), CONTRACTS)
@settings(max_examples=60, deadline=None)
def test_a_customers_month_is_the_covered_part_walked_minute_by_minute(
    placed: tuple[Known, int], contract: Contract
) -> None:
    on_record, number = placed
    month = month_of(2026, number)

    found = evidence_of(month, on_record, TERMS, covered_in(month, contract), month.ends_at)

    prt, ti = 0, 0
    for span in covered_in(month, contract):
        prt, ti = oracle.counted(as_facts(on_record), span.starts_at, span.ends_at, oracle.MINUTE)
    assert (found.reference_seconds, found.unavailable_seconds) == (prt, ti)
    if prt == 0:
        assert (found.rate_numerator, found.shown, found.kept) == (None, None, None)
        return
    assert found.rate_numerator is not None
    assert found.rate_denominator is not None
    assert Fraction(found.rate_numerator, found.rate_denominator) == Fraction(100 * (prt - ti), prt)
    assert found.kept is (100 * (prt - ti) >= 99 * prt)
    assert (found.lost_at is None) is found.kept


@given(known(oracle.MINUTE), CONTRACTS)
@settings(max_examples=6, deadline=None)
def test_the_months_of_a_contract_make_its_year(on_record: Known, contract: Contract) -> None:
    months = [
        evidence_of(month, on_record, TERMS, covered_in(month, contract), month.ends_at) for month in YEAR
    ]

    whole = [span for month in YEAR for span in covered_in(month, contract)]
    prt, ti = 0, 0
    if whole:
        prt, ti = oracle.counted(as_facts(on_record), whole[0].starts_at, whole[-1].ends_at, oracle.MINUTE)
    assert sum(month.reference_seconds for month in months) == prt
    assert sum(month.unavailable_seconds for month in months) == ti


@given(
    known(oracle.MINUTE),
    CONTRACTS,
    st.integers(1, 12),
    instants(oracle.MINUTE),
)
@settings(max_examples=40, deadline=None)
def test_a_month_that_runs_is_the_covered_part_that_has_passed(
    on_record: Known, contract: Contract, number: int, now: datetime
) -> None:
    month = month_of(2026, number)

    found = evidence_of(month, on_record, TERMS, covered_in(month, contract), now)

    prt, ti = 0, 0
    for span in covered_in(month, contract):
        last = max(span.starts_at, min(span.ends_at, now))
        prt, ti = oracle.counted(as_facts(on_record), span.starts_at, last, oracle.MINUTE)
    assert (found.reference_seconds, found.unavailable_seconds) == (prt, ti)
