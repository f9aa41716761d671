"""The record of outages, exclusions and maintenance, as rules: what they keep whatever is put in."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.availability.model.rates import ExclusionKind
from services.availability.model.records import (
    ExclusionRecord,
    MaintenanceKind,
    MaintenanceRecord,
    MaintenanceState,
    MaintenanceText,
    NewOutage,
    OutageRecord,
    OutageSource,
    OutageState,
)
from services.availability.refusals.records import (
    ExpectedEndPassed,
    OutageInTheFuture,
    OutagesApart,
    OutageWithoutLength,
    SplitOutsideOutage,
)
from services.availability.rules.exclusion_record import seconds_left_out
from services.availability.rules.intervals import merged as union
from services.availability.rules.intervals import second_of
from services.availability.rules.maintenance_record import overrun, urgent
from services.availability.rules.outages import ended, makes_unavailability, merged, opened, split
from tests.unit.availability.facts import spans
from tests.unit.availability.oracle import counts_at

NOW = datetime(2027, 3, 10, 9, 0, 0, 400_000, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
FAR = NOW + timedelta(days=1)
ONE, TWO, BY = UUID(int=1), UUID(int=2), UUID(int=7)


def outage(starts_at: datetime, ends_at: datetime | None = None) -> OutageRecord:
    """An outage of the portal, by hand."""
    new = NewOutage("Login fails", OutageSource.operations, starts_at, ends_at)
    return opened(new, ONE, NOW)


class TestBounds:
    def test_are_whole_seconds_those_in_which_they_fall(self) -> None:
        found = outage(NOW - 10 * SECOND, NOW - 5 * SECOND)
        assert (found.starts_at.microsecond, found.ends_at) == (
            0,
            datetime(2027, 3, 10, 8, 59, 55, tzinfo=UTC),
        )

    def test_may_be_the_second_that_runs(self) -> None:
        assert ended(outage(NOW - SECOND), NOW, NOW).ends_at == NOW.replace(microsecond=0)

    def test_within_one_second_have_no_length(self) -> None:
        with pytest.raises(OutageWithoutLength):
            ended(outage(NOW.replace(microsecond=100_000)), NOW, NOW)

    def test_are_told_in_utc_whatever_the_offset(self) -> None:
        assert outage(datetime.fromisoformat("2027-03-10T09:00:00+01:00")).starts_at.tzinfo is UTC

    def test_a_second_ahead_are_in_the_future(self) -> None:
        with pytest.raises(OutageInTheFuture):
            outage(NOW + SECOND)


class TestSplittingAndMerging:
    minutes = st.builds(
        lambda start, length: (NOW - (200 - start) * MINUTE, NOW - (200 - start - length) * MINUTE),
        st.integers(0, 100),
        st.integers(1, 40),
    )

    @settings(max_examples=60, deadline=None)
    @given(span=spans(MINUTE), part=st.fractions(0, 1))
    def test_halves_touch_and_merge_into_the_whole(
        self, span: tuple[datetime, datetime], part: float
    ) -> None:
        whole = outage(*span)
        at = span[0] + (span[1] - span[0]) * float(part)
        try:
            first, second = split(whole, at, TWO, NOW)
        except SplitOutsideOutage:
            assert at.replace(microsecond=0) in span
            return
        assert (first.starts_at, first.ends_at, second.ends_at) == (span[0], second.starts_at, span[1])
        again, (other,) = merged(first, [second])
        assert (again.starts_at, again.ends_at) == span
        assert (other.starts_at, other.ends_at, other.merged_into) == (second.starts_at, span[1], ONE)

    def test_what_goes_on_goes_on_in_its_second_half(self) -> None:
        first, second = split(replace(outage(NOW - 10 * MINUTE), source_key="target"), NOW - MINUTE, TWO, NOW)
        assert (first.state, second.state, second.source_key) == (
            OutageState.ended,
            OutageState.open,
            "target",
        )

    @settings(max_examples=200, deadline=None)
    @given(found=st.lists(minutes, min_size=2, max_size=5), goes_on=st.booleans())
    def test_what_is_merged_is_down_for_as_long_as_its_parts_or_not_merged(
        self, found: list[tuple[datetime, datetime]], goes_on: bool
    ) -> None:
        first, *others = [replace(outage(*span), outage_id=UUID(int=n)) for n, span in enumerate(found)]
        if goes_on:
            first = replace(first, ends_at=None, state=OutageState.open)
        parts = [(first.starts_at, FAR if goes_on else found[0][1]), *found[1:]]
        down = union([(second_of(start), second_of(end)) for start, end in parts])
        try:
            spanning, _ = merged(first, others)
        except OutagesApart:
            assert len(down) > 1
            return
        end = FAR if spanning.ends_at is None else spanning.ends_at
        assert down == [(second_of(spanning.starts_at), second_of(end))]
        assert spanning.state is first.state


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"state": OutageState.ended}, True),
        ({"state": OutageState.merged}, False),
        ({"state": OutageState.withdrawn}, False),
        ({"environment": "test"}, False),
        ({"offering_code": "devis"}, False),
    ],
    ids=str,
)
def test_what_makes_unavailability_of_the_portal(changes: dict[str, Any], counts: bool) -> None:
    assert makes_unavailability(replace(outage(NOW - MINUTE), **changes)) is counts


@pytest.mark.parametrize(
    ("expected_end", "refused"), [(NOW, True), (NOW + SECOND, False)], ids=["now", "later"]
)
def test_urgent_maintenance_is_expected_to_end_after_it_began(expected_end: datetime, refused: bool) -> None:
    said = MaintenanceText("Patch", "A flaw.")
    with pytest.raises(ExpectedEndPassed) if refused else nullcontext():
        urgent(said, ONE, BY, NOW, expected_end=expected_end, blocking=True)


def exclusion(kind: ExclusionKind, span: tuple[datetime, datetime]) -> ExclusionRecord:
    """An exclusion for all, recorded when it began."""
    return ExclusionRecord(ONE, kind, "production", None, *span, "Why", span[0], BY)


@settings(max_examples=60, deadline=None)
@given(spans(MINUTE))
def test_the_maintenance_window_never_leaves_anything_out_of_the_reference_period(
    span: tuple[datetime, datetime],
) -> None:
    assert seconds_left_out(exclusion(ExclusionKind.maintenance_window, span), NOW) == 0


@settings(max_examples=60, deadline=None)
@given(span=spans(MINUTE), kind=st.sampled_from(list(ExclusionKind)[1:]))
def test_other_types_leave_out_the_minutes_of_the_reference_period_that_they_last(
    span: tuple[datetime, datetime], kind: ExclusionKind
) -> None:
    minutes = int((span[1] - span[0]) / MINUTE)
    expected = sum(counts_at(span[0] + n * MINUTE) for n in range(minutes))
    assert seconds_left_out(exclusion(kind, span), NOW) == 60 * expected


@settings(max_examples=60, deadline=None)
@given(spans(MINUTE))
def test_an_overrun_lasts_from_the_announced_end_and_is_told_by_minutes_of_the_reference_period(
    span: tuple[datetime, datetime],
) -> None:
    announced_end, really = span
    record = MaintenanceRecord(
        maintenance_id=ONE,
        kind=MaintenanceKind.planned,
        title="Disks",
        description="",
        blocking=True,
        starts_at=announced_end - 60 * MINUTE,
        ends_at=announced_end,
        announced_at=announced_end - timedelta(days=3),
        started_at=announced_end - 60 * MINUTE,
        ended_at=really,
        cancelled_at=None,
        state=MaintenanceState.ended,
        recorded_by=BY,
    )
    found = overrun(record, NOW)
    minutes = int((really - announced_end) / MINUTE)
    expected = sum(counts_at(announced_end + n * MINUTE) for n in range(minutes))
    assert found is not None
    assert (found.since, found.seconds, found.reference_seconds) == (
        announced_end,
        60 * minutes,
        60 * expected,
    )
    assert overrun(replace(record, ended_at=announced_end), NOW) is None
