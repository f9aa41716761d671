"""Availability the slow, obvious way: every minute or second is looked at, from what the contract says.

Written from the text alone: of the product it uses the frozen values, and none of its rules.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from services.availability.model.rates import Exclusion, ExclusionKind, Facts, Outage
from tests.unit.booklet.oracle import PARIS, is_business_day, is_holiday

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def midnight(year: int, month: int, day: int = 1) -> datetime:
    """Midnight of a day in Paris, in UTC; month 13 is the next January."""
    if month == 13:
        year, month = year + 1, 1
    return datetime(year, month, day, tzinfo=PARIS).astimezone(UTC)


def walked(since: datetime, until: datetime, step: timedelta) -> Iterable[datetime]:
    """Every `step` of [since, until)."""
    while since < until:
        yield since
        since += step


def counts_at(at: datetime) -> bool:
    """07:00-20:00, Monday to Friday, public holidays excluded."""
    local = at.astimezone(PARIS)
    return is_business_day(local.date()) and 7 <= local.hour < 20


def lasts_over(fact: Outage | Exclusion, at: datetime) -> bool:
    """Whether a fact of production holds at that instant."""
    if fact.environment != "production":
        return False
    return fact.starts_at <= at and (fact.ends_at is None or at < fact.ends_at)


def left_out_at(exclusion: Exclusion, at: datetime) -> bool:
    """Whether it excludes that instant; (i) does only in the maintenance window, (ii) once recorded."""
    if not lasts_over(exclusion, at):
        return False
    if exclusion.kind is ExclusionKind.maintenance_window:
        local = at.astimezone(PARIS)
        return local.hour >= 20 or local.hour < 7 or local.weekday() == 6 or is_holiday(local.date())
    if exclusion.kind is ExclusionKind.urgent_maintenance and exclusion.recorded_at is not None:
        return exclusion.recorded_at <= at
    return True


def unavailable_at(facts: Facts, at: datetime) -> bool:
    """Whether the instant is one of unavailability."""
    down = any(lasts_over(outage, at) for outage in facts.outages)
    return down and not any(left_out_at(exclusion, at) for exclusion in facts.exclusions)


def counted(facts: Facts, since: datetime, until: datetime, step: timedelta) -> tuple[int, int]:
    """Seconds of the reference period in [since, until), and those of unavailability among them."""
    inside = [at for at in walked(since, until, step) if counts_at(at)]
    size = int(step.total_seconds())
    return size * len(inside), size * sum(unavailable_at(facts, at) for at in inside)


def may_be_planned_at(at: datetime, *, blocking: bool) -> bool:
    """Whether planned maintenance may be under way in that minute."""
    local = at.astimezone(PARIS)
    if local.weekday() >= 5 or is_holiday(local.date()):
        return True
    if local.hour < 7:
        return True
    return local.hour >= (22 if blocking else 20)


def first_slot(after: datetime, minutes: int, *, blocking: bool) -> datetime:
    """The first minute from which that many in a row may be planned; `after` is a whole minute."""
    at, row = after, 0
    while row < minutes:
        row = row + 1 if may_be_planned_at(at, blocking=blocking) else 0
        at += MINUTE
    return at - minutes * MINUTE
