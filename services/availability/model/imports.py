"""A file of interruptions: its columns, its lines, and what became of each. Frozen values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.availability.model.rates import PRODUCTION, ExclusionKind

OUTAGE, IGNORED = "outage", "ignore"


@dataclass(frozen=True, slots=True)
class ImportTerms:
    """How a file is read. `columns` maps our columns to the file's, `kinds` its words to ours."""

    columns: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    zone: ZoneInfo | None = None
    """Of instants without an offset; None: these are refused."""
    environment: str = PRODUCTION
    """Of lines that name none."""


@dataclass(frozen=True, slots=True)
class Interruption:
    """A line that was read: an outage (`exclusion` None), or what is left out of unavailability."""

    line: int
    key: str
    """Names it in its file, so that it is known again."""
    starts_at: datetime
    ends_at: datetime
    exclusion: ExclusionKind | None
    environment: str
    offering_code: str | None
    title: str


class LineFate(StrEnum):
    """What became of a line."""

    created = "created"
    unchanged = "unchanged"
    ignored = "ignored"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """A line's fate, and the reason where it was refused or ignored."""

    line: int
    fate: LineFate
    reason: str = ""
    key: str = ""
