"""A writer process: counts up, emits, sometimes changes its mind, and writes down what was acknowledged.

`python -m tests.torture.writer`, told what to do by TORTURE_SETUP. What it writes down it hands to the
operating system at once, so that `kill -9` takes nothing of it.
"""

import asyncio
import os
import random
import signal
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from chassis.db import Database, Scope, Tx
from tests.torture.setup import Setup
from tests.torture.words import Counted

_LOCK = text("SELECT n FROM counter WHERE name = :name FOR UPDATE")
_COUNT = text("UPDATE counter SET n = n + 1 WHERE name = :name RETURNING n")
_SAY = text("INSERT INTO said (token, name, n) VALUES (:token, :name, :n)")
_ROLLBACKS = 0.15
_TASKS = 4


class ChangedItsMind(Exception):
    """The writer rolls back a transaction that has already emitted."""


async def _count(tx: Tx, name: str, token: UUID) -> None:
    """The command as it should be: lock, write, emit last."""
    await tx.execute(_LOCK, {"name": name})
    n = (await tx.execute(_COUNT, {"name": name})).scalar_one()
    await tx.execute(_SAY, {"token": token, "name": name, "n": n})
    await tx.emit(Counted(name=name, token=token))


async def _count_after_emitting(tx: Tx, name: str, token: UUID) -> None:
    """The planted fault `emit-before-lock`, with a moment in which others of the same name overtake."""
    await tx.emit(Counted(name=name, token=token))
    await asyncio.sleep(random.uniform(0, 0.05))
    await tx.execute(_LOCK, {"name": name})
    n = (await tx.execute(_COUNT, {"name": name})).scalar_one()
    await tx.execute(_SAY, {"token": token, "name": name, "n": n})


async def _write(db: Database, setup: Setup, log: int) -> None:
    count = _count_after_emitting if setup.plant == "emit-before-lock" else _count
    token, name = uuid4(), f"counter-{random.randrange(setup.names)}"
    try:
        async with db.transaction(Scope.machine()) as tx:
            await count(tx, name, token)
            if random.random() < _ROLLBACKS:
                raise ChangedItsMind
    except ChangedItsMind:
        return
    os.write(log, f"{token}\n".encode())


async def _keep_writing(db: Database, setup: Setup, log: int, stop: asyncio.Event) -> None:
    pause = setup.writers * _TASKS / setup.rate
    while not stop.is_set():
        try:
            await _write(db, setup, log)
        except (DBAPIError, SQLAlchemyError, OSError, ConnectionError):
            await asyncio.sleep(0.1)  # PostgreSQL is being restarted: whether it was committed is not known
        await asyncio.sleep(random.uniform(0, 2 * pause))


async def main() -> None:
    """Writes until SIGTERM."""
    setup = Setup.read()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    db = Database.create(setup.said_url, pool_size=_TASKS, application_name="torture-writer")
    log = os.open(setup.acknowledged / f"{os.getpid()}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    await asyncio.gather(*(_keep_writing(db, setup, log, stop) for _ in range(_TASKS)))
    os.close(log)
    await db.close()


if __name__ == "__main__":
    asyncio.run(main())
