"""The only place that reads a clock. It has two.

`business_now()` is the time in which contracts, months and deadlines live; a whole portal may set it
(`livret run --clock`), so that a month can be lived in a minute. `system_now()` is real time: sessions,
tokens, retries, leases and metrics. SQL's `now()` is never business time.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from sqlalchemy import text

if TYPE_CHECKING:
    from chassis.db import Database

_LOAD = text("SELECT origin_business, origin_system, rate FROM chassis_clock")
_SET = text(
    "INSERT INTO chassis_clock (one, origin_business, origin_system, rate)"
    " VALUES (true, :business, :system, :rate)"
    " ON CONFLICT (one) DO UPDATE SET origin_business = excluded.origin_business,"
    " origin_system = excluded.origin_system, rate = excluded.rate"
)
_RESET = text("DELETE FROM chassis_clock")


def system_now() -> datetime:
    """The real time, UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that never steps, for durations and time-outs."""
    return time.monotonic()


@dataclass(slots=True)
class Clock:
    """Business time as an origin and a rate: `origin_business + rate * (system - origin_system)`.

    Without an origin the two clocks are one. `rate` is an integer number of business seconds in a real
    one; 0 makes business time stand still until it is set again.
    """

    origin_business: datetime | None = None
    origin_system: datetime = field(default_factory=system_now)
    rate: int = 1
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False, compare=False)

    def business_now(self) -> datetime:
        """The portal's time, UTC."""
        return self.business_at(system_now())

    def business_at(self, at: datetime) -> datetime:
        """The portal's time at an instant of real time, as the clock is set now."""
        if self.origin_business is None:
            return at
        return self.origin_business + self.rate * (at - self.origin_system)

    def system_now(self) -> datetime:
        """The real time, UTC."""
        return system_now()

    def advance(self, by: timedelta) -> None:
        """Moves this process's business time forward; tests and what-if questions use it."""
        if by < timedelta(0):
            raise ValueError(f"business time does not go back: {by}")
        self.origin_business = self.business_now() + by
        self.origin_system = system_now()

    @classmethod
    async def load(cls, db: "Database") -> Self:
        """The clock that all processes of the portal share, as its row says it now."""
        clock = cls()
        await clock.refresh(db)
        return clock

    async def refresh(self, db: "Database") -> None:
        """Reads the row again, for a clock that was set while this process runs; of two readings at once
        the one that was asked for later counts.
        """
        async with self._lock:
            async with db.engine.connect() as connection:
                row = (await connection.execute(_LOAD)).one_or_none()
            if row is None:
                self.origin_business, self.rate = None, 1
            else:
                self.origin_business, self.origin_system, self.rate = row


async def set_clock(db: "Database", at: datetime | None, rate: int = 1) -> None:
    """Sets the business time of every process on this database; None gives it back to real time."""
    async with db.engine.begin() as connection:
        if at is None:
            await connection.execute(_RESET)
        else:
            if at.tzinfo is None:
                raise ValueError(f"an instant needs an offset: {at.isoformat()}")
            await connection.execute(_SET, {"business": at, "system": system_now(), "rate": rate})
