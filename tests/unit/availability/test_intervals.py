"""The algebra of intervals against sets of seconds."""

from hypothesis import given
from hypothesis import strategies as st

from services.availability.model.rates import Interval
from services.availability.rules.intervals import merged, total, within, without

INTERVALS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)


def seconds(intervals: list[Interval]) -> set[int]:
    """Each second that lies in one of them."""
    return {second for start, end in intervals for second in range(start, end)}


def is_merged(intervals: list[Interval]) -> bool:
    """Whether they are sorted, have a length, and neither overlap nor touch."""
    flat = [edge for interval in intervals for edge in interval]
    return flat == sorted(set(flat))


def test_those_that_overlap_or_touch_become_one() -> None:
    assert merged([(5, 9), (0, 3), (3, 4), (8, 12), (20, 20), (30, 25)]) == [(0, 4), (5, 12)]
    assert merged([]) == []


@given(INTERVALS)
def test_merging_keeps_every_second_once(intervals: list[Interval]) -> None:
    result = merged(intervals)

    assert is_merged(result)
    assert seconds(result) == seconds(intervals)
    assert total(result) == len(seconds(intervals))


@given(INTERVALS, INTERVALS)
def test_within_keeps_what_lies_in_both(one: list[Interval], other: list[Interval]) -> None:
    result = within(merged(one), merged(other))

    assert is_merged(result)
    assert seconds(result) == seconds(one) & seconds(other)


@given(INTERVALS, INTERVALS)
def test_without_keeps_what_lies_in_the_first_alone(one: list[Interval], other: list[Interval]) -> None:
    result = without(merged(one), merged(other))

    assert is_merged(result)
    assert seconds(result) == seconds(one) - seconds(other)
