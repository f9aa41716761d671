"""What ticketing says: a ticket's life and clocks, and when a customer's support stands still."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.events.fields import Instant, Name, OfferingCode, SupportPlan
from contracts.events.registry import CustomerEvent, event

Reference = Annotated[str, Field(min_length=1, max_length=20)]
TicketKind = Literal["support", "customer_service"]
Channel = Literal["portal", "telephone", "email", "api"]
ClockKind = Literal["take_charge", "corrective_plan", "correction"]
Seconds = Annotated[int, Field(ge=0, le=1_000_000_000)]
CriticalityLevel = Annotated[int, Field(ge=1, le=3)]


class _TicketEvent(CustomerEvent):
    """Ordered by customer, about one ticket. Its words are never in it: they are between the two parties."""

    ticket_id: UUID
    reference: Reference

    def subject(self) -> str:
        return str(self.ticket_id)


@event("livret.ticketing.TicketRegistered.v1")
class TicketRegistered(_TicketEvent):
    """A customer asks for help. `product` is null for what concerns the portal itself, or the contract."""

    kind: TicketKind
    channel: Channel
    plan: SupportPlan
    product: OfferingCode | None
    company_id: UUID | None
    registered_at: Instant
    take_charge_due_at: Instant | None


@event("livret.ticketing.TicketAcknowledged.v1")
class TicketAcknowledged(_TicketEvent):
    """The customer was told electronically that its ticket is registered: no take-charge (13.2-d)."""

    acknowledged_at: Instant


@event("livret.ticketing.TicketTakenInCharge.v1")
class TicketTakenInCharge(_TicketEvent):
    """A technician took the ticket in charge, after so many open seconds of its plan's hours (13.2-e)."""

    taken_by: UUID
    taken_in_charge_at: Instant
    elapsed_open_seconds: Seconds | None
    kept: bool | None


@event("livret.ticketing.AnomalyQualified.v1")
class AnomalyQualified(_TicketEvent):
    """The publisher said how grave an anomaly is (1-a to 1-d); again when it was qualified anew."""

    criticality: CriticalityLevel
    qualified_at: Instant
    requalified: bool
    correction_due_at: Instant | None


@event("livret.ticketing.TicketLeftOut.v1")
class TicketLeftOut(_TicketEvent):
    """What was asked is no ticket in the contract's sense, so that no commitment counts it."""

    reason: Literal["out_of_scope", "not_reproducible", "as_documented"]
    left_out_at: Instant


@event("livret.ticketing.LeavingOutWithdrawn.v1")
class LeavingOutWithdrawn(_TicketEvent):
    """A ticket had been left out by mistake: commitments count it as if it never had been."""

    withdrawn_at: Instant


@event("livret.ticketing.CorrectivePlanProvided.v1")
class CorrectivePlanProvided(_TicketEvent):
    """The customer has the corrective action plan of its anomaly of criticality 1 (13.3-b)."""

    provided_at: Instant
    elapsed_open_seconds: Seconds
    kept: bool


@event("livret.ticketing.FixProvided.v1")
class FixProvided(_TicketEvent):
    """The customer has a correction or a workaround (13.3-c). No clock where criticality has no limit."""

    workaround: bool
    provided_at: Instant
    elapsed_open_seconds: Seconds | None
    kept: bool | None


@event("livret.ticketing.TicketClosed.v1")
class TicketClosed(_TicketEvent):
    """Nothing more is to be done; what the customer writes from now on is another ticket."""

    closed_at: Instant


class _DeadlineEvent(_TicketEvent):
    """One clock of a ticket at one of its instants, once."""

    clock: ClockKind
    due_at: Instant
    limit_open_seconds: Seconds
    product: OfferingCode | None
    plan: SupportPlan


@event("livret.ticketing.DeadlineApproaching.v1")
class DeadlineApproaching(_DeadlineEvent):
    """Three quarters of a clock's open seconds have gone by."""

    reached_at: Instant


@event("livret.ticketing.DeadlineMissed.v1")
class DeadlineMissed(_DeadlineEvent):
    """A clock's open seconds exceed its limit; said in opening hours alone (R1).

    `missed_at` is the instant at which they first did: at a closing time at the latest.
    """

    missed_at: Instant


@event("livret.ticketing.SupportSuspended.v1")
class SupportSuspended(CustomerEvent):
    """A customer's support stands still, with immediate effect; billing goes on (13.2-h)."""

    suspension_id: UUID
    reason: Literal["users_not_trained", "remote_assistance_impossible"]
    suspended_at: Instant

    def subject(self) -> str:
        return str(self.suspension_id)


@event("livret.ticketing.SupportResumed.v1")
class SupportResumed(CustomerEvent):
    """A suspension of support ended: clocks go on, and new tickets are taken."""

    suspension_id: UUID
    resumed_at: Instant

    def subject(self) -> str:
        return str(self.suspension_id)


@event("livret.ticketing.InterventionPlanned.v1")
class InterventionPlanned(CustomerEvent):
    """The publisher's people will intervene for a customer (13.1-a)."""

    intervention_id: UUID
    kind: Literal["remote_assistance", "web_session", "on_site", "training"]
    title: Name
    starts_at: Instant
    ends_at: Instant

    def subject(self) -> str:
        return str(self.intervention_id)
