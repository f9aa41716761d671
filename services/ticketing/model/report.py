"""The detailed report of a month of the private plan's tickets (13.11-a)."""

from dataclasses import dataclass
from datetime import datetime

from services.ticketing.model.tickets import TicketKind


@dataclass(frozen=True, slots=True)
class ReportMonth:
    """A calendar month of the booklet's time zone, [starts_at, ends_at), and until when it is known."""

    name: str
    starts_at: datetime
    ends_at: datetime
    known_until: datetime

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.known_until < self.ends_at


@dataclass(frozen=True, slots=True)
class Delays:
    """How long it took, in seconds: so many had it, and the least time that half, nine tenths and nineteen
    twentieths of them did not exceed. None without any.
    """

    tickets: int
    p50: int | None
    p90: int | None
    p95: int | None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How many kept their limit, and how many did not."""

    kept: int
    missed: int


@dataclass(frozen=True, slots=True)
class Group:
    """The tickets registered in the month that have this kind, product or criticality; of all when none is
    named. `by` says which of these the group is made by.
    """

    by: str
    kind: TicketKind | None
    product: str | None
    criticality: int | None
    registered: int
    taken_in_charge: int
    closed: int
    left_out: int
    set_apart: int
    take_charge: Verdicts
    take_charge_open_seconds: Delays
    correction: Verdicts
    correction_open_seconds: Delays
    closing_seconds: Delays
    """By the clock on the wall: neither hours nor waits are taken off, and every kind of ticket has it."""
    backlog: int
    """Those, whenever registered, that were not closed at the month's end, or are not now."""
