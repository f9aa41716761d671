"""Which months a customer gets the detailed report of, and which months there are (13.11-a)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.ticketing.model.compliance import PlanPeriod
from services.ticketing.refusals.report import DetailedReportOfPrivate, MonthNotBegun
from services.ticketing.rules.compliance import midnight
from services.ticketing.rules.report import may_report, month_of, plans_of

PARIS = ZoneInfo("Europe/Paris")
PERIODS = (
    PlanPeriod(midnight(date(2026, 1, 10), PARIS), "open"),
    PlanPeriod(midnight(date(2026, 2, 20), PARIS), "private"),
    PlanPeriod(midnight(date(2026, 4, 1), PARIS), "connect"),
)
LATER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("month", "plans"),
    [
        ("2025-12", ("connect",)),
        ("2026-01", ("open", "connect")),
        ("2026-02", ("open", "private", "connect")),
        ("2026-03", ("private", "connect")),
        ("2026-04", ("connect",)),
        ("2026-11", ("connect",)),
    ],
)
def test_plans_are_those_of_the_month_and_that_of_now(month: str, plans: tuple[str, ...]) -> None:
    assert plans_of(PERIODS, month_of(month, PARIS, LATER), LATER) == plans


def test_a_plan_to_come_is_not_held_yet() -> None:
    now = PERIODS[1].since - timedelta(seconds=1)

    assert plans_of(PERIODS, month_of("2026-02", PARIS, now), now) == ("open",)
    assert plans_of(PERIODS, month_of("2026-02", PARIS, now), PERIODS[1].since) == ("open", "private")


def test_a_customer_without_plans_has_none() -> None:
    assert plans_of((), month_of("2026-02", PARIS, LATER), LATER) == ()


def test_a_month_without_the_private_plan_is_refused() -> None:
    may_report(("open", "private"))
    with pytest.raises(DetailedReportOfPrivate):
        may_report(("open", "connect"))


def test_a_month_begins_and_ends_at_local_midnight() -> None:
    march = month_of("2026-03", PARIS, LATER)

    assert march.starts_at == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert march.ends_at == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert (march.known_until, march.running) == (march.ends_at, False)


def test_a_running_month_is_known_until_now() -> None:
    now = datetime(2026, 3, 10, 9, tzinfo=UTC)

    march = month_of("2026-03", PARIS, now)

    assert (march.known_until, march.running) == (now, True)


def test_a_month_that_has_not_begun_is_refused() -> None:
    begins = datetime(2026, 2, 28, 23, tzinfo=UTC)

    assert month_of("2026-03", PARIS, begins).running
    with pytest.raises(MonthNotBegun):
        month_of("2026-03", PARIS, begins - timedelta(microseconds=1))
