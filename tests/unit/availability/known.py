"""Random records as they are kept, with their ids: those of `facts`, named."""

from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from services.availability.model.months import Known, KnownExclusion, KnownOutage
from services.availability.model.rates import Exclusion, Facts, Outage
from tests.unit.availability.facts import crowded, facts

BY = UUID(int=7)


def named(found: Facts) -> Known:
    """Facts as records, each with an id of its own, in the order of the record."""
    outages = sorted(
        (outage_of(outage, number) for number, outage in enumerate(found.outages, 1)),
        key=lambda each: (each.starts_at, each.outage_id),
    )
    exclusions = sorted(
        (exclusion_of(exclusion, number) for number, exclusion in enumerate(found.exclusions, 101)),
        key=lambda each: (each.starts_at, each.exclusion_id),
    )
    return Known(tuple(outages), tuple(exclusions))


def outage_of(outage: Outage, number: int, revision: int = 1) -> KnownOutage:
    """An outage of the portal on record."""
    return KnownOutage(
        outage_id=UUID(int=number),
        revision=revision,
        offering_code=None,
        environment=outage.environment,
        source="operations",
        title=f"Outage {number}",
        starts_at=outage.starts_at,
        ends_at=outage.ends_at,
        everybody=True,
    )


def exclusion_of(exclusion: Exclusion, number: int, revision: int = 1) -> KnownExclusion:
    """An exclusion on record."""
    return KnownExclusion(
        exclusion_id=UUID(int=number),
        revision=revision,
        kind=exclusion.kind,
        environment=exclusion.environment,
        starts_at=exclusion.starts_at,
        ends_at=exclusion.ends_at,
        reason=f"Exclusion {number}",
        recorded_at=exclusion.recorded_at or exclusion.starts_at,
        recorded_by=BY,
        everybody=True,
    )


def as_facts(known: Known) -> Facts:
    """Records as the oracle takes them."""
    return Facts(
        tuple(Outage(each.starts_at, each.ends_at, each.environment) for each in known.outages),
        tuple(
            Exclusion(
                each.kind,
                each.starts_at,
                each.ends_at,
                each.environment,
                each.reason,
                each.recorded_by,
                each.recorded_at,
            )
            for each in known.exclusions
        ),
    )


def known(unit: timedelta, near: list[datetime] | None = None) -> st.SearchStrategy[Known]:
    """A few records, in any place, with any overlap."""
    return facts(unit, near).map(named)


def crowded_known(unit: timedelta) -> st.SearchStrategy[tuple[Known, int]]:
    """Records that meet, around one place, and the number of its month."""
    return crowded(unit).map(lambda placed: (named(placed[0]), placed[1]))
