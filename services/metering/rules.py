"""What counts in a month (R10), as pure functions over instants.

A span is closed at its start and open at its end: what was deactivated at midnight of the first was not
active in that month. The same decisions stand in SQL in `store/month.py`, where they run over a whole
firm; a test holds the two equal over random histories.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.metering.model import CompanyHistory, Month, Reason, Span

PARIS = ZoneInfo("Europe/Paris")


def month_of(year: int, month: int) -> Month:
    """15-g: a month is a calendar month in Paris, clock changes included."""
    after_year, after_month = (year, month + 1) if month < 12 else (year + 1, 1)
    return Month(f"{year:04}-{month:02}", _midnight(year, month), _midnight(after_year, after_month))


def _midnight(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=PARIS).astimezone(UTC)


def spans_of(history: CompanyHistory) -> tuple[Span, ...]:
    """R10: a company is active from each activation until the first deactivation after it."""
    return tuple(
        Span(start, min((end for end in history.deactivated_at if end >= start), default=None))
        for start in sorted(history.activated_at)
    )


def company_counts(history: CompanyHistory, demonstration_ended_at: datetime | None, month: Month) -> Reason:
    """15-f, R10: activated, an identifier and password given, the demonstration over, at one same instant of
    the month; that credential disabled since changes nothing. Otherwise the first of these that it lacks.
    """
    spans = spans_of(history)
    if not active_within(spans, month):
        return Reason.not_active
    if not active_within(spans, month, history.credential_given_at):
        return Reason.no_credential
    if not active_within(spans, month, history.credential_given_at, demonstration_ended_at):
        return Reason.demonstration
    return Reason.counted


def service_counts(span: Span, demonstration_ended_at: datetime | None, month: Month) -> Reason:
    """15-f, 15-i, R10: a service active at any instant of the month, the demonstration over, counts whole."""
    if not active_within([span], month):
        return Reason.not_active
    if not active_within([span], month, demonstration_ended_at):
        return Reason.demonstration
    return Reason.counted


def active_within(spans: Iterable[Span], month: Month, *not_before: datetime | None) -> bool:
    """Whether an instant of the month lies in a span and not before any of those; None never comes."""
    if None in not_before:
        return False
    earliest = max([month.starts_at, *(instant for instant in not_before if instant is not None)])
    return any(
        max(span.starts_at, earliest) < min(span.ends_at or month.ends_at, month.ends_at) for span in spans
    )
