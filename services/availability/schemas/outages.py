"""The shapes of outages."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from services.availability.model.rates import PRODUCTION
from services.availability.model.records import OutageSource, OutageState
from services.availability.schemas.fields import (
    Asked,
    CustomerIds,
    CustomerIdsKept,
    Description,
    DescriptionKept,
    EndKept,
    Environment,
    EnvironmentKept,
    Moment,
    NoteText,
    OfferingCode,
    Reason,
    Scope,
    Shown,
    Title,
    Told,
)

MAX_MERGED = 100


class OutageWording(Asked):
    """What is said of an outage: what is down, for whom, and when."""

    title: Title
    description: Description = ""
    starts_at: Moment
    ends_at: Moment | None = Field(default=None, description="Null while it goes on.")
    offering_code: OfferingCode | None = Field(default=None, description="Null: the portal itself.")
    environment: Environment = PRODUCTION
    customer_ids: CustomerIds = None


class NewOutage(OutageWording):
    """An outage that operations put on record."""

    known_from: NoteText = Field(description="Where its bounds are known from; kept as evidence.")


class OutageCorrection(OutageWording):
    """An outage as it is to stand, and why. What is left out stays as it is."""

    ends_at: EndKept = None
    offering_code: OfferingCode | None = Field(
        default=None, description="Null: the portal itself; left out: what it is of already."
    )
    environment: EnvironmentKept = Field(default_factory=str)
    description: DescriptionKept = Field(default_factory=str)
    customer_ids: CustomerIdsKept = None
    reason: Reason


class OutageEnd(Asked):
    """The end of an outage."""

    ended_at: Moment | None = Field(default=None, description="Now, unless said.")
    known_from: NoteText | None = Field(
        default=None, description="Where that is known from; kept as evidence."
    )


class OutageMerge(Asked):
    """Outages that are one with the one that is addressed."""

    outage_ids: list[UUID] = Field(min_length=1, max_length=MAX_MERGED)
    reason: Reason


class OutageSplit(Asked):
    """The instant at which an outage becomes two."""

    at: Moment
    reason: Reason


class NewNote(Asked):
    """A piece of evidence, in words."""

    text: NoteText


class OutageShown(Shown):
    """An outage, as those it touches read it."""

    outage_id: UUID
    offering_code: OfferingCode | None = Field(description="Null: the portal itself.")
    environment: Environment
    scope: Scope
    title: Title
    description: Description
    starts_at: datetime
    ends_at: datetime | None
    state: OutageState
    merged_into: UUID | None
    source: OutageSource
    detected_at: datetime
    counts: bool = Field(
        description="Whether it makes unavailability: of the portal itself, in production (6-f),"
        " neither merged nor withdrawn. A service that is down has a rate of its own (R5)."
    )
    revision: int


class OutageOnRecord(OutageShown):
    """An outage, as the publisher's staff reads it."""

    source_key: Told | None = Field(description="The target of a probe, or the fingerprint of an alert.")
    opened_by: UUID | None


class OutageHalves(Shown):
    """The two outages that a split made."""

    first: OutageOnRecord
    second: OutageOnRecord


class EvidenceShown(Shown):
    """A piece of evidence, as it was added."""

    number: int
    at: datetime
    kind: Annotated[str, StringConstraints(max_length=40), Field(examples=["note"])]
    content: dict[str, Any]
