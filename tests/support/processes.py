"""Who is alive, as /proc tells: the tests of starting and stopping count processes, not promises."""

import math
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_PROC = Path("/proc")


def alive_with(text: str) -> dict[int, str]:
    """Living processes (no zombies) that name `text` in their command line, environment or directory."""
    return {
        int(entry.name): said
        for entry in _PROC.iterdir()
        if entry.name.isdigit() and int(entry.name) != os.getpid() and text in (said := _told(entry))
    }


def _told(entry: Path) -> str:
    """Empty for a process that is gone or a zombie: it has neither command line nor directory."""
    try:
        command = (entry / "cmdline").read_bytes()
        if not command:
            return ""
        environment = (entry / "environ").read_bytes()
        return b" ".join((command, environment, bytes((entry / "cwd").readlink()))).decode(errors="replace")
    except OSError:
        return ""


def accounts_of(pids: Iterable[int]) -> set[int]:
    """The user ids those run under who are still there: a worker may end between two looks."""
    return {found.st_uid for pid in pids if (found := _status(_PROC / str(pid))) is not None}


def began_at(pid: int) -> float:
    """When it was started, in the kernel's ticks: a later process may have a smaller id. Infinity: gone."""
    try:
        said = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return math.inf
    return int(said.rpartition(")")[2].split()[19])


def _status(entry: Path) -> os.stat_result | None:
    try:
        return entry.stat()
    except OSError:
        return None


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> bool:
    """Whether it came true in time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
