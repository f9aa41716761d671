"""A database whose first answer is slow: what was asked for after it is answered before."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

from chassis.db import Database


class SlowAtFirst:
    """It keeps these rows. An answer tells what was kept when it was asked for."""

    def __init__(self, *rows: Any) -> None:
        self.engine = self
        self._rows = rows
        self._asked = 0
        self._arrived = asyncio.Event()

    async def asked_twice(self, ask: Callable[[Database], Awaitable[None]], *, then: Any) -> None:
        """Asks, and again when it keeps this row alone; the first answer arrives when the second has."""
        first = asyncio.ensure_future(ask(cast("Database", self)))
        while not self._asked:
            await asyncio.sleep(0)
        self._rows = (then,)
        second = asyncio.ensure_future(ask(cast("Database", self)))
        for _ in range(10):
            await asyncio.sleep(0)
        self._arrived.set()
        await asyncio.gather(first, second)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["SlowAtFirst"]:
        yield self

    async def execute(self, *_: Any) -> Any:
        rows, self._asked = self._rows, self._asked + 1
        if self._asked == 1:
            await self._arrived.wait()
        return SimpleNamespace(all=lambda: list(rows), one_or_none=lambda: rows[0])
