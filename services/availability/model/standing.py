"""What is confirmed of a target from what its places found. Frozen values; instants are of real time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from services.availability.model.probes import Outcome


@dataclass(frozen=True, slots=True)
class Finding:
    """What confirmation looks at of a result."""

    place: str
    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Streak:
    """A place's findings of one kind in a row: the first, the last ones, and the last other one before."""

    outcome: Outcome
    count: int
    since: datetime
    last: tuple[datetime, ...]
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A target was down, confirmed: from the first failed probe to the first successful one (R5)."""

    starts_at: datetime
    confirmed_at: datetime
    places: tuple[str, ...]
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run that is on record as an outage."""

    down_since: datetime
    up_since: datetime | None
    outage_id: UUID


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a target after some findings: each place's streak, the run that goes on, and when the
    one before it ended.
    """

    streaks: Mapping[str, Streak] = field(default_factory=dict)
    run: Run | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownUntil:
    """What is known of a target for good: from all that was found before an instant."""

    standing: Standing
    known_until: datetime
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """A target that was followed: what is known for good now, and the runs there were, as far as is told, but
    for those that were known for good to be over.
    """

    known: KnownUntil
    runs: tuple[Run, ...]


STANDING: TypeAdapter[Standing] = TypeAdapter(Standing)
