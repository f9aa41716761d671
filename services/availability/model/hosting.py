"""The hosting register (7-a): commitments, dated evidence that each is held, reminders before that ends."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class EntryState(StrEnum):
    """How a commitment stands by its evidence on a day."""

    held = "held"
    due_soon = "due_soon"
    """Held, and its evidence ends within the days of the reminder."""
    expired = "expired"
    missing = "missing"
    """There is no evidence that it was ever held."""


class ReminderKind(StrEnum):
    """Operations are reminded before evidence ends, and once it has."""

    due_soon = "due_soon"
    expired = "expired"


@dataclass(frozen=True, slots=True)
class HostingTerms:
    """What the booklet in force commits to: the names of the commitments, and how early to remind."""

    commitments: tuple[str, ...]
    reminder_days: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document that shows a commitment held from a day through another, both in the booklet's time zone."""

    evidence_id: UUID
    commitment: str
    document: str
    dated_on: date
    valid_until: date
    recorded_at: datetime
    recorded_by: UUID
    sha256: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None
    withdrawn_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """How a commitment is held, as it was written; revision 0: nothing was yet."""

    name: str
    description: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A commitment with the evidence that counts for it, if there is any."""

    commitment: Commitment
    state: EntryState
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """That evidence ends, or has ended, is told from this instant on."""

    evidence_id: UUID
    kind: ReminderKind
    due_at: datetime
