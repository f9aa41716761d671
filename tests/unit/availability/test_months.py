"""A month's evidence: each outage explained to the second, and what is said of the month (6-h)."""

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.availability.model.months import (
    Evidence,
    Known,
    Why,
)
from services.availability.model.rates import (
    Exclusion,
    ExclusionKind,
    Facts,
    Interval,
    Outage,
    Span,
)
from services.availability.rules.evidence import (
    evidence_of,
    forecast,
    informative,
    services_told,
)
from services.availability.rules.intervals import merged, second_of
from services.availability.rules.months import (
    closing_sentence,
)
from tests.unit.availability import oracle
from tests.unit.availability.facts import at, exclusions, outages
from tests.unit.availability.known import crowded_known, exclusion_of, known, named, outage_of
from tests.unit.availability.months import ALL_OF_MAY, HOUR, MAY, MORNING, TERMS, of

NUMBERS = st.integers(1, 12)


def counted(found: Evidence) -> list[Interval]:
    """The pieces that count, merged."""
    return merged(
        (second_of(piece.starts_at), second_of(piece.ends_at))
        for each in found.outages
        for piece in each.pieces
        if piece.why is Why.counted
    )


@given(crowded_known(oracle.SECOND) | st.tuples(known(oracle.MINUTE), NUMBERS))
@settings(max_examples=100, deadline=None)
def test_the_pieces_of_an_outage_are_all_of_it_and_those_counted_are_the_unavailability(
    placed: tuple[Known, int],
) -> None:
    on_record, number = placed

    found = of(on_record, number)

    for each in found.outages:
        edges = [(piece.starts_at, piece.ends_at) for piece in each.pieces]
        assert edges[0][0] == each.outage.starts_at
        assert edges[-1][1] == each.outage.ends_at
        assert all(one[1] == other[0] for one, other in pairwise(edges))
        assert all(piece.seconds > 0 for piece in each.pieces)
        assert all((piece.exclusion_id is None) is (piece.why is not Why.excluded) for piece in each.pieces)
    retained = [(second_of(span.starts_at), second_of(span.ends_at)) for span in found.retained]
    assert counted(found) == retained
    assert sum(each.counted_seconds for each in found.outages) == found.unavailable_seconds


@given(known(oracle.MINUTE), outages(oracle.MINUTE), NUMBERS)
@settings(max_examples=60, deadline=None)
def test_an_outage_more_never_raises_a_customers_rate(on_record: Known, more: Outage, number: int) -> None:
    with_it = replace(on_record, outages=(*on_record.outages, outage_of(more, 99)))

    before, after = of(on_record, number), of(with_it, number)

    assert after.unavailable_seconds >= before.unavailable_seconds
    assert after.reference_seconds == before.reference_seconds


@given(known(oracle.MINUTE), exclusions(oracle.MINUTE), NUMBERS)
@settings(max_examples=60, deadline=None)
def test_an_exclusion_more_never_lowers_it(on_record: Known, more: Exclusion, number: int) -> None:
    with_it = replace(on_record, exclusions=(*on_record.exclusions, exclusion_of(more, 199)))

    before, after = of(on_record, number), of(with_it, number)

    assert after.unavailable_seconds <= before.unavailable_seconds
    assert after.reference_seconds == before.reference_seconds


