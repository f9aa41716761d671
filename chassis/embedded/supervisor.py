"""Keeps the parts of a portal running on one machine: starts them in order, starts anew what dies, stops all.

A part is a server of ours or a program. One that dies is started again with the reason said. One that dies
again and again while the whole starts stops it, since nothing works yet. Later it is started again after a
pause, each time with the reason said, and the others go on: the weather is told while all else is down.
"""

import os
import signal
import subprocess
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from chassis.embedded.account import CannotRun
from chassis.embedded.processes import end, stop_with_parent

_WATCH_SECONDS = 0.2
_RESTARTS, _WITHIN_SECONDS = 5, 60.0
_PAUSE_SECONDS = 60.0
_KEPT_LOG_BYTES = 20_000_000
_ORDERLY = ((signal.SIGTERM, 12.0), (signal.SIGKILL, 5.0))


class Part(Protocol):
    """What the supervisor watches."""

    @property
    def name(self) -> str:
        """As the terminal calls it."""

    @property
    def pid(self) -> int | None:
        """Its process, None when it is not running."""

    def start(self) -> object:
        """Start it unless it runs; CannotRun with a sentence for the user."""

    def stop(self) -> None:
        """Stop it in order."""


class Program:
    """A process of ours that runs until it is told to stop; SIGKILL follows it when we die."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        log: Path | None,
        inherits: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self._command, self._environment = list(command), dict(environment)
        self._inherits = tuple(inherits)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process, None when it is not running."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start it, its output going to its log (to the terminal without one)."""
        if self.pid is not None:
            return
        output = _opened(self.log) if self.log is not None else None
        try:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=output, stderr=output,
                pass_fds=self._inherits,
                # A session of its own: Ctrl-C goes to the supervisor, which stops the parts in their order.
                start_new_session=True,
                preexec_fn=stop_with_parent(signal.SIGKILL),  # noqa: PLW1509 - one system call, no lock
            )  # fmt: skip
        finally:
            if output is not None:
                os.close(output)

    def ask_to_stop(self) -> None:
        """SIGTERM, without waiting."""
        if self.pid is not None and self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """SIGTERM, then SIGKILL to one that does not end by itself."""
        process, self._process = self._process, None
        if process is not None:
            end(lambda: [process.pid] if process.poll() is None else [], _ORDERLY)

    def last_words(self) -> str:
        """Why it ended, as far as its exit status and its log tell."""
        code = self._process.poll() if self._process is not None else None
        how = (
            f"ended by {signal.Signals(-code).name}"
            if code is not None and code < 0
            else f"ended with status {code}"
        )
        if self.log is None:
            return how
        tail = self.log.read_bytes()[-1500:].decode(errors="replace").strip().splitlines()[-8:]
        return "\n    ".join([f"{how}; {self.log} says last:", *tail])


class Supervisor:
    """Servers first, then the programs that stand on them; stopped the other way round."""

    def __init__(self, servers: Sequence[Part], say: Callable[[str], None]) -> None:
        self._servers = list(servers)
        self._programs: list[Program] = []
        self._say = say
        self._deaths: dict[str, deque[float]] = defaultdict(deque)
        self._paused_until: dict[str, float] = {}

    def start_servers(self) -> None:
        """Start each server and wait until it answers."""
        for server in self._servers:
            self._say(f"Starting {server.name}.")
            server.start()

    def start_programs(self, programs: Sequence[Program]) -> None:
        """Start the programs; from now on they are watched too."""
        self._programs = list(programs)
        for program in self._programs:
            program.start()

    def watch(self, told_to_stop: Callable[[], bool]) -> None:
        """Until it is told to stop: start anew what died, after a pause if it dies again and again."""
        while not told_to_stop():
            for part, reason in self._dead():
                try:
                    self._restart(part, reason)
                except CannotRun as refused:
                    self._pause(part, str(refused))
            time.sleep(_WATCH_SECONDS)

    def mend(self) -> None:
        """Start anew what died, while the whole starts. CannotRun when something dies again and again."""
        for part, reason in self._dead():
            self._restart(part, reason)

    def stop(self) -> None:
        """Stop everything: programs together, then servers."""
        for program in self._programs:
            program.ask_to_stop()
        for part in (*self._programs, *reversed(self._servers)):
            part.stop()

    def _dead(self) -> Iterator[tuple[Part, str]]:
        """What does not run and is not in its pause, with the reason; servers first."""
        now = time.monotonic()
        for part in (*self._servers, *self._programs):
            if part.pid is None and now >= self._paused_until.get(part.name, now):
                yield part, part.last_words() if isinstance(part, Program) else "stopped"

    def _pause(self, part: Part, reason: str) -> None:
        self._deaths[part.name].clear()
        self._paused_until[part.name] = time.monotonic() + _PAUSE_SECONDS
        self._say(f"{reason}\n  {part.name} is started again in {_PAUSE_SECONDS:.0f} s; the rest goes on.")

    def _restart(self, part: Part, reason: str) -> None:
        now = time.monotonic()
        deaths = self._deaths[part.name]
        deaths.append(now)
        while deaths[0] < now - _WITHIN_SECONDS:
            deaths.popleft()
        if len(deaths) > _RESTARTS:
            raise CannotRun(f"{part.name} died {len(deaths)} times in a minute; the last time: {reason}")
        self._say(f"{part.name}: {reason}\n  It is started again.")
        part.start()


def _opened(log: Path) -> int:
    """To append to; one grown large is put aside first, in the place of the one before."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _KEPT_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
