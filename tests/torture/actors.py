"""What a process of the torture does from its first moment: one role, until SIGTERM or worse."""

import asyncio
import os
import random

from chassis.embedded.processes import stop_this_with_parent
from tests.torture import plants, worker, writer
from tests.torture.setup import Setup


def play(role: str, setup: Setup, log: str) -> None:
    """Runs the role in this process; what it says goes to its log."""
    stop_this_with_parent()
    random.seed()  # a forked process has its parent's
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    plants.plant(setup.plant)
    asyncio.run(writer.write(setup) if role == "writer" else worker.work(role, setup))
