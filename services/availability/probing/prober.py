"""The prober of one place, as one small process: turns, runs, and telling, until it is told to stop."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis import metrics
from chassis.clock import monotonic, system_now
from chassis.retry import delay_seconds, describe
from chassis.telemetry import get_logger
from services.availability.model.probes import Assignment, Outcome, ProbeResult
from services.availability.probing.control import Control
from services.availability.probing.desks import Desk, PlaceNotDefined
from services.availability.probing.reporting import Reporting
from services.availability.probing.runner import Runner
from services.availability.probing.schedule import Schedule, Turn, may_begin

ASSIGNED_SECONDS = 5.0
TELLING_SECONDS = 1.0
IDLE_SECONDS = 0.5
STOP_SECONDS = 20.0
_log = get_logger(__name__)


@dataclass(slots=True)
class Prober:
    """Watches the targets of a place."""

    place: str
    desk: Desk
    runner: Runner
    control: Control
    reporting: Reporting
    at_once: int
    found: Callable[[ProbeResult], None] | None = None
    """Called with each result, for whoever measures."""
    _assigned: dict[UUID, Assignment] = field(default_factory=dict)
    _running: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    _settled: asyncio.Event = field(default_factory=asyncio.Event)
    _to_tell: asyncio.Event = field(default_factory=asyncio.Event)
    _is_assigned: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it is known what is to be watched: before that there is nothing to tell."""

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; runs under way are finished then, and told."""
        self._room = asyncio.Semaphore(self.at_once)
        schedule = Schedule(self.place)
        loops = [
            self.control.beat(),
            self._keep_assigned(schedule),
            self._keep_turns(schedule),
            self._keep_telling(),
        ]
        tasks = [asyncio.create_task(loop) for loop in loops]
        stopped = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in (stopped, *tasks):
            task.cancel()
        await asyncio.gather(stopped, *tasks, return_exceptions=True)
        for task in done - {stopped}:
            task.result()
        await self._finish()

    async def _finish(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await asyncio.gather(*self._running.values(), return_exceptions=True)
                while len(self.reporting) and await self.reporting.tell():
                    pass

    async def _keep_assigned(self, schedule: Schedule) -> None:
        """Every few seconds: what is to be watched. While that cannot be asked the last answer holds."""
        faults, is_waiting = 0, False
        while True:
            found = None
            try:
                found = await self.desk.assignments()
                faults = 0
            except PlaceNotDefined:
                faults = 0
                if not is_waiting:
                    _log.info("place_not_defined", place=self.place, told="it is asked for until it is")
                is_waiting = True
            except Exception as fault:  # noqa: BLE001 - it is asked again, and the last answer holds
                faults += 1
                _log.warning("not_assigned", place=self.place, reason=describe(fault))
            if found is not None:
                self._assign(found, schedule)
            await asyncio.sleep(delay_seconds(faults) if faults else ASSIGNED_SECONDS)

    def _assign(self, found: Sequence[Assignment], schedule: Schedule) -> None:
        self._assigned = {one.target_id: one for one in found}
        intervals = {one.target_id: one.interval_seconds for one in found if not one.paused}
        schedule.settle(intervals, system_now())
        self._settled.set()
        self._is_assigned.set()

    async def _keep_turns(self, schedule: Schedule) -> None:
        while True:
            now = system_now()
            for turn in schedule.take_due(now):
                self._skip(schedule.missed(turn, now))
                self._begin(turn)
            self._settled.clear()
            following = schedule.next_at()
            wait = IDLE_SECONDS if following is None else (following - system_now()).total_seconds()
            await _rest(self._settled.wait(), min(max(wait, 0.0), IDLE_SECONDS))

    def _begin(self, turn: Turn) -> None:
        if turn.target_id in self._running:
            self._skip(1)
            return
        self.reporting.under_way[turn.target_id] = turn.at
        task = asyncio.create_task(self._run(turn, self._assigned[turn.target_id]))
        self._running[turn.target_id] = task
        task.add_done_callback(lambda _: self._over(turn))

    def _over(self, turn: Turn) -> None:
        self._running.pop(turn.target_id, None)
        self.reporting.under_way.pop(turn.target_id, None)

    async def _run(self, turn: Turn, assignment: Assignment) -> None:
        async with self._room:
            if not may_begin(turn.at, system_now(), turn.interval_seconds):
                self._skip(1)
                return
            began = monotonic()
            result = await self.runner.run(assignment, turn.at)
            result = await self.control.judged(result, began)
        self._keep(result)

    def _keep(self, result: ProbeResult) -> None:
        late = (result.started_at - result.planned_at).total_seconds()
        self.reporting.late_ms = max(self.reporting.late_ms, int(late * 1000))
        self.reporting.add(result)
        metrics.PROBE_LATE.labels(self.place).observe(late)
        metrics.PROBES.labels(self.place, result.outcome.value).inc()
        if result.outcome is Outcome.down:
            self._to_tell.set()
        if self.found is not None:
            self.found(result)

    def _skip(self, turns: int) -> None:
        if turns:
            self.reporting.skipped += turns
            metrics.PROBES_SKIPPED.labels(self.place).inc(turns)

    async def _keep_telling(self) -> None:
        """Each second, and at once what is down: it is told also that there is nothing to tell."""
        await self._is_assigned.wait()
        while True:
            self._to_tell.clear()
            if not await self.reporting.tell():
                await asyncio.sleep(self.reporting.pause())
            elif len(self.reporting) == 0:
                await _rest(self._to_tell.wait(), TELLING_SECONDS)


async def _rest(woken: Awaitable[object], seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await woken
