"""The record and the closed months as they stand, said again: what a service that was added later, or
restored, learns from.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from chassis.db import Tx
from contracts.events import Event
from contracts.events.availability import AvailabilityMonthClosed
from services.availability.commands import exclusions, maintenance, outages
from services.availability.model.records import MaintenanceKind, MaintenanceRecord, OutageRecord, OutageState
from services.availability.store.exclusions import list_after as list_exclusions_after
from services.availability.store.maintenance import list_after as list_maintenance_after
from services.availability.store.months import list_last_after
from services.availability.store.outages import list_after as list_outages_after

AT_ONCE = 100
START = UUID(int=0)


def _of_outage(outage: OutageRecord) -> Iterable[Event]:
    yield outages.detected(outage)
    if outage.ends_at is not None:
        yield outages.ended(outage)
    if outage.state is OutageState.merged:
        yield outages.corrected(outage, "merged")
    if outage.state is OutageState.withdrawn:
        yield outages.corrected(outage, "withdrawn")


def _of_maintenance(record: MaintenanceRecord) -> Iterable[Event]:
    if record.kind is MaintenanceKind.planned:
        yield maintenance.planned(record)
    if record.started_at is not None:
        yield maintenance.started(record)
    if record.ended_at is not None:
        yield maintenance.ended(record)
    if record.cancelled_at is not None:
        yield maintenance.cancelled(record)


def _of_month(row: Row[Any]) -> Iterable[Event]:
    yield AvailabilityMonthClosed(
        customer_id=row.customer_id,
        month=row.month,
        revision=row.revision,
        reference_seconds=row.reference_seconds,
        unavailable_seconds=row.unavailable_seconds,
        rate=row.shown,
        kept=row.kept,
        explanation=row.explanation,
        closed_at=row.closed_at,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What is listed in order of its keys, from the one that comes before all on, and what each says."""

    list_after: Callable[[Tx, Any, int], Awaitable[Sequence[Any]]]
    says: Callable[[Any], Iterable[Event]]
    key_of: Callable[[Any], Any]
    start: Any = START

    async def said(self, tx: Tx) -> AsyncIterator[Event]:
        """All of it, read part by part."""
        after = self.start
        while rows := await self.list_after(tx, after, AT_ONCE):
            for row in rows:
                for event in self.says(row):
                    yield event
            after = self.key_of(rows[-1])


PARTS = (
    _Part(list_outages_after, _of_outage, lambda row: row.outage_id),
    _Part(list_exclusions_after, lambda row: [exclusions.excluded(row)], lambda row: row.exclusion_id),
    _Part(list_maintenance_after, _of_maintenance, lambda row: row.maintenance_id),
    _Part(list_last_after, _of_month, lambda row: (row.customer_id, row.month), (START, "")),
)


async def resync(tx: Tx) -> AsyncIterator[Event]:
    """Outages, exclusions, maintenance and each closed month's last revision, as they stand now.

    That a commitment was lost is a moment, not a state: it is not said again.
    """
    for part in PARTS:
        async for event in part.said(tx):
            yield event
