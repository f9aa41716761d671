"""A prober with a thousand targets every thirty seconds, and how late its probes begin.

    python -m tests.bench.probes [--targets 1000] [--seconds 60]

The prober is the real one: its turns, its runner, its telling (to a desk that keeps nothing), in this
process. The targets are on a local server in another. Beside it, how fast bare httpx asks the same server:
over a new connection for each request, as a probe does, and over connections that it keeps.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from socket import socket
from uuid import UUID

import httpx
import uvloop

from chassis.clock import monotonic, system_now
from services.availability.model.probes import (
    Assignment,
    Expectation,
    Outcome,
    ProbeResult,
    Report,
    Script,
    Step,
)
from services.availability.probing.control import Control
from services.availability.probing.network import Addresses, trusting
from services.availability.probing.prober import Prober
from services.availability.probing.reporting import Reporting
from services.availability.probing.runner import Runner
from tests.bench.ground import rate, show

INTERVAL = 30
AT_ONCE = 20
BARE_SECONDS = 5.0
FULL_SECONDS = 10.0
Ask = Callable[[], Awaitable[None]]
SITE = "tests.bench.probes:site"


async def site(scope: dict[str, object], _receive: object, send: object) -> None:
    """The watched server: it answers at once."""
    if scope["type"] == "http" and callable(send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"7")]})
        await send({"type": "http.response.body", "body": b"Welcome"})


@dataclass
class Desk:
    """Assigns, and keeps nothing of what it is told."""

    targets: int
    url: str
    told: int = 0
    _is_assigned: bool = False

    async def assignments(self) -> list[Assignment] | None:
        if self._is_assigned:
            return None
        self._is_assigned = True
        step = Step("reach", self.url, expect=Expectation(contains=("Welcome",)))
        script = Script((step,))
        return [Assignment(UUID(int=n), 1, INTERVAL, script, {}) for n in range(1, self.targets + 1)]

    async def tell(self, report: Report) -> None:
        self.told += len(report.results)

    async def close(self) -> None:
        return None


@dataclass
class Found:
    """What the prober found, and how late each run began, in milliseconds."""

    late: list[float] = field(default_factory=list)
    not_up: int = 0

    def add(self, result: ProbeResult) -> None:
        self.late.append((result.started_at - result.planned_at).total_seconds() * 1e3)
        self.not_up += result.outcome is not Outcome.up


def prober_of(desk: Desk, found: Found) -> Prober:
    """The real one, with this desk."""
    runner = Runner(Addresses(), trusting(None))
    return Prober("bench", desk, runner, Control(), Reporting("bench", desk, 100_000), 500, found.add)


async def on_schedule(targets: int, seconds: float, url: str) -> None:
    """The targets on their turns."""
    desk, found, stop = Desk(targets, url), Found(), asyncio.Event()
    prober = prober_of(desk, found)
    running = asyncio.create_task(prober.run(stop))
    began, used = monotonic(), _used()
    await asyncio.sleep(seconds)
    stop.set()
    await running
    taken, cpu = monotonic() - began, _used() - used
    if found.not_up or prober.reporting.skipped or desk.told != len(found.late):
        raise AssertionError("a probe failed, was skipped, or was not told")
    late = sorted(found.late)
    show(
        f"{targets:,} targets every {INTERVAL} s",
        rate(len(late), taken),
        f"{cpu / taken:.1%} of one core; {targets / INTERVAL:.1f} a second are due",
    )
    p50, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
    show(
        "a probe begins later than planned by",
        f"p50 {p50:.2f} ms",
        f"p99 {p99:.2f} ms, most {late[-1]:.1f} ms",
    )


def _used() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


async def at_full_speed(url: str, seconds: float) -> float:
    """Scripts a second, with nothing to wait for."""
    desk = Desk(1, url)
    (assignment,) = await desk.assignments() or []
    runner = Runner(Addresses(), trusting(None))

    async def ask() -> None:
        result = await runner.run(assignment, system_now())
        if result.outcome is not Outcome.up:
            raise AssertionError(f"a probe failed: {result.fault}")

    return await _as_fast_as_it_goes(ask, seconds)


async def bare(url: str, seconds: float, *, kept: bool) -> float:
    """Requests a second by httpx itself."""
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE if kept else 0)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:

        async def ask() -> None:
            (await client.get(url)).raise_for_status()

        return await _as_fast_as_it_goes(ask, seconds)


async def _as_fast_as_it_goes(ask: Ask, seconds: float) -> float:
    began, asked = monotonic(), 0

    async def go_on() -> None:
        nonlocal asked
        while monotonic() - began < seconds:
            await ask()
            asked += 1

    await asyncio.gather(*(go_on() for _ in range(AT_ONCE)))
    return asked / (monotonic() - began)


async def measure(targets: int, seconds: float, url: str) -> None:
    """All figures, in one process."""
    await _until_answered(url)
    await on_schedule(targets, seconds, url)
    scripts = await at_full_speed(url, FULL_SECONDS)
    fresh = await bare(url, BARE_SECONDS, kept=False)
    reused = await bare(url, BARE_SECONDS, kept=True)
    show(
        "scripts of one step, as fast as it goes",
        f"{scripts:,.0f}/s",
        f"= {scripts / fresh:.2f} x httpx over new connections ({fresh:,.0f}/s),"
        f" {scripts / reused:.2f} x over kept ones ({reused:,.0f}/s)",
    )


async def _until_answered(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(200):
            try:
                await client.get(url)
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
            else:
                return
    raise AssertionError("the watched server does not start")


def main(words: Sequence[str] | None = None) -> int:
    """Starts the watched server, measures, ends it."""
    parser = argparse.ArgumentParser(description="A prober with many targets.")
    parser.add_argument("--targets", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args(words)
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", SITE, "--port", str(port), "--log-level", "critical"]
    watched = subprocess.Popen([*command, "--lifespan", "off", "--no-access-log"])
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(arguments.targets, arguments.seconds, f"http://127.0.0.1:{port}/"))
    finally:
        watched.terminate()
        watched.wait(10)
    return 0


if __name__ == "__main__":
    sys.exit(main())
