"""A whole portal as its own processes: `livret run` on free ports and a directory of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread

from chassis.embedded.ports import free_port
from tests.support.processes import alive_with, wait_until

ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C stops it."
"""Said after the addresses and the logins."""
START_SECONDS = 240.0


class RunningPortal:
    """One `livret run`: its process, what it printed so far, and who lives because of it."""

    def __init__(self, data: Path, command: Sequence[str] = (), options: Sequence[str] = ()) -> None:
        self.data = data
        self.port = free_port()
        self.printed: list[str] = []
        run = list(command) or [sys.executable, "-m", "services", "run"]
        self.process = subprocess.Popen(
            [*run, "--port", str(self.port), "--data", str(data), *options],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            env={**os.environ, "LIVRET_LOG_LEVEL": "WARNING"},
        )  # fmt: skip
        Thread(target=self._read, daemon=True).start()

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def await_ready(self) -> None:
        """Until it says so; an assertion with what it printed if it does not."""
        wait_until(lambda: self.said(READY) or self.process.poll() is not None, START_SECONDS)
        assert self.said(READY), "\n".join(self.printed)

    def answers(self, path: str = "/readyz", seconds: float = 20.0) -> int:
        """The status of one request, 0 without an answer in that time."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()

    def end(self, by: signal.Signals) -> int:
        """Send one signal to the command alone; its exit status."""
        self.process.send_signal(by)
        return self.process.wait(180)

    def leave(self) -> None:
        """Stop it if it runs; by force when it does not stop, so that nothing of it outlives its test."""
        if self.process.poll() is None:
            try:
                self.end(signal.SIGTERM)
            finally:
                self.process.kill()
                self.process.wait()

    def left(self) -> dict[int, str]:
        """Who still lives: processes that name its data directory."""
        return alive_with(str(self.data))

    def leaves_nobody(self, seconds: float = 60.0) -> bool:
        """Whether all of it is gone in that time."""
        return wait_until(lambda: not self.left(), seconds)

    def said(self, words: str) -> bool:
        """Whether a line with these words has come."""
        return any(words in line for line in self.printed)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.append(line.rstrip())


@contextmanager
def running_portal(data: Path, *, options: Sequence[str] = ()) -> Iterator[RunningPortal]:
    """A portal that is ready; stopped at the end, by force if need be."""
    portal = RunningPortal(data, options=options)
    try:
        portal.await_ready()
        yield portal
    finally:
        portal.leave()
