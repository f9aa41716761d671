"""A writer process: counts up, emits, sometimes changes its mind, and writes down what was acknowledged.

What it writes down it hands to the operating system at once, so that `kill -9` takes nothing of it.
"""

import asyncio
import os
import random
import signal
from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import text

from chassis.db import Database, Scope, Tx
from tests.torture.setup import Setup
from tests.torture.words import Counted, CountingEvent, Tallied

_LOCK = text("SELECT n FROM counter WHERE name = :name FOR UPDATE")
_COUNT = text("UPDATE counter SET n = n + :more WHERE name = :name RETURNING n")
_SAY = text("INSERT INTO said (token, name, n) VALUES (:token, :name, :n)")
_ROLLBACKS = 0.15
_TASKS = 4
_AT_ONCE = 15


class ChangedItsMind(Exception):
    """The writer rolls back a transaction that has already emitted."""


async def _say(tx: Tx, events: Sequence[CountingEvent]) -> None:
    """State: each token gets its number, under the lock of its name, which all of these share."""
    name = events[0].name
    await tx.execute(_LOCK, {"name": name})
    last = (await tx.execute(_COUNT, {"name": name, "more": len(events)})).scalar_one()
    first = last - len(events) + 1
    rows = [{"token": event.token, "name": name, "n": first + place} for place, event in enumerate(events)]
    await tx.execute(_SAY, rows)


async def _command(tx: Tx, events: Sequence[CountingEvent], plant: str | None) -> None:
    """Lock, write, emit last; or, planted, emit first and leave others a moment to overtake."""
    if plant == "emit-before-lock":
        await tx.emit_many(events)
        await asyncio.sleep(random.uniform(0, 0.05))
        await _say(tx, events)
    else:
        await _say(tx, events)
        await tx.emit_many(events)


def _some_events(names: int) -> list[CountingEvent]:
    name = f"counter-{random.randrange(names)}"
    kinds = random.choices((Counted, Tallied), (1, 24), k=random.randint(1, _AT_ONCE))
    return [kind(name=name, token=uuid4()) for kind in kinds]


async def _write(db: Database, setup: Setup, log: int) -> None:
    events = _some_events(setup.names)
    try:
        async with db.transaction(Scope.machine()) as tx:
            await _command(tx, events, setup.plant)
            if random.random() < _ROLLBACKS:
                raise ChangedItsMind
    except ChangedItsMind:
        return
    os.write(log, "".join(f"{event.token}\n" for event in events).encode())


async def _keep_writing(db: Database, setup: Setup, log: int, stop: asyncio.Event) -> None:
    pause = setup.writers * _TASKS * (1 + _AT_ONCE) / 2 / setup.rate
    while not stop.is_set():
        try:
            await _write(db, setup, log)
        except Exception:  # noqa: BLE001 - PostgreSQL is being restarted; what was not answered is owed nothing
            await asyncio.sleep(0.1)
        await asyncio.sleep(random.uniform(0, 2 * pause))


async def write(setup: Setup) -> None:
    """Writes until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    db = Database.create(setup.said_url, pool_size=_TASKS, application_name="torture-writer")
    log = os.open(setup.acknowledged / f"{os.getpid()}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    await asyncio.gather(*(_keep_writing(db, setup, log, stop) for _ in range(_TASKS)))
    os.close(log)
    await db.close()
