"""The rate of a month (article 6, R5): exact, the verdict on the exact value, the display rounded down."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction

from services.availability.model.rates import Facts, Interval, Month, MonthRate, Outage, Span, Terms
from services.availability.rules.exclusions import counts, excluded, stated_intervals
from services.availability.rules.intervals import merged, second_of, total, within, without
from services.availability.rules.reference import bounds_of, reference_windows

THOUSAND = 1000


def rate_of(reference_seconds: int, unavailable_seconds: int) -> Fraction | None:
    """6-e: (PRT - TI) / PRT x 100, exact; None where PRT is empty."""
    if reference_seconds == 0:
        return None
    return Fraction((reference_seconds - unavailable_seconds) * 100, reference_seconds)


def shown(rate: Fraction | None) -> str | None:
    """R5: three decimals, rounded down, so that 98.9996 is not shown as 99."""
    if rate is None:
        return None
    whole, rest = divmod(rate * THOUSAND // 1, THOUSAND)
    return f"{whole}.{rest:03}"


def is_kept(reference_seconds: int, unavailable_seconds: int, terms: Terms) -> bool | None:
    """6-a: the rate, unrounded, is at least the committed one; without a reference period neither is there
    a rate (R5) nor a verdict: None.
    """
    rate = rate_of(reference_seconds, unavailable_seconds)
    return None if rate is None else rate >= Fraction(terms.committed_rate)


def allowed_seconds(reference_seconds: int, terms: Terms) -> int:
    """6-a: the most unavailability, in whole seconds, with which the commitment is still kept."""
    return int(reference_seconds * (100 - Fraction(terms.committed_rate)) / 100 // 1)


def unavailable(outages: Iterable[Interval], left_out: Sequence[Interval]) -> list[Interval]:
    """6-e: overlapping outages count once, and one cut by an exclusion counts for the rest. Merged."""
    return without(merged(outages), left_out)


def reckoned(
    month: Month, unavailable_in: Sequence[Interval], reference: Sequence[Interval], terms: Terms
) -> MonthRate:
    """6-e: the month's rate, from what was unavailable (merged, exclusions left out) and its reference period
    (merged), which exclusions never shrink.
    """
    retained = tuple(within(unavailable_in, reference))
    prt, ti = total(reference), total(retained)
    rate = rate_of(prt, ti)
    return MonthRate(
        month=month.name,
        reference_seconds=prt,
        unavailable_seconds=ti,
        retained=retained,
        rate=rate,
        shown=shown(rate),
        kept=is_kept(prt, ti, terms),
        seconds_left=max(0, allowed_seconds(prt, terms) - ti),
    )


def month_rate(
    month: Month,
    facts: Facts,
    terms: Terms,
    covered: tuple[Span, ...] | None = None,
    until: datetime | None = None,
) -> MonthRate:
    """6-e, 6-f, R5: a customer's rate of a month, of production, in the part its contract covers (None: all).

    Outages and exclusions that still go on last until `until` (None: to the month's end).
    """
    down = unavailable_within(month, facts, until or month.ends_at)
    return reckoned(month, down, reference_windows(month, covered), terms)


def unavailable_within(month: Month, facts: Facts, until: datetime) -> list[Interval]:
    """6-e, 6-f: what was unavailable in production around a month, exclusions left out, merged."""
    since, last = bounds_of(month)
    left_out = excluded(stated_intervals(facts.exclusions, until), since, last)
    touching = (
        interval
        for outage in facts.outages
        if counts(outage.environment)
        and (interval := _interval(outage, until))[0] < last
        and interval[1] > since
    )
    return unavailable(touching, left_out)


def _interval(outage: Outage, until: datetime) -> Interval:
    return second_of(outage.starts_at), second_of(until if outage.ends_at is None else outage.ends_at)
