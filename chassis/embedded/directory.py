"""A data directory: made on first use, held by one process at a time."""

import fcntl
import os
from pathlib import Path

from chassis.embedded.account import CannotRun


class HeldDirectory:
    """A directory that one process holds, by a lock that the kernel gives back when that process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def hold(self) -> None:
        """Take it, making it if need be; again is harmless. CannotRun when another process holds it."""
        if self._lock is not None:
            return
        self._make()
        lock = os.open(self.path / "livret.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode().strip()
            os.close(lock)
            raise CannotRun(
                f"{self.path} is in use by another Livret (process {holder or 'unknown'}): "
                "stop that one, or choose another directory"
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock

    def release(self) -> None:
        """Let another process have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _make(self) -> None:
        """Each new level is passable, whatever the umask: PostgreSQL may be another user."""
        missing = [each for each in (self.path, *self.path.parents) if not each.exists()]
        try:
            for level in reversed(missing):
                level.mkdir()
                level.chmod(0o711)
        except OSError as refused:
            raise CannotRun(f"{self.path} cannot be made: {refused.strerror}") from refused
