"""The algebra of intervals: merge, keep, remove, sum. Whole seconds, half-open."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from contracts.booklet.windows import EPOCH, SECOND
from services.availability.model.rates import Interval


def second_of(instant: datetime) -> int:
    """The epoch second in which the instant falls."""
    return (instant - EPOCH) // SECOND


def instant_of(second: int) -> datetime:
    """The epoch second as an instant in UTC."""
    return datetime.fromtimestamp(second, UTC)


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The seconds that lie in any of them, as sorted intervals that neither overlap nor touch.

    Starts and ends are sorted apart: there is a gap exactly where as many have ended as have started.
    Intervals without length count for nothing.
    """
    with_length = [interval for interval in intervals if interval[0] < interval[1]]
    if not with_length:
        return []
    starts = sorted([start for start, _ in with_length])
    ends = sorted([end for _, end in with_length])
    result: list[Interval] = []
    since = starts[0]
    for end, start in zip(ends, starts[1:], strict=False):
        if end < start:
            result.append((since, end))
            since = start
    result.append((since, ends[-1]))
    return result


def within(intervals: Sequence[Interval], windows: Iterable[Interval]) -> list[Interval]:
    """The parts of merged intervals that lie in merged windows; found by bisection for each window."""
    result: list[Interval] = []
    for opens, closes in windows:
        index = bisect_left(intervals, (opens,))
        if index and intervals[index - 1][1] > opens:
            index -= 1
        while index < len(intervals) and intervals[index][0] < closes:
            start, end = intervals[index]
            result.append((max(start, opens), min(end, closes)))
            index += 1
    return result


def without(intervals: Iterable[Interval], removed: Sequence[Interval]) -> list[Interval]:
    """The parts of merged intervals that lie in none of the merged `removed`; one sweep over both."""
    result: list[Interval] = []
    index = 0
    for start, end in intervals:
        while index < len(removed) and removed[index][1] <= start:
            index += 1
        here = index
        while here < len(removed) and removed[here][0] < end:
            if removed[here][0] > start:
                result.append((start, removed[here][0]))
            start = removed[here][1]
            here += 1
        if start < end:
            result.append((start, end))
    return result


def total(intervals: Iterable[Interval]) -> int:
    """The seconds of merged intervals."""
    return sum(end - start for start, end in intervals)
