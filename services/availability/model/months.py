"""What a month's rate is made of: records, the contract, and the evidence that a closed month keeps.

Frozen values only; nothing here decides or stores anything.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.availability.model.rates import ExclusionKind, Interval, Span


@dataclass(frozen=True, slots=True)
class Contract:
    """The days that a customer's contract covers, both included; None: it is renewed."""

    starts_on: date
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class KnownOutage:
    """An outage as it stands on record. `offering_code` None: the portal; `ends_at` None: it goes on."""

    outage_id: UUID
    revision: int
    offering_code: str | None
    environment: str
    source: str
    title: str
    starts_at: datetime
    ends_at: datetime | None
    everybody: bool
    """Whether it touches every customer, and not only those it names."""


@dataclass(frozen=True, slots=True)
class KnownExclusion:
    """An exclusion as it stands on record (6-d)."""

    exclusion_id: UUID
    revision: int
    kind: ExclusionKind
    environment: str
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    recorded_at: datetime
    recorded_by: UUID
    everybody: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record and touches a customer, each part in order of start and id."""

    outages: tuple[KnownOutage, ...] = ()
    exclusions: tuple[KnownExclusion, ...] = ()


class Why(StrEnum):
    """What became of a piece of an outage."""

    counted = "counted"
    counted_already = "counted_already"
    """Another outage, which began earlier, counts these seconds (6-e)."""
    excluded = "excluded"
    outside_month = "outside_month"
    outside_reference_period = "outside_reference_period"
    outside_contract = "outside_contract"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an outage, whole seconds, with what became of it; `exclusion_id` where one cut it out."""

    starts_at: datetime
    ends_at: datetime
    why: Why
    exclusion_id: UUID | None = None

    @property
    def seconds(self) -> int:
        """Its length."""
        return int((self.ends_at - self.starts_at).total_seconds())


@dataclass(frozen=True, slots=True)
class ExplainedOutage:
    """An outage and its pieces, in order: together they are the whole of it."""

    outage: KnownOutage
    pieces: tuple[Piece, ...]

    @property
    def counted_seconds(self) -> int:
        """What it adds to the month's unavailability."""
        return sum(piece.seconds for piece in self.pieces if piece.why is Why.counted)


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the formula, with the clause it follows."""

    clause: str
    symbol: str
    expression: str
    value: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Seconds of the reference period that were down and left out, for that type and reason (6-d)."""

    kind: ExclusionKind
    reason: str
    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a month was closed on: a revision is made when one of these is another."""

    reference_seconds: int
    unavailable_seconds: int
    retained: tuple[Interval, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A customer's month with all that made its rate. Names no customer: many share one."""

    month: str
    starts_at: datetime
    ends_at: datetime
    until: datetime
    """Up to when it is reckoned: the month's end, or an instant inside a month that still runs."""
    covered: tuple[Span, ...]
    reference: tuple[Span, ...]
    reference_seconds: int
    unavailable_seconds: int
    allowed_seconds: int
    """The most unavailability with which the whole month is still kept."""
    committed_rate: Decimal
    rate_numerator: int | None
    rate_denominator: int | None
    """The rate in percent, exact; None without a reference period."""
    shown: str | None
    kept: bool | None
    lost_at: datetime | None
    retained: tuple[Span, ...]
    outages: tuple[ExplainedOutage, ...]
    exclusions: tuple[KnownExclusion, ...]
    formula: tuple[Step, ...]


class MonthState(StrEnum):
    """Where a customer's month stands."""

    to_come = "to_come"
    running = "running"
    over = "over"
    """And not closed: it settles, or ended before months were closed for this customer."""
    closed = "closed"


class Happened(StrEnum):
    """What a record did between two revisions of a month."""

    added = "added"
    removed = "removed"
    changed = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """A record that is otherwise than a closed month had it; the contract has no id and no revisions."""

    record: str
    """outage, exclusion or contract."""
    what: Happened
    record_id: UUID | None = None
    title: str = ""
    revision_before: int | None = None
    revision_after: int | None = None
    counted_before: int | None = None
    """Seconds that an outage added to the unavailability."""
    counted_after: int | None = None


@dataclass(frozen=True, slots=True)
class InformativeRate:
    """R5, 6-f: the rate of a service, or of an environment, that no commitment is measured by."""

    offering_code: str | None
    environment: str
    reference_seconds: int
    unavailable_seconds: int
    shown: str | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """A running month if what goes on now lasts until an instant."""

    until: datetime
    reference_seconds: int
    unavailable_seconds: int
    shown: str | None
    kept: bool | None
    lost_at: datetime | None
