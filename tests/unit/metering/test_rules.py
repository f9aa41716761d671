"""What a month counts (R10), sentence by sentence, and against the slow way over random histories."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings

from services.metering.model import CompanyHistory, Reason, Span
from services.metering.rules import company_counts, month_of, service_counts
from tests.unit.metering import histories
from tests.unit.metering.histories import MARCH

FEBRUARY = month_of(2026, 2)
EARLY = datetime(2026, 1, 5, tzinfo=UTC)
FIRST = MARCH.starts_at
LAST = MARCH.ends_at
SECOND = timedelta(seconds=1)


def history(
    activated: datetime | None, deactivated: datetime | None = None, credential: datetime | None = EARLY
) -> CompanyHistory:
    return CompanyHistory(
        frozenset() if activated is None else frozenset({activated}),
        frozenset() if deactivated is None else frozenset({deactivated}),
        credential,
    )


def test_a_month_is_of_paris_with_its_clock_changes() -> None:
    assert (MARCH.starts_at, MARCH.ends_at) == (
        datetime(2026, 2, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 31, 22, tzinfo=UTC),
    )
    assert MARCH.ends_at - MARCH.starts_at == timedelta(hours=743)
    assert month_of(2026, 12).ends_at == month_of(2027, 1).starts_at


class TestACompany:
    def test_counts_once_activated_and_given_a_credential(self) -> None:
        assert company_counts(history(EARLY), EARLY, MARCH) is Reason.counted

    def test_without_a_credential_does_not_count(self) -> None:
        assert company_counts(history(EARLY, credential=None), EARLY, MARCH) is Reason.no_credential
        assert company_counts(history(EARLY, credential=LAST), EARLY, MARCH) is Reason.no_credential

    def test_with_a_credential_alone_does_not_count(self) -> None:
        assert company_counts(history(None), EARLY, MARCH) is Reason.not_active

    def test_given_its_credential_after_its_deactivation_does_not_count(self) -> None:
        late = history(EARLY, FIRST + 5 * SECOND, credential=FIRST + 6 * SECOND)
        assert company_counts(late, EARLY, MARCH) is Reason.no_credential

    def test_active_for_one_second_counts_for_the_month(self) -> None:
        assert company_counts(history(LAST - SECOND), EARLY, MARCH) is Reason.counted
        assert company_counts(history(EARLY, FIRST + SECOND), EARLY, MARCH) is Reason.counted

    def test_deactivated_at_midnight_of_the_first_counts_no_more(self) -> None:
        assert company_counts(history(EARLY, FIRST), EARLY, MARCH) is Reason.not_active
        assert company_counts(history(EARLY, FIRST), EARLY, FEBRUARY) is Reason.counted

    def test_activated_at_midnight_of_the_next_first_counts_then(self) -> None:
        assert company_counts(history(LAST), EARLY, MARCH) is Reason.not_active
        assert company_counts(history(LAST), EARLY, month_of(2026, 4)) is Reason.counted

    def test_activated_again_counts_with_the_credential_it_had(self) -> None:
        again = CompanyHistory(frozenset({EARLY, LAST - SECOND}), frozenset({FIRST}), EARLY)
        assert company_counts(again, EARLY, MARCH) is Reason.counted

    def test_counts_nothing_before_the_end_of_the_demonstration(self) -> None:
        assert company_counts(history(EARLY), None, MARCH) is Reason.demonstration
        assert company_counts(history(EARLY), LAST, MARCH) is Reason.demonstration
        assert company_counts(history(EARLY), LAST - SECOND, MARCH) is Reason.counted

    def test_gone_before_the_demonstration_ended_does_not_count(self) -> None:
        gone = history(EARLY, FIRST + SECOND)
        assert company_counts(gone, FIRST + SECOND, MARCH) is Reason.demonstration


class TestAService:
    def test_active_at_any_instant_counts_for_the_month(self) -> None:
        assert service_counts(Span(LAST - SECOND, None), EARLY, MARCH) is Reason.counted
        assert service_counts(Span(EARLY, FIRST + SECOND), EARLY, MARCH) is Reason.counted
        assert service_counts(Span(EARLY, FIRST), EARLY, MARCH) is Reason.not_active

    def test_of_no_length_was_never_active(self) -> None:
        assert service_counts(Span(FIRST + SECOND, FIRST + SECOND), EARLY, MARCH) is Reason.not_active

    def test_counts_nothing_before_the_end_of_the_demonstration(self) -> None:
        assert service_counts(Span(EARLY, None), None, MARCH) is Reason.demonstration
        assert service_counts(Span(EARLY, FIRST + SECOND), LAST - SECOND, MARCH) is Reason.demonstration


@settings(max_examples=500)
@given(histories.histories, histories.maybe)
def test_companies_count_as_the_slow_way_says(past: CompanyHistory, paid_from: datetime | None) -> None:
    assert company_counts(past, paid_from, MARCH) is histories.slow_company_counts(past, paid_from, MARCH)


@settings(max_examples=500)
@given(histories.spans(), histories.maybe)
def test_services_count_as_the_slow_way_says(span: Span, paid_from: datetime | None) -> None:
    assert service_counts(span, paid_from, MARCH) is histories.slow_service_counts(span, paid_from, MARCH)
