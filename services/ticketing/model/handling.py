"""What the publisher's technicians say of a ticket."""

from dataclasses import dataclass

from services.ticketing.model.clocks import Criticality
from services.ticketing.model.tickets import LeftOut, ScopeReason


@dataclass(frozen=True, slots=True)
class Qualification:
    """The five facts that decide an anomaly's criticality (1-a to 1-c), and why they are so.

    `essential` None: whether the product's catalogue entry names the ticket's feature among the essential
    ones decides.
    """

    departs: bool
    reproducible: bool
    inoperative: bool
    workaround: bool
    essential: bool | None = None
    explanation: str | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Why a ticket is none in the contract's sense; what is out of scope names which part of 13.2-b."""

    left_out: LeftOut
    explanation: str
    scope: ScopeReason | None = None


Finding = Criticality | Leaving
"""What a qualification comes to."""
