"""What the kernel knows of processes: tying a child to its parent, and finding who works in a directory.

Linux answers all of it from /proc; elsewhere a child is not tied to its parent and nobody is found.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PROC = Path("/proc")
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def stop_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn`: the kernel sends `death_signal` to the child when its parent dies, however it dies.

    subprocess calls it after it has changed user, which matters: a change of user clears the setting.
    The kernel watches the *thread* that forked: start such a child from a thread that lasts.
    """
    if _LIBC is None:
        return None
    parent = os.getpid()

    def tie() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return tie


def stop_this_with_parent() -> None:
    """SIGTERM to this process when its parent dies: for one that a launcher such as make has started."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))


def working_in(directory: Path) -> list[int]:
    """Living processes whose working directory is exactly `directory` (a PostgreSQL server's is its data)."""
    if not _PROC.is_dir():
        return []
    wanted = os.path.realpath(directory)
    everyone = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    return [pid for pid in everyone if _directory_of(pid) == wanted]


def _directory_of(pid: int) -> str | None:
    try:
        return str((_PROC / str(pid) / "cwd").readlink())
    except OSError:  # gone meanwhile, a zombie, or another user's
        return None


def command_line(pid: int) -> str:
    """The command a process was started with, parted by spaces; empty for one that is gone or a zombie."""
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return b" ".join(words).decode(errors="replace").strip()


def end(pids: Callable[[], Iterable[int]], steps: Iterable[tuple[signal.Signals, float]]) -> bool:
    """Send each signal and wait so many seconds after it until `pids()` finds nobody; False if some stay."""
    for each_signal, seconds in steps:
        for pid in pids():
            _send(pid, each_signal)
        if _nobody_left(pids, seconds):
            return True
    return False


def _send(pid: int, each_signal: signal.Signals) -> None:
    try:
        os.kill(pid, each_signal)
    except ProcessLookupError:
        return


def _nobody_left(pids: Callable[[], Iterable[int]], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while list(pids()):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
