"""The hosting register's HTTP shapes."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.languages import Language
from services.availability.hosting_words import title_of
from services.availability.model.hosting import Entry, EntryState, Evidence
from services.availability.schemas.fields import Asked, ClauseReason, Description

MAX_COMMITMENTS = 200
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)

CommitmentName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$"),
    Field(examples=["two_generators"]),
]
Title = Annotated[str, Field(max_length=200, examples=["Two backup generators"])]
Document = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$"),
    Field(examples=["Maintenance report GE-2026-04, document store"]),
]
Digest = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$", max_length=64),
    Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]),
]
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]


class NewDescription(Asked):
    """How a commitment is held."""

    description: Description


class NewEvidence(Asked):
    """A document that shows a commitment held."""

    document: Document
    sha256: Digest | None = Field(default=None, description="Of the document, where it is a file.")
    dated_on: Day
    valid_until: Day = Field(description="Its last day.")


class EvidenceWithdrawal(Asked):
    """Why evidence counts no more."""

    reason: ClauseReason


class EvidenceShown(BaseModel):
    """Evidence as it was recorded, and withdrawn if it was."""

    model_config = ConfigDict(from_attributes=True)

    evidence_id: UUID
    commitment: CommitmentName
    document: Document
    sha256: Digest | None
    dated_on: date
    valid_until: date
    recorded_at: datetime
    recorded_by: UUID
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None
    withdrawn_reason: ClauseReason | None

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """The shape of evidence."""
        return cls.model_validate(evidence)


class Held(BaseModel):
    """How a commitment stands, and between which days the evidence for it is valid."""

    commitment: CommitmentName
    title: Title
    state: EntryState
    dated_on: date | None
    valid_until: date | None

    @classmethod
    def of(cls, entry: Entry, language: Language) -> Self:
        """What customers too are shown of an entry."""
        return cls.model_validate(_held(entry, language))


class HeldSummary(BaseModel):
    """Every hosting commitment of the booklet in force (7-a)."""

    as_of: datetime
    items: list[Held] = Field(max_length=MAX_COMMITMENTS)


class EntryShown(Held):
    """An entry of the register, for the publisher's staff."""

    description: Description
    revision: int
    evidence: EvidenceShown | None

    @classmethod
    def of(cls, entry: Entry, language: Language) -> Self:
        """The whole entry."""
        told = {
            "description": entry.commitment.description,
            "revision": entry.commitment.revision,
            "evidence": EvidenceShown.of(entry.evidence) if entry.evidence else None,
        }
        return cls.model_validate(_held(entry, language) | told)


class Register(BaseModel):
    """The hosting register (7-a)."""

    as_of: datetime
    items: list[EntryShown] = Field(max_length=MAX_COMMITMENTS)


def _held(entry: Entry, language: Language) -> dict[str, object]:
    return {
        "commitment": entry.commitment.name,
        "title": title_of(entry.commitment.name, language),
        "state": entry.state,
        "dated_on": entry.evidence and entry.evidence.dated_on,
        "valid_until": entry.evidence and entry.evidence.valid_until,
    }
