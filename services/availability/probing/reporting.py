"""What was found is kept until it was told: in order, within bounds, and told again after a failure."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from uuid import UUID

from chassis import metrics
from chassis.clock import system_now
from chassis.retry import delay_seconds, describe
from chassis.telemetry import get_logger
from services.availability.model.probes import Fault, Health, ProbeResult, Report
from services.availability.probing.desks import Desk, ReportRefused

AT_ONCE = 500
_log = get_logger(__name__)


@dataclass(slots=True)
class Reporting:
    """The results of one place on their way to a desk."""

    place: str
    desk: Desk
    room: int
    under_way: dict[UUID, datetime] = field(default_factory=dict)
    """By target, the plans of runs that have begun, and of which nothing was added yet."""
    skipped: int = 0
    dropped: int = 0
    late_ms: int = 0
    fault: Fault | None = None
    faults: int = 0
    _kept: deque[ProbeResult] = field(default_factory=deque)

    def add(self, result: ProbeResult) -> None:
        """Keeps a result; where there is no room the oldest goes, and is counted."""
        if len(self._kept) >= self.room:
            self._kept.popleft()
            self.dropped += 1
        self._kept.append(result)
        self.fault = result.fault if result.outcome == "prober_fault" else None

    def __len__(self) -> int:
        return len(self._kept)

    async def tell(self) -> bool:
        """Tells the oldest results, and how the prober fares; False when that failed, and is to be tried
        again after `pause`.
        """
        batch = list(islice(self._kept, AT_ONCE))
        sent = (self.skipped, self.dropped)
        report = Report(self.place, system_now(), self._told_until(len(batch)), tuple(batch), self._health())
        try:
            await self.desk.tell(report)
        except ReportRefused as refused:
            _log.error("report_refused", place=self.place, results=len(batch), reason=str(refused))
            self.dropped += len(batch)
        except Exception as fault:  # noqa: BLE001 - whatever it is, what was found is kept and told later
            self.faults += 1
            _log.warning("not_told", place=self.place, kept=len(self._kept), reason=describe(fault))
            return False
        self.faults = 0
        self.late_ms = 0
        self.skipped, self.dropped = self.skipped - sent[0], self.dropped - sent[1]
        self._forget(batch)
        metrics.PROBE_BUFFER.labels(self.place).set(len(self._kept))
        return True

    def pause(self) -> float:
        """Seconds until it is tried again."""
        return delay_seconds(self.faults)

    def _forget(self, told: Iterable[ProbeResult]) -> None:
        """Results that were dropped meanwhile are not there any more: only those told are taken away."""
        for result in told:
            if self._kept and self._kept[0] is result:
                self._kept.popleft()

    def _told_until(self, first: int) -> datetime:
        """The earliest plan of which something is still to be told after the first results; else now."""
        rest = (result.planned_at for result in islice(self._kept, first, None))
        return min((*self.under_way.values(), *rest), default=system_now())

    def _health(self) -> Health:
        return Health(self.skipped, self.dropped, self.late_ms, self.fault)
