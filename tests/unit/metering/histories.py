"""Random histories of a company and of a service around one month, and the slow, obvious way to count.

Instants lie on a coarse grid around the month, so that equal ones, and those on its bounds, are frequent.
"""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from services.metering.model import CompanyHistory, Month, Reason, Span
from services.metering.rules import month_of

MARCH = month_of(2026, 3)
"""Of 743 hours: the clocks change on the 29th."""

TICK = timedelta(days=5)
GRID = [MARCH.starts_at + TICK * n for n in range(-3, 9)] + [MARCH.ends_at, MARCH.ends_at + TICK]

instants = st.sampled_from(GRID)
maybe = st.none() | instants
histories = st.builds(
    CompanyHistory,
    st.frozensets(instants, max_size=3),
    st.frozensets(instants, max_size=3),
    maybe,
)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """An activation and, mostly, its end."""
    return Span(draw(instants), draw(maybe))


def moments(month: Month) -> list[datetime]:
    """Enough instants of the month to decide everything on the grid: each point, and one just after it."""
    near = [point + shift for point in [*GRID, month.starts_at] for shift in (timedelta(0), TICK / 2)]
    return [moment for moment in near if month.starts_at <= moment < month.ends_at]


def slow_company_counts(history: CompanyHistory, paid_from: datetime | None, month: Month) -> Reason:
    """At each moment: walk the company's life up to it, and ask what it had."""
    reached = {_reached(history, paid_from, moment) for moment in moments(month)}
    for reason in (Reason.counted, Reason.demonstration, Reason.no_credential):
        if reason in reached:
            return reason
    return Reason.not_active


def _reached(history: CompanyHistory, paid_from: datetime | None, moment: datetime) -> Reason:
    life = [(at, 0) for at in history.activated_at] + [(at, 1) for at in history.deactivated_at]
    active = False
    for at, ends in sorted(life):
        if at <= moment:
            active = ends == 0
    if not active:
        return Reason.not_active
    if history.credential_given_at is None or history.credential_given_at > moment:
        return Reason.no_credential
    if paid_from is None or paid_from > moment:
        return Reason.demonstration
    return Reason.counted


def slow_service_counts(span: Span, paid_from: datetime | None, month: Month) -> Reason:
    """At each moment: in use, and paid for?"""
    used = [
        moment
        for moment in moments(month)
        if span.starts_at <= moment and (span.ends_at is None or moment < span.ends_at)
    ]
    if not used:
        return Reason.not_active
    return Reason.counted if paid_from and paid_from <= max(used) else Reason.demonstration
