"""A running month: its rate so far, what it may still take, the second in which its commitment is lost."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.availability.model.rates import Facts, Outage, Span, Terms
from services.availability.rules.forecast import lost_at, outlook
from services.availability.rules.rates import month_rate
from services.availability.rules.reference import month_of
from tests.unit.availability import oracle
from tests.unit.availability.facts import at, facts, instants

TERMS = Terms(Decimal(99), 48 * 3600)
MAY = month_of(2026, 5)
MORNING = at("2026-05-05T10:00+02:00")
GOING_ON = Facts((Outage(MORNING),))


def test_what_goes_on_is_counted_until_now_and_forecast_until_the_given_hour() -> None:
    seen = outlook(MAY, GOING_ON, TERMS, MORNING + timedelta(hours=1), at("2026-05-05T18:00+02:00"))

    assert seen.so_far.unavailable_seconds == 3600
    assert seen.so_far.reference_seconds == (13 + 3 + 1) * 3600  # the 4th and the morning of the 5th
    assert (seen.seconds_left, seen.minutes_left) == (4356, 72)
    assert seen.forecast.unavailable_seconds == 8 * 3600
    assert seen.forecast.kept is False
    assert seen.lost_at == at("2026-05-05T12:12:37+02:00")


def test_a_commitment_lost_long_ago_is_lost_since_then() -> None:
    lost = Facts((Outage(at("2026-05-04T07:00+02:00"), at("2026-05-04T20:00+02:00")),))

    seen = outlook(MAY, lost, TERMS, MORNING, MORNING)

    assert (seen.seconds_left, seen.so_far.kept) == (0, False)
    assert seen.lost_at == at("2026-05-04T09:12:37+02:00")


def test_an_outage_that_ends_in_time_loses_nothing() -> None:
    seen = outlook(MAY, GOING_ON, TERMS, MORNING, at("2026-05-05T12:12:36+02:00"))

    assert (seen.lost_at, seen.forecast.kept) == (None, True)
    assert seen.forecast.seconds_left == 0


def test_before_the_covered_part_begins_there_is_no_rate_and_all_is_left() -> None:
    covered = (Span(at("2026-05-18T00:00+02:00"), at("2027-05-18T00:00+02:00")),)

    seen = outlook(MAY, GOING_ON, TERMS, MORNING, MORNING, covered)

    assert (seen.so_far.rate, seen.so_far.kept) == (None, None)
    assert seen.seconds_left == 9 * 13 * 36


@pytest.mark.parametrize(("allowed", "second"), [(0, 101), (9, 110), (10, 201), (14, 205), (15, None)])
def test_the_commitment_is_lost_in_the_first_second_too_many(allowed: int, second: int | None) -> None:
    found = lost_at([(100, 110), (200, 205)], allowed)

    assert (found and int(found.timestamp())) == second


@given(facts(oracle.MINUTE), st.integers(1, 12), instants(oracle.MINUTE))
@settings(max_examples=60, deadline=None)
def test_the_instant_is_where_the_month_walked_so_far_turns(known: Facts, number: int, now: datetime) -> None:
    month = month_of(2026, number)

    seen = outlook(month, known, TERMS, now, month.ends_at)

    lost = seen.lost_at
    if lost is None:
        assert seen.forecast.kept
        return
    prt = seen.forecast.reference_seconds
    walked = [
        sum(min(end, second) - start for start, end in seen.forecast.retained if start < second)
        for second in (int(lost.timestamp()) - 1, int(lost.timestamp()))
    ]
    assert [100 * (prt - ti) >= 99 * prt for ti in walked] == [True, False]


@given(facts(oracle.MINUTE), st.integers(1, 12), instants(oracle.MINUTE))
@settings(max_examples=40, deadline=None)
def test_the_month_so_far_is_the_one_walked_until_now(known: Facts, number: int, now: datetime) -> None:
    month = month_of(2026, number)
    last = max(month.starts_at, min(month.ends_at, now))

    seen = outlook(month, known, TERMS, now, month.ends_at)

    assert (seen.so_far.reference_seconds, seen.so_far.unavailable_seconds) == oracle.counted(
        known, month.starts_at, last, oracle.MINUTE
    )


def test_at_its_end_a_month_seen_is_the_month() -> None:
    known = Facts((Outage(MORNING, MORNING + timedelta(hours=1)),))

    seen = outlook(MAY, known, TERMS, MAY.ends_at, MAY.ends_at)

    assert seen.so_far == seen.forecast == month_rate(MAY, known, TERMS)
