"""The shapes of exclusions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.availability.model.rates import PRODUCTION, ExclusionKind
from services.availability.schemas.fields import (
    Asked,
    ClauseReason,
    CustomerIds,
    CustomerIdsKept,
    EndKept,
    Environment,
    EnvironmentKept,
    Moment,
    Reason,
    Scope,
    Shown,
)


class NewExclusion(Asked):
    """What is to be left out of unavailability, and why (6-d). Urgent maintenance makes its own (5-e)."""

    kind: ExclusionKind = Field(examples=[ExclusionKind.force_majeure])
    starts_at: Moment
    ends_at: Moment | None = Field(default=None, description="Null while it goes on.")
    reason: ClauseReason = ""
    environment: Environment = PRODUCTION
    customer_ids: CustomerIds = None


class ExclusionCorrection(NewExclusion):
    """An exclusion as it is to stand, and why it is corrected. What is left out stays as it is, but not its
    reason: an exclusion without one is none (6-d).
    """

    ends_at: EndKept = None
    environment: EnvironmentKept = Field(default_factory=str)
    customer_ids: CustomerIdsKept = None
    correction_reason: Reason


class ExclusionShown(Shown):
    """An exclusion with its evidence: its type, reason, author and the instant it was given (6-d)."""

    exclusion_id: UUID
    kind: ExclusionKind
    environment: Environment
    scope: Scope
    starts_at: datetime
    ends_at: datetime | None
    reason: ClauseReason
    recorded_at: datetime
    recorded_by: UUID
    maintenance_id: UUID | None = Field(description="The urgent maintenance that made it.")
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None
    withdrawn_reason: Reason | None
    reference_seconds: int = Field(
        ge=0, description="Until now, the seconds of the reference period in which it leaves something out."
    )
    remark: Annotated[str, StringConstraints(max_length=300)] | None = Field(
        description="Why it leaves nothing out, where it does not by its nature."
    )
    revision: int
