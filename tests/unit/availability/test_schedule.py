"""When a target's turn is: on its grid, spread, without drift; and what is kept until it was told."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.availability.model.probes import Fault, Outcome, ProbeResult, Report
from services.availability.probing.control import LAG_SECONDS, Control, references_in
from services.availability.probing.desks import ReportRefused
from services.availability.probing.reporting import Reporting
from services.availability.probing.schedule import Schedule, may_begin, next_turn, phase_of

NOW = datetime(2026, 3, 10, 9, 0, 0, 123_000, tzinfo=UTC)
IDS = [UUID(int=number) for number in range(1, 1001)]


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_targets_are_spread_over_the_interval_and_always_in_the_same_way() -> None:
    phases = [phase_of(target_id, "paris", 30) for target_id in IDS]
    by_second = Counter(phase // 1000 for phase in phases)
    assert set(by_second) == set(range(30))
    assert max(by_second.values()) < 3 * len(IDS) / 30
    assert phases == [phase_of(target_id, "paris", 30) for target_id in IDS]


def test_each_place_has_other_turns() -> None:
    assert phase_of(IDS[0], "paris", 30) != phase_of(IDS[0], "lyon", 30)


def test_turns_stand_on_a_grid_whatever_the_time_is() -> None:
    first = next_turn(7_500, 30, NOW)
    assert first > NOW
    assert next_turn(7_500, 30, first - timedelta(milliseconds=1)) == first
    assert next_turn(7_500, 30, first) == first + seconds(30)
    assert next_turn(7_500, 30, first + seconds(71)) == first + seconds(90)


def test_no_turn_drifts_by_when_the_one_before_was_taken() -> None:
    schedule = Schedule("paris")
    schedule.settle({IDS[0]: 30}, NOW)
    first = schedule.next_at()
    assert first is not None
    for number in range(5):
        late = first + seconds(30 * number) + seconds(4)
        assert [turn.at for turn in schedule.take_due(late)] == [first + seconds(30 * number)]


def test_turns_that_went_by_are_counted_and_not_made_up_for() -> None:
    schedule = Schedule("paris")
    schedule.settle({IDS[0]: 30}, NOW)
    late = (schedule.next_at() or NOW) + seconds(100)
    (turn,) = schedule.take_due(late)
    assert schedule.missed(turn, late) == 3
    assert schedule.take_due(late) == []
    assert not may_begin(turn.at, late, 30)


def test_a_turn_may_be_taken_a_little_late() -> None:
    assert may_begin(NOW, NOW + seconds(5), 30)
    assert not may_begin(NOW, NOW + seconds(5.001), 30)
    assert not may_begin(NOW, NOW + seconds(3), 5)


def test_targets_that_come_and_go_leave_the_turns_of_others_alone() -> None:
    schedule = Schedule("paris")
    schedule.settle(dict.fromkeys(IDS[:3], 30), NOW)
    schedule.settle({IDS[0]: 30, IDS[1]: 60, IDS[4]: 30}, NOW + seconds(1))
    turns = {turn.target_id: turn.at for turn in schedule.take_due(NOW + seconds(61))}
    assert set(turns) == {IDS[0], IDS[1], IDS[4]}
    assert turns[IDS[0]] == next_turn(phase_of(IDS[0], "paris", 30), 30, NOW)


def result(number: int, outcome: Outcome = Outcome.up) -> ProbeResult:
    at = NOW + seconds(number)
    return ProbeResult(IDS[number], 1, at, at, outcome)


class Told:
    """A desk that remembers, and fails as it is told to."""

    def __init__(self, *faults: Exception | None) -> None:
        self.reports: list[Report] = []
        self._faults = list(faults)

    async def assignments(self) -> None:
        return None

    async def tell(self, report: Report) -> None:
        fault = self._faults.pop(0) if self._faults else None
        if fault is not None:
            raise fault
        self.reports.append(report)

    async def close(self) -> None:
        return None


async def test_what_could_not_be_told_is_told_later_in_order() -> None:
    desk = Told(OSError("down"), None)
    reporting = Reporting("paris", desk, room=10)
    for number in (1, 2):
        reporting.add(result(number))
    assert not await reporting.tell()
    assert len(reporting) == 2
    assert await reporting.tell()
    assert [one.target_id for one in desk.reports[0].results] == IDS[1:3]
    assert len(reporting) == 0


async def test_there_is_room_for_so_many_and_what_is_dropped_is_counted() -> None:
    desk = Told()
    reporting = Reporting("paris", desk, room=2)
    for number in (1, 2, 3):
        reporting.add(result(number))
    await reporting.tell()
    (report,) = desk.reports
    assert [one.target_id for one in report.results] == IDS[2:4]
    assert report.health.dropped == 1
    await reporting.tell()
    assert desk.reports[1].health.dropped == 0


async def test_what_is_never_taken_does_not_block_what_follows() -> None:
    desk = Told(ReportRefused("too large"))
    reporting = Reporting("paris", desk, room=10)
    reporting.add(result(1))
    assert await reporting.tell()
    reporting.add(result(2))
    await reporting.tell()
    assert [one.target_id for one in desk.reports[0].results] == [IDS[2]]
    assert desk.reports[0].health.dropped == 1


async def test_it_says_up_to_when_it_has_told_everything() -> None:
    desk = Told()
    reporting = Reporting("paris", desk, room=10)
    reporting.under_way[IDS[9]] = NOW
    reporting.add(result(5))
    await reporting.tell()
    assert desk.reports[0].told_until == NOW


async def test_a_failure_is_the_probers_own_while_it_could_not_keep_up_or_its_clock_stepped() -> None:
    control = Control()
    down = result(1, Outcome.down)
    assert (await control.judged(down, 0.0)).outcome is Outcome.down
    control.felt(LAG_SECONDS + 1, 0.0, 10.0)
    assert (await control.judged(down, 9.0)).fault is Fault.overloaded
    assert (await control.judged(down, 11.0)).outcome is Outcome.down
    control.felt(0.0, -3600.0, 12.0)
    assert (await control.judged(down, 11.0)).fault is Fault.clock_stepped
    assert (await control.judged(result(1), 11.0)).outcome is Outcome.up


def test_references_are_hosts_with_ports() -> None:
    assert references_in("a.example:53, [2001:db8::1]:443") == (("a.example", 53), ("2001:db8::1", 443))
