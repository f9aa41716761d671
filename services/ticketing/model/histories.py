"""What follows from a ticket's history: where it stands, its clocks, and how they read at an instant."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.ticketing.model.clocks import Criticality, Pause, Verdict
from services.ticketing.model.tickets import LeftOut, ScopeReason, SetApart, TicketState


class ClockKind(StrEnum):
    """The three limits of the contract: 13.2-e, 13.3-b, 13.3-c."""

    take_charge = "take_charge"
    corrective_plan = "corrective_plan"
    correction = "correction"


class ClockState(StrEnum):
    """`running` until it ends, its limit exceeded or not. `replaced`: stopped within its limit, without an
    answer, by a requalification, by leaving the ticket out, or because its customer closed it."""

    running = "running"
    kept = "kept"
    missed = "missed"
    suspended = "suspended"
    replaced = "replaced"


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock as it is kept: it changes when something happens, and not as time goes by.

    Seconds are open seconds of the plan's own hours; elapsed and net are told once it has ended. While a
    clock stands still `due_at` is what it was before, and it does not warn. `miss_at` is the instant at which
    elapsed exceeds the limit: while it runs, and once it does for good.
    """

    number: int
    kind: ClockKind
    state: ClockState
    starts_at: datetime
    due_at: datetime
    limit_seconds: int
    ended_at: datetime | None = None
    elapsed_seconds: int | None = None
    net_seconds: int | None = None
    warn_at: datetime | None = None
    miss_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One clock read at an instant. Elapsed and remaining make the limit as long as it is not exceeded."""

    row: ClockRow
    due_at: datetime
    """Moved by the open seconds of a stop that still goes on."""
    elapsed_seconds: int
    net_seconds: int
    remaining_seconds: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class WaitReading:
    """A time that waited for the customer, and its open seconds so far (R3)."""

    number: int
    since: datetime
    until: datetime | None
    open_seconds: int


@dataclass(frozen=True, slots=True)
class Spell:
    """The time in which an answer to one qualification was owed: from qualified and reproduced to its end."""

    criticality: Criticality
    starts_at: datetime
    ended_at: datetime | None = None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """What a history amounts to: every column of the ticket's row that follows from it, and its pauses."""

    registered_at: datetime
    state: TicketState = TicketState.registered
    acknowledged_at: datetime | None = None
    taken_in_charge_at: datetime | None = None
    taken_by: UUID | None = None
    qualified_at: datetime | None = None
    reproduced_at: datetime | None = None
    criticality: Criticality | None = None
    provided_at: datetime | None = None
    left_out: LeftOut | None = None
    left_out_scope: ScopeReason | None = None
    left_out_reason: str | None = None
    left_out_at: datetime | None = None
    set_apart: SetApart | None = None
    set_apart_reason: str | None = None
    set_apart_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: UUID | None = None
    spells: tuple[Spell, ...] = ()
    waits: tuple[Pause, ...] = ()
    suspensions: tuple[Pause, ...] = ()
    suspended_reason: str | None = None
    """Why support stood still for the first time."""

    @property
    def waiting(self) -> bool:
        """Whether it waits for the customer now."""
        return bool(self.waits) and self.waits[-1].until is None

    @property
    def suspended(self) -> bool:
        """Whether support stands still now."""
        return bool(self.suspensions) and self.suspensions[-1].until is None


FROM_STORY = (
    "state",
    "acknowledged_at",
    "taken_in_charge_at",
    "taken_by",
    "qualified_at",
    "reproduced_at",
    "criticality",
    "provided_at",
    "waiting",
    "left_out",
    "left_out_reason",
    "left_out_at",
    "set_apart",
    "set_apart_reason",
    "set_apart_at",
    "closed_at",
    "closed_by",
)
"""What of a ticket's row its history decides, besides its registration and when it is due."""
