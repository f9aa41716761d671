"""When a closed month is revised, what changed, and what is said of it (6-h)."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.availability.model.months import (
    Change,
    Figures,
    Happened,
    Known,
    KnownExclusion,
)
from services.availability.model.rates import (
    Exclusion,
    ExclusionKind,
    Facts,
    Outage,
    Span,
)
from services.availability.refusals.months import MonthNotClosed, RevisionUnknown
from services.availability.rules.evidence import (
    evidence_of,
    figures_of,
)
from services.availability.rules.months import (
    SENTENCE,
    changes,
    next_revision,
    revision_sentence,
    revision_to_show,
)
from tests.unit.availability.facts import at
from tests.unit.availability.known import exclusion_of, named, outage_of
from tests.unit.availability.months import HOUR, MAY, MORNING, TERMS, of


def test_a_revision_is_made_where_a_figure_or_an_interval_is_another() -> None:
    later = named(Facts((Outage(MORNING[1], MORNING[1] + timedelta(hours=1)),)))
    renamed = replace(HOUR, outages=(replace(HOUR.outages[0], title="Other words", revision=2),))

    closed = figures_of(of(HOUR))

    assert next_revision(1, closed, figures_of(of(Known()))) == 2
    assert next_revision(4, closed, figures_of(of(later))) == 5
    assert next_revision(1, closed, figures_of(of(renamed))) is None


def test_a_revision_is_made_where_other_grounds_leave_the_same_out() -> None:
    cut = exclusion_of(Exclusion(ExclusionKind.force_majeure, *MORNING), 101)
    elsewhere = exclusion_of(Exclusion(ExclusionKind.force_majeure, MORNING[1]), 102)
    half = MORNING[0] + timedelta(minutes=30)
    halves = (replace(cut, ends_at=half), replace(cut, exclusion_id=UUID(int=103), starts_at=half))

    def figures(*cuts: KnownExclusion) -> Figures:
        return figures_of(of(replace(HOUR, exclusions=cuts)))

    closed = figures(cut)

    assert closed.unavailable_seconds == 0
    other_type = replace(cut, kind=ExclusionKind.customer_equipment)
    assert next_revision(1, closed, figures(other_type)) == 2
    assert next_revision(1, closed, figures(replace(cut, reason="The dam broke."))) == 2
    assert next_revision(1, closed, figures(*halves)) is None
    assert next_revision(1, closed, figures(cut, elsewhere)) is None


def test_what_changed_between_two_revisions_is_listed() -> None:
    longer = replace(HOUR.outages[0], ends_at=MORNING[1] + timedelta(hours=1), revision=2)
    cut = exclusion_of(Exclusion(ExclusionKind.force_majeure, *MORNING), 101)
    before, after = of(HOUR), of(Known((longer, outage_of(Outage(*MORNING), 9)), (cut,)))

    assert changes(before, after) == (
        Change("outage", Happened.changed, UUID(int=1), "Outage 1", 1, 2, 3600, 3600),
        Change("outage", Happened.added, UUID(int=9), "Outage 9", None, 1, None, 0),
        Change("exclusion", Happened.added, UUID(int=101), "Exclusion 101", None, 1),
    )
    assert [each.what for each in changes(after, before)] == [
        Happened.changed,
        Happened.removed,
        Happened.removed,
    ]
    assert changes(before, before) == ()


def test_another_coverage_is_a_change_of_the_contract() -> None:
    half = evidence_of(MAY, HOUR, TERMS, (Span(at("2026-05-18T00:00+02:00"), MAY.ends_at),), MAY.ends_at)

    assert changes(of(HOUR), half)[0] == Change("contract", Happened.changed)
    assert revision_sentence(of(HOUR), half, changes(of(HOUR), half)).startswith(
        "Corrected: the contract covers another part of the month; "
    )


def test_a_sentence_has_room_for_its_figures_however_much_changed() -> None:
    many = named(Facts(tuple(Outage(*MORNING) for _ in range(50))))
    before, after = of(many), of(Known())

    told = revision_sentence(before, after, changes(before, after))

    assert len(told) == SENTENCE
    assert told.endswith("…. The rate was 99.547 % (3600 s of 795600 s) and is 100.000 % (0 s of 795600 s).")


def test_a_revision_that_is_not_there_is_refused() -> None:
    with pytest.raises(MonthNotClosed):
        revision_to_show(None)
    with pytest.raises(MonthNotClosed):
        revision_to_show(None, 1)
    with pytest.raises(RevisionUnknown):
        revision_to_show(2, 3)
