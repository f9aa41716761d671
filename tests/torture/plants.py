"""Faults planted in a worker, to see that the torture finds them.

Each breaks one promise of delivery in this process, and stretches the moment in which a kill shows it.
`emit-before-lock` is the writer's, and the dropped unique key of `no-unique-inbox` the stage's.
"""

import asyncio
from importlib import import_module
from typing import Any

from sqlalchemy import text

from chassis import inbox
from chassis.bus import Consumer, Record

_receive_once = inbox.receive_once
_MOMENT = 0.1


class AcknowledgesFirst:
    """What was received is acknowledged before it is stored."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def receive(self, max_records: int, timeout: float) -> list[Record]:
        """Receives and acknowledges; who dies in the moment after has lost the records."""
        records = await self._consumer.receive(max_records, timeout)
        if records:
            await self._consumer.acknowledge()
            await asyncio.sleep(_MOMENT)
        return records

    async def acknowledge(self) -> None:
        """Done already."""

    async def close(self) -> None:
        """Leaves the group."""
        await self._consumer.close()


class AcknowledgesLate(AcknowledgesFirst):
    """What was stored is acknowledged a moment later; who dies in it gets the records again."""

    async def receive(self, max_records: int, timeout: float) -> list[Record]:
        """Receives."""
        return await self._consumer.receive(max_records, timeout)

    async def acknowledge(self) -> None:
        """A moment later than it should be."""
        await asyncio.sleep(_MOMENT)
        await self._consumer.acknowledge()


def plant(fault: str | None) -> None:
    """Breaks this process's part of a promise."""
    if fault == "offset-first":
        _receive_through(AcknowledgesFirst)
    elif fault == "no-unique-inbox":
        _receive_through(AcknowledgesLate)
        store: Any = import_module("chassis.inbox.store")
        store._STORE = text(str(store._STORE).replace(" ON CONFLICT (event_id) DO NOTHING", ""))


def _receive_through(wrapper: type[AcknowledgesFirst]) -> None:
    async def receive_once(db: Any, consumer: Consumer, *rest: Any, **more: Any) -> int:
        return await _receive_once(db, wrapper(consumer), *rest, **more)

    inbox.receive_once = receive_once
