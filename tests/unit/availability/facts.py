"""Random facts around the places where rates go wrong: clock changes, holidays, ends of months and days."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from services.availability.model.rates import Exclusion, ExclusionKind, Facts, Outage
from tests.unit.availability.oracle import midnight
from tests.unit.booklet.oracle import PARIS

NEAR = [
    midnight(2026, 1, 2),
    midnight(2026, 3, 27),
    midnight(2026, 3, 29),
    midnight(2026, 4, 1),
    midnight(2026, 4, 6),
    midnight(2026, 5, 8),
    midnight(2026, 5, 14),
    midnight(2026, 8, 15),
    midnight(2026, 10, 25),
    midnight(2026, 11, 1),
    midnight(2026, 12, 31),
]
ANYWHERE = [midnight(2026, 1) + timedelta(days=n) for n in range(365)]


def instants(unit: timedelta, near: list[datetime] | None = None) -> st.SearchStrategy[datetime]:
    """Instants in whole units, mostly around those places, often on an edge of the reference period."""
    hours = st.sampled_from([0, 6, 7, 8, 19, 20, 21, 24]) | st.integers(0, 47)
    within = st.integers(0, int(timedelta(hours=1) / unit) - 1) | st.just(0)
    days = st.sampled_from(near or NEAR) | st.sampled_from(near or ANYWHERE)
    return st.builds(lambda day, hour, units: day + timedelta(hours=hour) + units * unit, days, hours, within)


def spans(
    unit: timedelta, near: list[datetime] | None = None
) -> st.SearchStrategy[tuple[datetime, datetime]]:
    """A start and a later end, from a unit to weeks apart."""
    lengths = st.integers(1, 300) | st.sampled_from([1440, 4320, 14 * 1440])
    return st.builds(lambda start, length: (start, start + length * unit), instants(unit, near), lengths)


def outages(unit: timedelta, near: list[datetime] | None = None) -> st.SearchStrategy[Outage]:
    """Outages, now and then of another environment."""
    environments = st.sampled_from(["production", "production", "production", "test"])
    return st.builds(
        lambda span, environment: Outage(span[0], span[1], environment), spans(unit, near), environments
    )


def exclusions(unit: timedelta, near: list[datetime] | None = None) -> st.SearchStrategy[Exclusion]:
    """Exclusions of every type, urgent maintenance sometimes recorded late."""
    return st.builds(
        lambda kind, span, late: Exclusion(kind, span[0], span[1], recorded_at=span[0] + late * unit),
        st.sampled_from(ExclusionKind),
        spans(unit, near),
        st.integers(0, 120),
    )


def facts(unit: timedelta, near: list[datetime] | None = None) -> st.SearchStrategy[Facts]:
    """A few outages and exclusions, in any order, with any overlap."""
    return st.builds(
        Facts,
        st.lists(outages(unit, near), max_size=8).map(tuple),
        st.lists(exclusions(unit, near), max_size=5).map(tuple),
    )


def crowded(unit: timedelta) -> st.SearchStrategy[tuple[Facts, int]]:
    """Facts that meet, around one place, and the number of its month."""
    return st.sampled_from(NEAR).flatmap(
        lambda day: st.tuples(facts(unit, [day]), st.just(day.astimezone(PARIS).month))
    )


def at(text: str) -> datetime:
    """An instant, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
