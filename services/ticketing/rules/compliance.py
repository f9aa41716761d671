"""The share of tickets taken in charge in time (13.2-g, R9): years of support, standings and exact rates."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from services.ticketing.model.clocks import SupportedPlan, Verdict
from services.ticketing.model.compliance import (
    Count,
    PlanPeriod,
    Share,
    Standing,
    SupportSpan,
    SupportYear,
    YearShares,
)

YEAR = 12
THOUSAND = 1000
PERCENT = 100


def support_spans(periods: Sequence[PlanPeriod], ends_at: datetime | None) -> tuple[SupportSpan, ...]:
    """R9: support starts with the first plan that has it; a change between such plans restarts nothing, a
    lapse to one without does. It ends with the contract, at `ends_at`. The periods are in order.
    """
    spans: list[SupportSpan] = []
    for period in periods:
        if ends_at is not None and period.since >= ends_at:
            break
        open_span = spans[-1] if spans and spans[-1].until is None else None
        if period.plan in tuple(SupportedPlan):
            if open_span is None:
                spans.append(SupportSpan(period.since))
        elif open_span is not None:
            spans[-1] = SupportSpan(open_span.since, period.since)
    if spans and spans[-1].until is None:
        spans[-1] = SupportSpan(spans[-1].since, ends_at)
    return tuple(spans)


def support_years(
    spans: Iterable[SupportSpan], months: int, now: datetime, zone: ZoneInfo
) -> tuple[SupportYear, ...]:
    """13.2-g, R9: each period of so many months from the start of support, and the current one so far.

    A year begins when the local day begins that lies so many months after the first one, clamped to its
    month's last day as a contract's terms are (R12); the first begins with support itself. One that a lapse
    cuts short is judged for what there was of it.
    """
    years: list[SupportYear] = []
    for span in spans:
        first_day = span.since.astimezone(zone).date()
        index, starts_at = 0, span.since
        while starts_at <= now and (span.until is None or starts_at < span.until):
            index += 1
            next_start = midnight(months_later(first_day, index * months), zone)
            ends_at = min(next_start, span.until or next_start)
            years.append(SupportYear(len(years) + 1, starts_at, ends_at, now < ends_at))
            starts_at = next_start
    return tuple(years)


def standing_of(left_out: str | None, set_apart: str | None, verdict: Verdict) -> Standing:
    """R9: what is no ticket is left out, whatever else is true of it; a customer's unmet duty and a
    suspension set one apart; what is not taken and not due yet waits.
    """
    if left_out is not None:
        return Standing.left_out
    if set_apart is not None:
        return Standing.set_apart
    return Standing.pending if verdict is Verdict.running else Standing.counted


def share_of(kept: int, missed: int, committed_percent: int) -> Share:
    """13.2-g, R9: exactly the committed share is kept; without a ticket there is neither rate nor verdict."""
    total = kept + missed
    if total == 0:
        return Share(0, 0, None, None)
    holds = kept * PERCENT >= committed_percent * total
    return Share(kept, missed, _shown(kept, total), holds)


def year_shares(counts: Sequence[Count], committed_percent: int) -> YearShares:
    """13.2-g, R9: the year's share, then what it would be with the tickets left out, with those set apart,
    and with both. A ticket without a verdict yet is in none.
    """

    def share(*standings: Standing) -> Share:
        judged = [one for one in counts if _standing(one) in standings]
        kept = sum(one.tickets for one in judged if one.verdict is Verdict.kept)
        missed = sum(one.tickets for one in judged if one.verdict is Verdict.missed)
        return share_of(kept, missed, committed_percent)

    counted, out, apart = Standing.counted, Standing.left_out, Standing.set_apart
    return YearShares(share(counted), share(counted, out), share(counted, apart), share(counted, out, apart))


def tickets_standing(counts: Iterable[Count], standing: Standing) -> int:
    """How many tickets stand there."""
    return sum(one.tickets for one in counts if _standing(one) is standing)


def _standing(count: Count) -> Standing:
    return standing_of(count.left_out, count.set_apart, count.verdict)


def _shown(kept: int, total: int) -> str:
    """Percent with three decimals, rounded down, so that 74.9996 is not shown as 75."""
    whole, rest = divmod(kept * PERCENT * THOUSAND // total, THOUSAND)
    return f"{whole}.{rest:03}"


def months_later(day: date, months: int) -> date:
    """The day so many months later, clamped to that month's last (R12)."""
    year, index = divmod(day.year * YEAR + day.month - 1 + months, YEAR)
    return date(year, index + 1, min(day.day, monthrange(year, index + 1)[1]))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
