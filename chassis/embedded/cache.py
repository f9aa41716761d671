"""The user's cache of what is fetched or built once; one process at a time fills a part of it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def default_cache() -> Path:
    """LIVRET_CACHE, else a directory of ours in the user's cache."""
    own = os.environ.get("LIVRET_CACHE")
    if own:
        return Path(own).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "livret"


@contextmanager
def alone(part: Path) -> Iterator[None]:
    """One process fills this directory, made if need be; the others wait and find what it put there."""
    part.mkdir(parents=True, exist_ok=True)
    with (part / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
