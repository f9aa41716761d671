"""What is on record of a target's runs is kept right, in whatever order its places tell what they found."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.availability.model.probes import Outcome, Watch
from services.availability.model.standing import Finding, RecordedRun, Run, Standing
from services.availability.rules.confirmation import followed
from services.availability.rules.runs import kept_right, overlapping

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
PLACES = ("brest", "lyon", "paris")
OUTAGE = UUID(int=1)
WATCH = Watch(places=PLACES, interval_seconds=30, places_needed=2, in_a_row=2)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def run(since: int, until: int | None = None) -> Run:
    return Run(at(since), at(since + 1), PLACES[:2], None if until is None else at(until))


def part(since: int, until: int | None = None) -> RecordedRun:
    return RecordedRun(at(since), None if until is None else at(until), OUTAGE)


def test_what_went_on_past_its_end_goes_on() -> None:
    assert kept_right(run(0), [part(0, 5)]) == [part(0)]
    assert kept_right(run(0, 9), [part(0, 5)]) == [part(0, 9)]


def test_a_start_moves_back_and_never_on() -> None:
    assert kept_right(run(0), [part(3)]) == [part(0)]
    assert kept_right(run(3, 9), [part(0, 9)]) == [part(0, 9)]


def test_an_end_moves_back_only_for_the_same_run() -> None:
    assert kept_right(run(0, 4), [part(0, 9)]) == [part(0, 4)]
    assert kept_right(run(1, 4), [part(0, 9)]) == [part(0, 9)]


def test_parts_of_one_run_follow_each_other_without_a_gap() -> None:
    assert kept_right(run(0, 9), [part(1, 3), part(5)]) == [part(0, 5), part(5, 9)]


findings = st.lists(
    st.builds(
        Finding,
        place=st.sampled_from(PLACES),
        at=st.integers(0, 40).map(lambda half: START + timedelta(seconds=30 * half)),
        outcome=st.sampled_from([Outcome.up, Outcome.down, Outcome.down]),
    ),
    max_size=60,
    unique_by=lambda one: (one.place, one.at),
)


@given(findings.flatmap(lambda told: st.tuples(st.permutations(told), st.integers(1, 7))))
def test_no_confirmed_time_is_lost_in_whatever_order_it_is_told(
    told: tuple[list[Finding], int],
) -> None:
    arrived, at_once = told
    recorded: list[RecordedRun] = []
    for count in range(at_once, len(arrived) + at_once, at_once):
        _, runs = followed(Standing(), arrived[:count], WATCH)
        for one in runs:
            parts = overlapping(one, recorded)
            if not parts:
                recorded.append(RecordedRun(one.starts_at, one.ends_at, uuid4()))
                recorded.sort(key=lambda each: each.down_since)
            for before, after in zip(parts, kept_right(one, parts), strict=True):
                recorded[recorded.index(before)] = after
    for one in followed(Standing(), arrived, WATCH)[1]:
        reached: datetime | None = one.starts_at
        for known in recorded:
            if reached is not None and known.down_since <= reached:
                reached = None if known.up_since is None else max(reached, known.up_since)
        assert reached is None or (one.ends_at is not None and reached >= one.ends_at)