@given(known(oracle.MINUTE), NUMBERS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_record_does_not_matter(
    on_record: Known, number: int, chance: random.Random
) -> None:
    shuffled = Known(
        tuple(chance.sample(on_record.outages, len(on_record.outages))),
        tuple(chance.sample(on_record.exclusions, len(on_record.exclusions))),
    )

    one, other = of(on_record, number), of(shuffled, number)

    assert (one.outages, one.retained, one.shown) == (other.outages, other.retained, other.shown)


def test_each_part_of_an_outage_says_why_it_counts_or_does_not() -> None:
    cut = Exclusion(ExclusionKind.force_majeure, at("2026-05-19T08:00+02:00"), at("2026-05-19T08:30+02:00"))
    on_record = named(
        Facts(
            (
                Outage(at("2026-05-18T18:00+02:00"), at("2026-05-19T10:00+02:00")),
                Outage(at("2026-05-19T09:00+02:00"), at("2026-05-19T11:00+02:00")),
                Outage(at("2026-04-30T19:00+02:00"), at("2026-05-04T08:00+02:00")),
            ),
            (cut,),
        )
    )
    covered = (Span(at("2026-05-18T00:00+02:00"), MAY.ends_at),)

    early, first, second = evidence_of(MAY, on_record, TERMS, covered, MAY.ends_at).outages

    assert [(piece.why, piece.seconds) for piece in early.pieces] == [
        (Why.outside_month, 5 * 3600),
        (Why.outside_reference_period, (3 * 24 + 7) * 3600),
        (Why.outside_contract, 3600),
    ]
    assert [(piece.why, piece.seconds) for piece in first.pieces] == [
        (Why.counted, 7200),
        (Why.outside_reference_period, 11 * 3600),
        (Why.counted, 3600),
        (Why.excluded, 1800),
        (Why.counted, 5400),
    ]
    assert [(piece.why, piece.seconds) for piece in second.pieces] == [
        (Why.counted_already, 3600),
        (Why.counted, 3600),
    ]


def test_an_outage_inside_another_hides_none_of_what_that_counts() -> None:
    def minutes(since: int, until: int) -> Outage:
        return Outage(MORNING[0] + timedelta(minutes=since), MORNING[0] + timedelta(minutes=until))

    found = of(named(Facts((minutes(0, 60), minutes(5, 10), minutes(30, 90)))))

    assert [each.counted_seconds for each in found.outages] == [3600, 0, 1800]


def test_what_goes_on_is_explained_until_the_month_is_reckoned() -> None:
    going_on = named(Facts((Outage(at("2026-05-05T10:00+02:00")),)))

    found = of(going_on, until=at("2026-05-05T11:00+02:00"))

    (outage,) = found.outages
    assert [(piece.why, piece.seconds) for piece in outage.pieces] == [(Why.counted, 3600)]
    assert (found.unavailable_seconds, found.allowed_seconds) == (3600, 7956)
    assert found.reference_seconds == (13 + 4) * 3600


def test_other_environments_and_services_are_no_part_of_a_months_evidence() -> None:
    elsewhere = replace(outage_of(Outage(*MORNING, environment="test"), 1))
    of_a_service = replace(outage_of(Outage(*MORNING), 2), offering_code="devis")
    cut = exclusion_of(Exclusion(ExclusionKind.force_majeure, *MORNING, environment="test"), 101)

    found = of(Known((elsewhere, of_a_service), (cut,)))

    assert (found.outages, found.exclusions, found.unavailable_seconds) == ((), (), 0)


def test_a_service_has_a_rate_of_its_own_outages_that_informs() -> None:
    of_a_service = replace(outage_of(Outage(*MORNING), 2), offering_code="devis")
    half = (MORNING[0], MORNING[0] + timedelta(minutes=30))
    on_record = Known(
        (*HOUR.outages, of_a_service, outage_of(Outage(*MORNING, environment="test"), 3)),
        (exclusion_of(Exclusion(ExclusionKind.outside_perimeter, *half, environment="test"), 101),),
    )

    told = services_told(on_record.outages, ["agenda", "devis"])
    rates = {
        named_by: informative(MAY, on_record, named_by, TERMS, ALL_OF_MAY, MAY.ends_at).unavailable_seconds
        for named_by in told
    }

    assert rates == {
        (None, "test"): 1800,
        ("agenda", "production"): 0,
        ("devis", "production"): 3600,
    }


def test_a_forecast_never_ends_before_now() -> None:
    going_on, now = named(Facts((Outage(at("2026-05-05T10:00+02:00")),))), at("2026-05-05T12:30+02:00")

    found = forecast(MAY, going_on, TERMS, ALL_OF_MAY, now, at("2026-05-05T11:00+02:00"))

    assert (found.until, found.unavailable_seconds, found.kept) == (now, 9000, False)
    assert found.lost_at == at("2026-05-05T12:12:37+02:00")


def test_the_formula_spells_out_at_most_twenty_intervals() -> None:
    many = named(
        Facts(
            tuple(
                Outage(MORNING[0] + timedelta(minutes=2 * n), MORNING[0] + timedelta(minutes=2 * n + 1))
                for n in range(25)
            )
        )
    )

    step = of(many).formula[1]

    assert step.expression.startswith(f"{' + '.join(['60'] * 20)} + 5 more: ")
    assert step.value == "1500 s"


def test_a_month_without_reference_period_is_closed_without_a_rate() -> None:
    none = evidence_of(MAY, HOUR, TERMS, (), MAY.ends_at)

    assert closing_sentence(none) == (
        "Closed without a rate: the contract covers none of the reference period."
    )
    assert none.formula[-1].expression == "PRT is empty: there is no rate (R5)"
