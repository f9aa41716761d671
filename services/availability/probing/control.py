"""The prober watches itself: what it finds while its own machine or network fails says nothing of targets.

A failure is looked at again when it was found: does the event loop keep up, did the clock step, does any
reference address answer?
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chassis.clock import monotonic, system_now
from services.availability.model.probes import Fault, Outcome, ProbeResult

BEAT_SECONDS = 0.1
LAG_SECONDS = 1.0
STEP_SECONDS = 1.0
CHECKED_FOR_SECONDS = 5.0
CONNECT_SECONDS = 2.0


@dataclass(slots=True)
class Control:
    """What is known of the prober itself."""

    references: Sequence[tuple[str, int]] = ()
    lagged_at: float = float("-inf")
    stepped_at: float = float("-inf")
    _checked_at: float = float("-inf")
    _has_network: bool = True
    _checking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def beat(self) -> None:
        """Until cancelled: measures how late the event loop is, and whether the clock steps."""
        offset = system_now().timestamp() - monotonic()
        while True:
            began = monotonic()
            await asyncio.sleep(BEAT_SECONDS)
            now = monotonic()
            self.felt(now - began - BEAT_SECONDS, system_now().timestamp() - now - offset, now)
            offset = system_now().timestamp() - now

    def felt(self, lag: float, step: float, now: float) -> None:
        """A beat came so late, in seconds, and the clock was set by so much since the one before."""
        if lag > LAG_SECONDS:
            self.lagged_at = now
        if abs(step) > STEP_SECONDS:
            self.stepped_at = now

    async def judged(self, result: ProbeResult, began: float) -> ProbeResult:
        """The result of a run that began then; a failure is the prober's own while it could not tell."""
        if result.outcome is not Outcome.down:
            return result
        fault = await self._own_fault(began)
        return result if fault is None else replace(result, outcome=Outcome.prober_fault, fault=fault)

    async def _own_fault(self, began: float) -> Fault | None:
        if self.stepped_at >= began:
            return Fault.clock_stepped
        if self.lagged_at >= began:
            return Fault.overloaded
        return None if await self.has_network() else Fault.no_network

    async def has_network(self) -> bool:
        """Whether a reference answers, asked at most every few seconds; True without references."""
        if not self.references:
            return True
        async with self._checking:
            if monotonic() - self._checked_at > CHECKED_FOR_SECONDS:
                answers = await asyncio.gather(*(_answers(*each) for each in self.references))
                self._has_network, self._checked_at = any(answers), monotonic()
        return self._has_network


async def _answers(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def references_in(written: str) -> tuple[tuple[str, int], ...]:
    """Addresses `host:port` with commas between. Raises ValueError for what is none."""
    found = []
    for part in written.split(","):
        if part.strip():
            host, _, port = part.strip().rpartition(":")
            if not host or not port.isdigit():
                raise ValueError(f"{part.strip()!r} is no host:port")
            found.append((host.strip("[]"), int(port)))
    return tuple(found)
