"""What the committed share of tickets is counted in: years of support, tickets by standing, and rates."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.ticketing.model.clocks import Verdict


class Standing(StrEnum):
    """Where a ticket stands in the share of its year."""

    counted = "counted"
    pending = "pending"
    """Not taken in charge, and not due yet."""
    left_out = "left_out"
    """No ticket in the contract's sense."""
    set_apart = "set_apart"
    """The customer's own duty was not met, or its support was suspended."""


@dataclass(frozen=True, slots=True)
class ShareTerms:
    """What the booklet commits to: a share of tickets, in whole percent, over periods of so many months."""

    committed_percent: int
    months: int


@dataclass(frozen=True, slots=True)
class PlanPeriod:
    """A customer's plan from `since` on, until the next one's."""

    since: datetime
    plan: str


@dataclass(frozen=True, slots=True)
class SupportSpan:
    """Support without a gap, [since, until); `until` None: it goes on."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SupportYear:
    """A contract year of support, [starts_at, ends_at), numbered from 1 in order."""

    number: int
    starts_at: datetime
    ends_at: datetime
    running: bool
    """Whether it has not ended yet: the current one so far."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many tickets of a year are alike. At most one reason is told: what is left out is not set apart."""

    verdict: Verdict
    tickets: int
    left_out: str | None = None
    set_apart: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """The tickets whose take-charge has a verdict, and what share of them kept their limit."""

    kept: int
    missed: int
    rate: str | None
    """Percent, three decimals, rounded down; None without a ticket."""
    holds: bool | None
    """Whether the commitment is kept, on the exact value; None without a ticket."""


@dataclass(frozen=True, slots=True)
class YearShares:
    """A year's share, and beside it the share with what it does not count."""

    counted: Share
    with_left_out: Share
    with_set_apart: Share
    with_both: Share


@dataclass(frozen=True, slots=True)
class YearReport:
    """A year's tickets, what was committed for it, and what became of that."""

    year: SupportYear
    committed_percent: int
    counts: tuple[Count, ...]
    shares: YearShares


@dataclass(frozen=True, slots=True)
class Compliance:
    """Every year of a customer's support, and its tickets outside any: taken before a lapse was heard of."""

    as_of: datetime
    years: tuple[YearReport, ...]
    outside: int


@dataclass(frozen=True, slots=True)
class ComplianceLine:
    """A support ticket's take-charge, as its year's share sees it."""

    ticket_id: UUID
    reference: str
    plan: str
    registered_at: datetime
    due_at: datetime
    taken_in_charge_at: datetime | None
    limit_seconds: int
    elapsed_seconds: int
    """Open seconds to the take-charge, or until now."""
    verdict: Verdict
    standing: Standing
    reason: str | None
    """Why it is left out or set apart."""
    explanation: str | None
    """The same, in the words of who decided it."""
