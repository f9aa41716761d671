"""What availability says: outages and what excludes them, maintenance, months and their contractual rate."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.events.fields import Instant, Name, OfferingCode, Sentence
from contracts.events.registry import CustomerEvent, PortalEvent, event

Environment = Annotated[str, Field(min_length=1, max_length=64)]
Customers = Annotated[list[UUID], Field(max_length=20_000)]
MonthName = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$", max_length=7)]
RateShown = Annotated[str, Field(pattern=r"^[0-9]{1,3}\.[0-9]{3}$", max_length=7)]
"""Percent, three decimals, rounded down, as text: no reader makes a float of it."""
Seconds = Annotated[int, Field(ge=0, le=1_000_000_000)]
Revision = Annotated[int, Field(ge=1, le=1_000_000)]
OutageSource = Literal["probe", "alert", "operations", "import"]


class _OutageEvent(PortalEvent):
    """`offering_code` is null where the portal itself is down; `customers` where all are touched."""

    outage_id: UUID
    offering_code: OfferingCode | None
    environment: Environment
    customers: Customers | None

    def subject(self) -> str:
        return str(self.outage_id)


@event("livret.availability.OutageDetected.v1")
class OutageDetected(_OutageEvent):
    """One cannot reach a service, or not log in to it, since `started_at`."""

    source: OutageSource
    started_at: Instant
    detected_at: Instant


@event("livret.availability.OutageEnded.v1")
class OutageEnded(_OutageEvent):
    """One can again, since `ended_at`."""

    started_at: Instant
    ended_at: Instant


@event("livret.availability.OutageCorrected.v1")
class OutageCorrected(_OutageEvent):
    """An outage is on record otherwise than it was said: corrected, merged, split or withdrawn."""

    change: Literal["corrected", "merged", "split", "withdrawn"]
    started_at: Instant
    ended_at: Instant | None
    revision: Revision


@event("livret.availability.OutageExcluded.v1")
class OutageExcluded(PortalEvent):
    """What is interrupted in this interval is no unavailability, for the reason given (6-d).

    Said again when it ends or is corrected; `withdrawn_at` when it leaves nothing out any more.
    """

    exclusion_id: UUID
    kind: Literal[
        "maintenance_window", "urgent_maintenance", "force_majeure", "customer_equipment", "outside_perimeter"
    ]
    reason: Sentence
    customers: Customers | None
    starts_at: Instant
    ends_at: Instant | None
    recorded_at: Instant
    withdrawn_at: Instant | None = None

    def subject(self) -> str:
        return str(self.exclusion_id)


class _MaintenanceEvent(PortalEvent):
    maintenance_id: UUID
    kind: Literal["planned", "urgent"]

    def subject(self) -> str:
        return str(self.maintenance_id)


@event("livret.availability.MaintenancePlanned.v1")
class MaintenancePlanned(_MaintenanceEvent):
    """Planned maintenance was announced as it now stands, at `announced_at` (5-d)."""

    title: Name
    blocking: bool
    starts_at: Instant
    ends_at: Instant
    announced_at: Instant
    revision: Revision


@event("livret.availability.MaintenanceCancelled.v1")
class MaintenanceCancelled(_MaintenanceEvent):
    """Planned maintenance will not be."""

    cancelled_at: Instant


@event("livret.availability.MaintenanceStarted.v1")
class MaintenanceStarted(_MaintenanceEvent):
    """Maintenance goes on since `started_at`; urgent maintenance is on record only from there (R6)."""

    title: Name
    started_at: Instant


@event("livret.availability.MaintenanceEnded.v1")
class MaintenanceEnded(_MaintenanceEvent):
    """Maintenance is over; `overrun_seconds` after the end that was announced."""

    ended_at: Instant
    overrun_seconds: Seconds


@event("livret.availability.AvailabilityMonthClosed.v1")
class AvailabilityMonthClosed(CustomerEvent):
    """A customer's month is closed with its evidence; a later revision explains itself (6-h).

    `rate` and `kept` are null where the month has no reference period.
    """

    month: MonthName
    revision: Revision
    reference_seconds: Seconds
    unavailable_seconds: Seconds
    rate: RateShown | None
    kept: bool | None
    explanation: Sentence
    closed_at: Instant

    def subject(self) -> str:
        return self.month


@event("livret.availability.AvailabilityBelowCommitment.v1")
class AvailabilityBelowCommitment(CustomerEvent):
    """Since `lost_at` a customer's month can no longer meet the commitment (6-a)."""

    month: MonthName
    lost_at: Instant
    unavailable_seconds: Seconds
    reference_seconds: Seconds

    def subject(self) -> str:
        return self.month
