"""A worker process of either side: relays what the producer said, or receives and handles it.

`python -m tests.torture.worker`, told what to do by TORTURE_SETUP and TORTURE_ROLE. The steps are the
chassis's own; a step that fails, because PostgreSQL or the broker is away, is tried again.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from sqlalchemy import text

from chassis import inbox, outbox
from chassis.bus import Consumer, Record, open_bus
from chassis.clock import Clock
from chassis.db import Database, Tx
from chassis.hears import Context
from chassis.settings import Settings
from contracts.envelope import Envelope
from contracts.events import Event
from tests.torture.setup import Setup
from tests.torture.words import CONSUMER, PRODUCER, Counted

Step = Callable[[], Awaitable[int]]

_SEE = text(
    "INSERT INTO seen (name, n) VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET n = seen.n + 1 RETURNING n"
)
_APPLY = text("INSERT INTO applied (token, name, n) VALUES (:token, :name, :n)")
_IDLE, _AWAY = 0.02, 0.2


async def counted(tx: Tx, event: Counted, envelope: Envelope, context: Context) -> None:
    """The effect: this token was the nth of its name."""
    n = (await tx.execute(_SEE, {"name": event.name})).scalar_one()
    await tx.execute(_APPLY, {"token": event.token, "name": event.name, "n": n})


HEARS: Mapping[type[Event], Callable[..., Any]] = {Counted: counted}


class AcknowledgesFirst:
    """The planted fault `offset-first`: what was received is acknowledged before it is stored."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def receive(self, max_records: int, timeout: float) -> Sequence[Record]:
        """Receives and acknowledges; the moment after is where a kill loses records."""
        records = await self._consumer.receive(max_records, timeout)
        if records:
            await self._consumer.acknowledge()
            await asyncio.sleep(0.1)
        return records

    async def acknowledge(self) -> None:
        """Done already."""

    async def close(self) -> None:
        """Leaves the group."""
        await self._consumer.close()


def _plant(setup: Setup) -> None:
    if setup.plant == "no-unique-inbox":
        store: Any = import_module("chassis.inbox.store")
        store._STORE = text(str(store._STORE).replace(" ON CONFLICT (event_id) DO NOTHING", ""))


async def _repeat(step: Step, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            if not await step():
                await asyncio.sleep(_IDLE)
        except Exception as fault:  # noqa: BLE001 - whatever failed is tried again
            print(f"{type(fault).__name__}: {fault}".splitlines()[0][:300], file=sys.stderr, flush=True)
            await asyncio.sleep(_AWAY)


async def main() -> None:
    """Works until SIGTERM."""
    setup, is_producer = Setup.read(), os.environ["TORTURE_ROLE"] == "producer"
    _plant(setup)
    settings = Settings(
        service=PRODUCER if is_producer else CONSUMER,
        database_url=setup.said_url if is_producer else setup.heard_url,
        bus=setup.bus,
        bus_database_url=setup.bus_url,
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    db, bus = Database.create(settings.database_url, application_name=settings.service), open_bus(settings)
    consumer: Any = bus.consumer(CONSUMER, [f"livret.{PRODUCER}"])
    if setup.plant == "offset-first":
        consumer = AcknowledgesFirst(consumer)
    context = Context(settings.service, Clock(), settings)
    receiving: Step = lambda: inbox.receive_once(db, consumer, HEARS.keys(), timeout=0.2)  # noqa: E731
    working: Step = lambda: inbox.work_once(db, HEARS, context)  # noqa: E731
    relaying: Step = lambda: outbox.relay_once(db, bus)  # noqa: E731
    steps = [relaying] if is_producer else [receiving, working]
    await asyncio.gather(*(_repeat(step, stop) for step in steps))
    await consumer.close()
    await bus.close()
    await db.close()


if __name__ == "__main__":
    asyncio.run(main())
