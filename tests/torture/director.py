"""Keeps the processes of a torture running, and kills them.

Every process is started here, killed by its own id and started again at once; the servers likewise. What
dies by itself is started again too, and counted: a process that cannot live is a finding.
"""

import random
import time
from collections import Counter
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Protocol

from tests.torture.actors import play
from tests.torture.setup import Setup

_GRACE = 15.0
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.torture.__main__"])


class Server(Protocol):
    """PostgreSQL or the broker, as the chassis embeds them."""

    name: str

    def start(self) -> object: ...

    def stop(self, *, immediate: bool = False) -> None: ...


class Actor:
    """One process of a role, and its successors: each forked anew, from a parent that has all loaded."""

    def __init__(self, role: str, number: int, setup: Setup, logs: Path) -> None:
        self.role = role
        self._setup = setup
        self._log = logs / f"{role}-{number}.log"
        self._process: ForkServerProcess | None = None

    def ensure(self) -> bool:
        """Start it if it does not run; True when it had died by itself."""
        died = self._process is not None and not self._process.is_alive()
        if self._process is None or died:
            self._start()
        return died

    def kill(self) -> None:
        """SIGKILL, and at once a successor."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._start()

    def stop(self) -> None:
        """SIGTERM; SIGKILL to what does not go."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.join(_GRACE)
        self._process.kill()
        self._process.join()

    def _start(self) -> None:
        self._process = _FORKS.Process(
            target=play, args=(self.role, self._setup, str(self._log)), daemon=True
        )
        self._process.start()


class Director:
    """All actors and servers of one torture. `kills` counts what was done to whom."""

    def __init__(self, actors: list[Actor], servers: list[Server], randomness: random.Random) -> None:
        self._actors, self._servers, self._random = actors, servers, randomness
        self.kills: Counter[str] = Counter()
        self.deaths: Counter[str] = Counter()

    def ensure_all(self) -> None:
        """Every actor runs."""
        for actor in self._actors:
            if actor.ensure():
                self.deaths[actor.role] += 1

    def kill_someone(self) -> None:
        """One kill: a process four times of five, else a server, which stays away for a moment."""
        if self._random.random() < 0.8:
            actor = self._random.choice(self._actors)
            actor.kill()
            self.kills[actor.role] += 1
            return
        server = self._random.choice(self._servers)
        server.stop(immediate=True)
        time.sleep(self._random.uniform(0, 0.5))
        server.start()
        self.kills[server.name] += 1

    def stop(self, role: str | None = None) -> None:
        """In order: the actors of one role, or all."""
        for actor in self._actors:
            if role in (None, actor.role):
                actor.stop()
        self._actors = [actor for actor in self._actors if role is not None and actor.role != role]
