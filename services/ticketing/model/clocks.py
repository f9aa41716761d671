"""What ticketing speaks of: the facts of a ticket, the terms it was promised, the clocks that judge it.

Frozen values and enumerations only; nothing here decides or stores anything.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum


class SupportedPlan(StrEnum):
    """The plans that have support; `connect` has requests to customer service only (13.2-a)."""

    open = "open"
    private = "private"


class Criticality(IntEnum):
    """1 is the gravest. Only the publisher qualifies (1-d)."""

    one = 1
    two = 2
    three = 3


class NoAnomaly(StrEnum):
    """Why what a customer reports is no anomaly."""

    as_documented = "as_documented"
    not_reproducible = "not_reproducible"


class Verdict(StrEnum):
    """`running`: not ended, and its limit not exceeded yet."""

    kept = "kept"
    missed = "missed"
    running = "running"


@dataclass(frozen=True, slots=True)
class Pause:
    """A time [since, until) of waiting or of suspension; `until` None is still going on."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What happened to one ticket, as far as its clocks care."""

    plan: SupportedPlan
    registered_at: datetime
    taken_in_charge_at: datetime | None = None
    qualified_at: datetime | None = None
    reproduced_at: datetime | None = None
    criticality: Criticality | None = None
    provided_at: datetime | None = None
    waits: tuple[Pause, ...] = ()
    suspensions: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a ticket was promised: frozen when it is registered (R1)."""

    calendar: str
    frozen_on: date
    """The day whose hours of that calendar count."""
    take_charge_seconds: int
    plan_seconds: int
    """The limit of a corrective plan, criticality 1."""
    correction_days: int
    """The business days of a correction, criticality 2."""
    net_decides: bool
    """Whether time that waited for the customer is left out of the verdict."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One contractual clock as it stands: seconds are open seconds of the plan's own hours."""

    starts_at: datetime
    due_at: datetime
    limit_seconds: int
    elapsed_seconds: int
    net_seconds: int
    """Elapsed without the time that waited for the customer."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """Both clocks of a ticket; `correction` is None before it starts, and for criticality 3."""

    take_charge: Clock
    correction: Clock | None
