"""The worker process: for each service, its loops around the single steps, until told to stop.

    relay     outbox -> bus             effects   what acts outside
    receive   bus -> inbox              jobs      timed work
    work      inbox -> handlers         house     clock, gauges, purging

A loop that raises says so, waits longer each time, and goes on; none ends another. Stopping lets each finish
its step, leaves the consumer group, and closes: what was not acknowledged goes to the others.
"""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from chassis import effects, inbox, jobs, mail, metrics, outbox
from chassis.bus import Bus, Consumer, open_bus
from chassis.clock import Clock, monotonic
from chassis.db import Database
from chassis.hears import Context, Performer, Service
from chassis.retry import delay_seconds, describe
from chassis.settings import Settings
from chassis.telemetry import get_logger

RELAY_SECONDS = 0.05
RECEIVE_SECONDS = 0.2
WORK_SECONDS = 0.1
EFFECTS_SECONDS = 0.2
JOBS_SECONDS = 0.5
HOUSE_SECONDS = 2.0
PURGE_SECONDS = 600.0
LAG_SECONDS = 15.0
STALLED_SECONDS = 120.0
STOP_SECONDS = 20.0
WORKERS = 3
_log = get_logger(__name__)

Step = Callable[[], Awaitable[int]]


@dataclass(slots=True)
class Loop:
    """A step made again and again: at once while it moves something, else after `pause` or when woken."""

    service: str
    name: str
    step: Step
    pause: float
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    wakes: tuple[asyncio.Event, ...] = ()
    progress_at: float = field(default_factory=monotonic)
    faults: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; the step under way is finished."""
        while not stop.is_set():
            moved = await self.step_safely()
            self.progress_at = monotonic()
            if moved:
                for woken in self.wakes:
                    woken.set()
            else:
                await self.rest(stop, delay_seconds(self.faults) if self.faults else self.pause)

    async def step_safely(self) -> int:
        """One step; what it raises is said and counted, and moves nothing."""
        self.woken.clear()
        try:
            moved = await self.step()
        except Exception as fault:  # noqa: BLE001 - a loop outlives whatever its step meets
            self.faults += 1
            metrics.LOOP_FAULTS.labels(self.service, self.name).inc()
            _log.warning(
                "loop_fault", of=self.service, loop=self.name, faults=self.faults, reason=describe(fault)
            )
            return 0
        self.faults = 0
        return moved

    async def rest(self, stop: asyncio.Event, seconds: float) -> None:
        """Waits, but not when told to stop, nor (without faults) when woken."""
        waits = [asyncio.ensure_future(stop.wait())]
        if not self.faults:
            waits.append(asyncio.ensure_future(self.woken.wait()))
        _, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in pending:
            wait.cancel()


class Worker:
    """One service's loops, over its database and the bus."""

    def __init__(self, service: Service, settings: Settings, bus: Bus, workers: int = WORKERS) -> None:
        self.service, self.settings, self.bus = service, settings, bus
        # A connection for each loop at work, and a second for each that handles.
        size = max(settings.pool_size, 2 * workers + 5)
        self.db = Database.create(
            settings.database_url, pool_size=size, application_name=f"{service.name}-workers"
        )
        self.context = Context(service.name, Clock(), settings)
        self._workers = workers
        self._consumer: Consumer | None = None
        self._purged_at = monotonic()
        self._lag_at = 0.0
        self.loops: list[Loop] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop`, then finishes and leaves. The database may still be starting."""
        await self._prepare(stop)
        if stop.is_set():
            await self.close()
            return
        self.loops = self._make_loops()
        tasks = [asyncio.create_task(loop.run(stop), name=loop.name) for loop in self.loops]
        try:
            await stop.wait()
            _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
            for task in late:
                _log.error("loop_cut_short", of=self.service.name, loop=task.get_name())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.close()

    async def close(self) -> None:
        """Leaves the group and gives the connections back."""
        if self._consumer is not None:
            await self._consumer.close()
        await self.db.close()

    async def _prepare(self, stop: asyncio.Event) -> None:
        async def prepare() -> int:
            await self.context.clock.refresh(self.db)
            await inbox.register(self.db, self.service.hears)
            await jobs.enrol(self.db, self.service.every, self.context.clock)
            return 1

        prepared = Loop(self.service.name, "prepare", prepare, pause=1.0)
        while not stop.is_set() and not await prepared.step_safely():
            await prepared.rest(stop, 1.0)

    def _make_loops(self) -> list[Loop]:
        name = self.service.name
        relay = Loop(name, "relay", self._relay, RELAY_SECONDS, woken=self.db.committed)
        working = [Loop(name, f"work-{n}", self._work, WORK_SECONDS) for n in range(self._workers)]
        loops = [
            relay,
            Loop(name, "effects", self._perform, EFFECTS_SECONDS),
            Loop(name, "house", self._keep_house, HOUSE_SECONDS),
        ]
        if self.service.every:
            loops.append(Loop(name, "jobs", self._tick, JOBS_SECONDS))
        if self.service.hears:
            wakes = tuple(loop.woken for loop in working)
            loops += [Loop(name, "receive", self._receive, 0.0, wakes=wakes), *working]
        return loops

    async def _relay(self) -> int:
        count = await outbox.relay_once(self.db, self.bus)
        metrics.PUBLISHED.labels(self.service.name).inc(count)
        return count

    async def _receive(self) -> int:
        if self._consumer is None:
            self._consumer = self.bus.consumer(self.service.name, self.service.topics())
        count = await inbox.receive_once(
            self.db, self._consumer, self.service.hears.keys(), timeout=RECEIVE_SECONDS
        )
        metrics.RECEIVED.labels(self.service.name).inc(count)
        return count

    async def _work(self) -> int:
        return await inbox.work_once(self.db, self.service.hears, self.context)

    async def _perform(self) -> int:
        performers: dict[str, Performer] = {mail.KIND: mail.perform, **self.service.performers}
        return await effects.perform_once(self.db, performers, self.context)

    async def _tick(self) -> int:
        return await jobs.tick_once(self.db, self.service.every, self.context)

    async def _keep_house(self) -> int:
        """Follows the portal's clock, shows where things stand, tells of stalled loops, purges."""
        await self.context.clock.refresh(self.db)
        await self._measure()
        for loop in self.loops:
            if monotonic() - loop.progress_at > STALLED_SECONDS:
                _log.critical("loop_stalled", of=self.service.name, loop=loop.name)
        if monotonic() - self._purged_at > PURGE_SECONDS:
            self._purged_at = monotonic()
            await outbox.purge(self.db)
            await inbox.purge(self.db)
            await effects.purge(self.db)
            await self.bus.purge()
        return 0

    async def _measure(self) -> None:
        name, now = self.service.name, self.context.clock.system_now()
        out, into = await outbox.standing(self.db), await inbox.standing(self.db)
        metrics.BACKLOG.labels(name).set(out.backlog)
        metrics.OLDEST.labels(name).set((now - out.oldest_at).total_seconds() if out.oldest_at else 0)
        for state in ("pending", "held", "dead"):
            metrics.INBOX.labels(name, state).set(getattr(into, state))
        metrics.PARKED.labels(name).set(into.parked_keys)
        metrics.STOPPED.labels(name).set(into.stopped_at is not None)
        metrics.EFFECTS_WAITING.labels(name).set((await effects.standing(self.db)).waiting)
        if self.service.hears and monotonic() - self._lag_at > LAG_SECONDS:
            self._lag_at = monotonic()
            for topic, behind in (await self.bus.lag(name, self.service.topics())).items():
                metrics.LAG.labels(name, topic).set(behind)


async def run_workers(
    services: Iterable[tuple[Service, Settings]], stop: asyncio.Event | None = None, *, workers: int = WORKERS
) -> None:
    """Runs the workers of these services until `stop`, or SIGTERM or SIGINT when none is given.

    Services with the same bus share its connections.
    """
    stopping = stop or _stop_on_signals()
    buses: dict[tuple[str, str | None], Bus] = {}
    running: list[Worker] = []
    for service, settings in services:
        address = (settings.bus, settings.bus_database_url)
        if address not in buses:
            buses[address] = open_bus(settings)
        running.append(Worker(service, settings, buses[address], workers))
    try:
        await asyncio.gather(*(worker.run(stopping) for worker in running))
    finally:
        await _close(list(buses.values()))


async def _close(buses: Sequence[Bus]) -> None:
    for bus in buses:
        with contextlib.suppress(Exception):
            await bus.close()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
