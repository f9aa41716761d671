"""Acting for a customer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.tenancy.schemas.fields import Asked, PersonName, Reason, Shown


class RepresentationAsked(Asked):
    """For whom one acts, why, and for how long."""

    customer_id: UUID
    reason: Annotated[Reason, Field(examples=["Ticket T-2026-0042: the import does not end."])]
    minutes: Annotated[int, Field(ge=1, le=60)] = 30


class RepresentationShown(Shown):
    """Who acts for the customer, why and until when; `ended_at` when it was ended before."""

    representation_id: UUID
    customer_id: UUID
    person_id: UUID
    name: PersonName
    reason: Reason
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None
