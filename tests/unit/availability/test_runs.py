"""What is on record of a target's runs is kept right, in whatever order its places tell what they found.

The oracle is the reading of all that was told in the order of time, from the beginning.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.availability.model.probes import Outcome, Watch
from services.availability.model.standing import Finding, KnownUntil, RecordedRun, Run, Standing
from services.availability.rules.confirmation import followed
from services.availability.rules.following import begun, begun_anew, complete_until, follow
from services.availability.rules.runs import kept_right, on_record

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
NOW = START + timedelta(hours=1)
PLACES = ("brest", "lyon", "paris")
OUTAGE = UUID(int=1)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def run(since: int, until: int | None = None) -> Run:
    return Run(at(since), at(since + 1), PLACES[:2], None if until is None else at(until))


def part(since: int, until: int | None = None) -> RecordedRun:
    return RecordedRun(at(since), None if until is None else at(until), OUTAGE)


def test_what_is_on_record_of_a_run_is_given_its_bounds() -> None:
    assert kept_right(run(0), [part(0, 5)]) == [part(0)]
    assert kept_right(run(0, 9), [part(3)]) == [part(0, 9)]
    assert kept_right(run(1, 4), [part(0, 9)]) == [part(1, 4)]


def test_parts_of_one_run_follow_each_other_without_a_gap() -> None:
    assert kept_right(run(0, 9), [part(1, 3), part(5)]) == [part(0, 5), part(5, 9)]


def test_what_follows_an_outage_that_a_person_has_settled_begins_where_that_ends() -> None:
    theirs = replace(part(1, 3), outage_id=UUID(int=2))
    kept = kept_right(run(0, 9), [theirs, part(5)], {theirs.outage_id})
    assert kept == [replace(theirs, down_since=at(0)), part(3, 9)]
    kept = kept_right(run(0), [part(1, 3), replace(theirs, down_since=at(5))], {theirs.outage_id})
    assert kept[0] == part(0, 5)


def test_what_is_on_record_is_a_part_of_the_first_run_that_it_overlaps_or_of_none() -> None:
    first, second = run(0, 4), run(6)
    recorded = [part(1, 2), part(3, 7), part(8)]
    assert on_record([first, second], recorded) == ([(first, recorded[:2]), (second, recorded[2:])], [])
    assert on_record([second], [part(1, 2)]) == ([(second, [])], [part(1, 2)])


def test_runs_that_touch_are_no_parts_of_each_other() -> None:
    assert on_record([run(4, 6)], [part(2, 4), part(6)]) == ([(run(4, 6), [])], [part(2, 4), part(6)])


@dataclass
class Record:
    """A target's record, kept as the service keeps it when nobody else has a hand in it."""

    watch: Watch
    told: list[Finding] = field(default_factory=list)
    told_until: dict[str, datetime] = field(default_factory=dict)
    known: KnownUntil = field(default_factory=lambda: KnownUntil(Standing(), at(-600), is_settled=True))
    rows: list[RecordedRun] = field(default_factory=list)

    def take(self, place: str, results: Sequence[Finding], told_until: datetime) -> None:
        """A report of a place."""
        self.told += results
        self.told_until[place] = told_until
        failures = [one.at for one in results if one.outcome is Outcome.down]
        if self.known.is_settled and not failures:
            return
        until = complete_until([self.told_until.get(each) for each in self.watch.places], NOW)
        before = begun(self.known, failures, until, NOW) if self.known.is_settled else self.known
        findings = [one for one in self.told if one.at >= before.known_until]
        after = follow(before, findings, self.watch, until)
        self.known = after.known
        self.put_on_record(after.runs, before.standing.ended_at)

    def put_on_record(self, runs: Sequence[Run], since: datetime | None) -> None:
        in_play = [row for row in self.rows if since is None or row.down_since >= since]
        self.rows = [row for row in self.rows if row not in in_play]
        parts_of, _ = on_record(runs, in_play)
        for each, parts in parts_of:
            one = replace(parts[-1], down_since=parts[0].down_since) if parts else None
            new = RecordedRun(each.starts_at, each.ends_at, OUTAGE)
            self.rows += kept_right(each, [one]) if one else [new]

    @property
    def bounds(self) -> list[tuple[datetime, datetime | None]]:
        return sorted(((row.down_since, row.up_since) for row in self.rows), key=lambda row: row[0])


