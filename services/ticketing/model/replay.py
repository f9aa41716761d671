"""An event log from elsewhere, and what became of it when it ran through the real commands."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Deed(StrEnum):
    """What an activity of a log stands for here. `nothing`: the contract has no act for it."""

    register = "register"
    take_in_charge = "take_in_charge"
    qualify_1 = "qualify_1"
    qualify_2 = "qualify_2"
    qualify_3 = "qualify_3"
    provide_plan = "provide_plan"
    provide_fix = "provide_fix"
    begin_wait = "begin_wait"
    end_wait = "end_wait"
    out_of_scope = "out_of_scope"
    not_reproducible = "not_reproducible"
    as_documented = "as_documented"
    duty_not_met = "duty_not_met"
    close = "close"
    nothing = "nothing"


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One line of a log."""

    line: int
    case: str
    activity: str
    at: datetime


@dataclass(slots=True)
class Case:
    """A case that was registered here, as far as it has been replayed."""

    ticket_id: UUID
    taken: bool = False
    waiting: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A deed that a command refused: which, and the refusal's name."""

    deed: Deed
    slug: str


@dataclass(slots=True)
class Account:
    """What became of each event, and of each case: nothing of a log is lost without being told here."""

    deeds: Mapping[str, Deed]
    events: int = 0
    cases: dict[str, Case | None] = field(default_factory=dict)
    """None: its registration was refused."""
    registering: int = 0
    """Events that registered their case and stand for nothing else."""
    done: Counter[Deed] = field(default_factory=Counter)
    nothing: Counter[str] = field(default_factory=Counter)
    """Events that stand for no act, by activity."""
    refused: Counter[Refused] = field(default_factory=Counter)
    refused_first: dict[Refused, tuple[int, str]] = field(default_factory=dict)
    """The line at which each was refused first, and the refusal's words."""
    unregistered: int = 0
    """Events of cases whose registration was refused."""
    waits_ended: int = 0
    """Waits that whatever happened next in the case ended."""
    closed_hours: int = 0
    """Cases registered outside the plan's opening hours, weekends included."""
    weekend: int = 0

    @property
    def registered(self) -> list[Case]:
        """The cases that became tickets."""
        return [case for case in self.cases.values() if case is not None]
