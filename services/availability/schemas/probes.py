"""The HTTP shapes between a place and the service: what it is to watch, and what it found."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.availability.model.probes import Fault, Outcome
from services.availability.schemas.fields import Asked, Shown
from services.availability.schemas.targets import (
    MAX_STEPS,
    PlaceCode,
    Script,
    SecretValue,
    TargetName,
    Word,
)

MAX_TARGETS = 20_000
MAX_RESULTS = 1_000

Detail = Annotated[str, StringConstraints(max_length=500), Field(examples=["answered 503"])]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class AssignmentShown(Shown):
    """A target as its place watches it, its secrets opened."""

    target_id: UUID
    revision: int
    interval_seconds: int
    script: Script
    secrets: Annotated[dict[Word, SecretValue], Field(max_length=20)]
    paused: bool = Field(description="Not to be run but when somebody tries it.")


class Assignments(Shown):
    """All that a place watches."""

    place: PlaceCode
    items: list[AssignmentShown] = Field(max_length=MAX_TARGETS)


class StepTold(Asked):
    """How one step went."""

    name: TargetName
    took_ms: Count
    fault: Fault | None = None
    status: int | None = Field(default=None, ge=100, le=599)
    detail: Detail = ""
    logs_in: bool = False


class ResultTold(Asked):
    """One run of a script; its steps up to the first that failed."""

    target_id: UUID
    revision: int = Field(ge=1, le=1_000_000)
    planned_at: AwareDatetime
    started_at: AwareDatetime
    outcome: Outcome
    steps: list[StepTold] = Field(default=[], max_length=MAX_STEPS)
    fault: Fault | None = None


class HealthTold(Asked):
    """How the prober fares since it last told."""

    skipped: Count = 0
    dropped: Count = 0
    late_ms: Count = 0
    fault: Fault | None = None


class ReportSent(Asked):
    """What a place tells at once; told again, it is taken once."""

    sent_at: AwareDatetime = Field(description="By the prober's clock.")
    told_until: AwareDatetime = Field(description="Of runs planned before it tells nothing more.")
    results: list[ResultTold] = Field(max_length=MAX_RESULTS)
    health: HealthTold = HealthTold()


class ReportTaken(Shown):
    """What became of a report."""

    new: int = Field(description="Results that were not known yet.")
    outdated: list[UUID] = Field(
        max_length=MAX_RESULTS, description="Targets that are not watched any more, or otherwise."
    )


class ResultShown(Shown):
    """What a place found."""

    place: PlaceCode
    planned_at: datetime
    started_at: datetime
    received_at: datetime
    revision: int
    outcome: Outcome
    fault: Fault | None
    took_ms: int
    steps: list[StepTold] = Field(max_length=MAX_STEPS)
