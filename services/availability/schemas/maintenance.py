"""The shapes of maintenance."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.availability.model.records import MaintenanceKind, MaintenanceState
from services.availability.schemas.fields import (
    Asked,
    ClauseReason,
    Description,
    Moment,
    Reason,
    Shown,
    Title,
)


class NewMaintenance(Asked):
    """Planned maintenance to announce (5-c, 5-d)."""

    title: Title
    description: Description = ""
    starts_at: Moment
    ends_at: Moment
    blocking: bool = Field(default=True, description="Whether the service cannot be used meanwhile.")


class MaintenanceChange(NewMaintenance):
    """Planned maintenance as it is to stand: all of it, and why."""

    reason: Reason


class UrgentMaintenance(Asked):
    """Urgent maintenance, which goes on as of now (5-e, R6)."""

    title: Title
    reason: ClauseReason = ""
    blocking: bool = Field(default=True, description="Whether the service cannot be used meanwhile.")
    expected_end: Moment | None = Field(default=None, description="A guess; it lasts until it is ended.")


class MaintenanceEnd(Asked):
    """The end of maintenance."""

    ended_at: Moment | None = Field(default=None, description="Now, unless said.")


class OverrunShown(Shown):
    """How long maintenance went on after the end that was announced; nothing of it is excluded (R5)."""

    since: datetime
    seconds: int = Field(ge=1)
    reference_seconds: int = Field(
        ge=0, description="Those in the reference period: where an outage meanwhile is unavailability."
    )


class MaintenanceShown(Shown):
    """Maintenance as announced, and as it was."""

    maintenance_id: UUID
    kind: MaintenanceKind
    title: Title
    description: Description = Field(description="The reason of urgent maintenance.")
    blocking: bool
    starts_at: datetime
    ends_at: datetime | None = Field(description="Of urgent maintenance, a guess.")
    announced_at: datetime = Field(description="When it was announced as it stands: proof of its notice.")
    started_at: datetime | None
    ended_at: datetime | None
    cancelled_at: datetime | None
    state: MaintenanceState
    overrun: OverrunShown | None
    revision: int