def in_time_order(findings: Sequence[Finding], watch: Watch) -> list[tuple[datetime, datetime | None]]:
    return [(each.starts_at, each.ends_at) for each in followed(Standing(), findings, watch)[1]]


LETTERS = {"+": Outcome.up, "-": Outcome.down, "?": Outcome.prober_fault}
WATCHES = st.builds(
    lambda needed, in_a_row: Watch(PLACES, 30, needed, in_a_row), st.integers(1, 3), st.integers(1, 3)
)
HISTORIES = st.lists(st.text("+-- ?", max_size=24), min_size=3, max_size=3)
"""A letter each half minute, for each place; a blank is a run that nothing is told of."""
OFFSETS = st.lists(st.sampled_from([0, 0, 10, 20]), min_size=3, max_size=3)
"""Seconds into each half minute; two places may look in the same instant."""
CHANCES = st.integers(0, 2**32).map(random.Random)


def found(histories: Sequence[str], offsets: Sequence[int]) -> dict[str, list[Finding]]:
    return {
        place: [
            Finding(place, START + timedelta(seconds=30 * number + offset), LETTERS[letter])
            for number, letter in enumerate(history)
            if letter != " "
        ]
        for place, history, offset in zip(PLACES, histories, offsets, strict=True)
    }


def tell_all(
    record: Record,
    untold: dict[str, list[Finding]],
    chance: random.Random,
    after_each: Callable[[], None],
) -> None:
    """Places tell in any order, some of what they have at once: the oldest, or any of it."""
    while any(untold.values()):
        place = chance.choice([each for each, left in untold.items() if left])
        left = untold[place]
        count = chance.randint(1, len(left))
        told = left[:count] if chance.random() < 0.7 else chance.sample(left, count)
        untold[place] = [one for one in left if one not in told]
        record.take(place, told, min((one.at for one in untold[place]), default=NOW))
        after_each()


@given(WATCHES, HISTORIES, OFFSETS, CHANCES)
def test_the_record_is_what_was_told_in_the_order_of_time_whenever_places_tell(
    watch: Watch, histories: list[str], offsets: list[int], chance: random.Random
) -> None:
    record = Record(watch)

    def is_right() -> None:
        assert record.bounds == in_time_order(record.told, watch)

    tell_all(record, found(histories, offsets), chance, is_right)


@given(WATCHES, HISTORIES, HISTORIES, CHANCES)
def test_a_target_that_is_watched_otherwise_begins_anew_but_for_the_run_that_goes_on(
    watch: Watch, before: list[str], after: list[str], chance: random.Random
) -> None:
    record = Record(watch)
    tell_all(record, found(before, [0, 10, 20]), chance, lambda: None)
    going_on = [since for since, until in record.bounds if until is None]
    over = [row for row in record.bounds if row[1] is not None]
    then = at(20)
    findings = [one for one in record.told if one.at >= record.known.known_until]
    record.known = begun_anew(record.known, [] if record.known.is_settled else findings, watch, watch, then)
    record.told.clear()
    later = found(after, [0, 10, 20])
    for place, told in later.items():
        later[place] = [replace(one, at=one.at + timedelta(minutes=20)) for one in told]
        record.told_until[place] = then
    tell_all(record, later, chance, lambda: None)
    assert [row for row in record.bounds if row in over] == over
    assert [since for since, _ in record.bounds if since < then] == [since for since, _ in over] + going_on
    if not going_on:
        assert record.bounds[len(over) :] == in_time_order(record.told, watch)


def test_what_a_place_found_longer_ago_than_it_is_waited_for_confirms_nothing() -> None:
    for ago, count in ((timedelta(hours=2, seconds=1), 0), (timedelta(hours=2), 1)):
        record = Record(Watch(PLACES[:1], 30, 1, 1))
        record.take(PLACES[0], [Finding(PLACES[0], NOW - ago, Outcome.down)], NOW)
        assert len(record.bounds) == count


def test_of_a_place_that_never_told_anything_nothing_older_than_that_is_waited_for() -> None:
    assert complete_until([None, NOW], NOW) == NOW - timedelta(hours=2)
    assert complete_until([at(1), at(2)], NOW) == at(1)
    assert complete_until([], NOW) == NOW
