"""Who gets the detailed report of a month (13.11-a), and which months there are."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.ticketing.model.compliance import PlanPeriod
from services.ticketing.model.report import ReportMonth
from services.ticketing.model.tickets import SupportPlan
from services.ticketing.refusals.report import DetailedReportOfPrivate, MonthNotBegun
from services.ticketing.rules.compliance import midnight, months_later


def may_report(plans: Sequence[str]) -> None:
    """13.11-a: the private plan gets detailed reporting of its tickets: who holds it, of any month, and who
    held it, of the months in which it did. `plans` are those of the month and that of now. Raises
    DetailedReportOfPrivate.
    """
    if SupportPlan.private not in plans:
        raise DetailedReportOfPrivate


def plans_of(periods: Sequence[PlanPeriod], month: ReportMonth, now: datetime) -> tuple[str, ...]:
    """The plans held at any instant of a month so far, and the one held now. The periods are in order."""
    ends = [*(period.since for period in periods[1:]), None]
    return tuple(
        period.plan
        for period, end in zip(periods, ends, strict=False)  # none of none
        if period.since <= now
        and (end is None or end > now or (period.since < month.ends_at and end > month.starts_at))
    )


def month_of(name: str, zone: ZoneInfo, now: datetime) -> ReportMonth:
    """The month named as `2026-05`. Raises MonthNotBegun, ValueError for what names none."""
    first = date.fromisoformat(f"{name}-01")
    starts_at, ends_at = midnight(first, zone), midnight(months_later(first, 1), zone)
    if now < starts_at:
        raise MonthNotBegun
    return ReportMonth(name, starts_at, ends_at, min(now, ends_at))
