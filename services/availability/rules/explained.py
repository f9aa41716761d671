"""Each outage of a month cut into pieces, each second of it once: what counted, and why the rest did not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.availability.model.months import ExplainedOutage, Known, KnownExclusion, KnownOutage, Piece, Why
from services.availability.model.rates import Exclusion, Interval, Month
from services.availability.rules.exclusions import excluded, stated_intervals
from services.availability.rules.intervals import instant_of, merged, second_of, within, without
from services.availability.rules.reference import bounds_of

Found = tuple[Interval, Why, UUID | None]


@dataclass(frozen=True, slots=True)
class Frame:
    """A month to lay outages over: its reference period, and the covered part of that; both merged."""

    month: Month
    reference: Sequence[Interval]
    covered: Sequence[Interval]
    until: int
    """Until when what goes on is taken to last."""


def explained(known: Known, frame: Frame) -> tuple[ExplainedOutage, ...]:
    """6-e, R5: the outages in order of start. A second that several of them hold counts with the first.

    The reasons are looked for in this order: outside the month, outside the reference period (6-c), outside
    the contract (R5), excluded (6-d; by the first exclusion that holds it), counted already (6-e). What none
    of them takes is counted.
    """
    cuts = _cuts(known.exclusions, frame)
    reached = 0
    result: list[ExplainedOutage] = []
    for outage in sorted(known.outages, key=lambda each: (each.starts_at, each.outage_id)):
        whole = interval_of(outage, frame.until)
        pieces = sorted(_pieces(whole, frame, cuts, reached), key=lambda found: found[0])
        result.append(ExplainedOutage(outage, tuple(_piece(found) for found in pieces)))
        reached = max(reached, whole[1])
    return tuple(result)


def interval_of(outage: KnownOutage, until: int) -> Interval:
    """The seconds of an outage; one that goes on lasts until `until`, and never ends before it starts."""
    start = second_of(outage.starts_at)
    return start, max(start, until if outage.ends_at is None else second_of(outage.ends_at))


def plain(exclusion: KnownExclusion) -> Exclusion:
    """An exclusion as rules take it."""
    return Exclusion(
        exclusion.kind,
        exclusion.starts_at,
        exclusion.ends_at,
        exclusion.environment,
        exclusion.reason,
        exclusion.recorded_by,
        exclusion.recorded_at,
    )


def _cuts(exclusions: Iterable[KnownExclusion], frame: Frame) -> list[tuple[UUID, list[Interval]]]:
    """What each exclusion leaves out of the month, in order of start."""
    since, last = bounds_of(frame.month)
    ordered = sorted(exclusions, key=lambda each: (each.starts_at, each.exclusion_id))
    cuts = [
        (each.exclusion_id, excluded(stated_intervals([plain(each)], instant_of(frame.until)), since, last))
        for each in ordered
    ]
    return [(exclusion_id, intervals) for exclusion_id, intervals in cuts if intervals]


def _pieces(
    whole: Interval, frame: Frame, cuts: Sequence[tuple[UUID, list[Interval]]], reached: int
) -> Iterator[Found]:
    rest = merged([whole])
    for windows, why in (
        ([bounds_of(frame.month)], Why.outside_month),
        (frame.reference, Why.outside_reference_period),
        (frame.covered, Why.outside_contract),
    ):
        yield from ((each, why, None) for each in without(rest, windows))
        rest = within(rest, windows)
    for exclusion_id, left_out in cuts if rest else ():
        yield from ((each, Why.excluded, exclusion_id) for each in within(rest, left_out))
        rest = without(rest, left_out)
    before = [(whole[0], max(whole[0], reached))]
    yield from ((each, Why.counted_already, None) for each in within(rest, merged(before)))
    yield from ((each, Why.counted, None) for each in without(rest, merged(before)))


def _piece(found: Found) -> Piece:
    (start, end), why, exclusion_id = found
    return Piece(instant_of(start), instant_of(end), why, exclusion_id)
