"""A ticket as it is kept, what is asked when one is registered, and what may happen to it.

Frozen values and enumerations only. A ticket's row repeats what its history says; see `rules/history`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.ticketing.model.clocks import Criticality, Terms

CUSTOMER_SERVICE_QUEUE = "customer-service"
PORTAL_QUEUE = "portal"


class TicketKind(StrEnum):
    """A ticket to support carries clocks; a request to customer service, open to every plan, has none."""

    support = "support"
    customer_service = "customer_service"


class Channel(StrEnum):
    """By which door a ticket came (13.5-a, 13.6-a)."""

    portal = "portal"
    telephone = "telephone"
    email = "email"
    api = "api"


class SupportPlan(StrEnum):
    """A customer's plan: inclusive levels."""

    connect = "connect"
    open = "open"
    private = "private"


class Urgency(StrEnum):
    """The customer's own view, kept beside the publisher's qualification and deciding nothing (1-d)."""

    low = "low"
    normal = "normal"
    high = "high"
    blocking = "blocking"


class Concern(StrEnum):
    """What of the software a ticket is about: support concerns standard features alone (1-e)."""

    standard = "standard"
    custom_report = "custom_report"
    custom_development = "custom_development"


class TicketState(StrEnum):
    """`provided`: a correction or a workaround is there."""

    registered = "registered"
    in_charge = "in_charge"
    provided = "provided"
    closed = "closed"


class LeftOut(StrEnum):
    """Why what was asked is no ticket in the contract's sense."""

    out_of_scope = "out_of_scope"
    not_reproducible = "not_reproducible"
    as_documented = "as_documented"


class ScopeReason(StrEnum):
    """13.2-b, 1-e: what support does not include, or needs."""

    user_training = "user_training"
    paid_remote_settings = "paid_remote_settings"
    file_repair_or_transfer = "file_repair_or_transfer"
    installation = "installation"
    extra_services = "extra_services"
    custom_work = "custom_work"
    not_used_as_documented = "not_used_as_documented"
    system_not_maintained = "system_not_maintained"
    system_incompatible = "system_incompatible"
    prerequisites_not_met = "prerequisites_not_met"


class SetApart(StrEnum):
    """Why a ticket is set apart from the 75 % (13.2-g, 13.2-h)."""

    duty_not_met = "duty_not_met"
    support_suspended = "support_suspended"


class SuspensionReason(StrEnum):
    """13.2-h: when support may be suspended."""

    users_not_trained = "users_not_trained"
    remote_assistance_impossible = "remote_assistance_impossible"


class Happening(StrEnum):
    """What may stand in a ticket's history. Those up to `closed` decide its clocks and its state."""

    registered = "registered"
    taken_in_charge = "taken_in_charge"
    qualified = "qualified"
    requalified = "requalified"
    reproduced = "reproduced"
    plan_provided = "plan_provided"
    fix_provided = "fix_provided"
    wait_began = "wait_began"
    wait_ended = "wait_ended"
    left_out = "left_out"
    leaving_out_withdrawn = "leaving_out_withdrawn"
    set_apart = "set_apart"
    setting_apart_withdrawn = "setting_apart_withdrawn"
    support_suspended = "support_suspended"
    support_resumed = "support_resumed"
    closed = "closed"
    acknowledged = "acknowledged"
    assigned = "assigned"
    handed_over = "handed_over"
    released = "released"
    message_added = "message_added"
    note_added = "note_added"
    attachment_added = "attachment_added"
    assistance_booked = "assistance_booked"
    assistance_moved = "assistance_moved"
    assistance_cancelled = "assistance_cancelled"
    assistance_missed = "assistance_missed"
    assistance_done = "assistance_done"
    article_suggested = "article_suggested"


INTERNAL = frozenset({Happening.assigned, Happening.handed_over, Happening.released, Happening.note_added})
"""What of a ticket's history is the publisher's own, and no customer reads."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to answer, and where."""

    person_id: UUID | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """What the customer says, in the fields that 13.2-c asks for."""

    subject: str
    context: str
    error_message: str | None = None
    menu_path: tuple[str, ...] = ()
    feature: str | None = None


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What is asked, by any channel. `of_a_company`: it is a company's people that ask (17-a)."""

    customer_id: UUID
    kind: TicketKind
    channel: Channel
    description: Description
    contact: Contact = Contact()
    product: str | None = None
    company_id: UUID | None = None
    urgency: Urgency | None = None
    concern: Concern = Concern.standard
    registered_by: UUID | None = None
    """The person, agent or program that registers it; None where a mail did."""
    of_a_company: bool = False
    follows: UUID | None = None
    """The closed ticket that this one goes on from."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of a ticket's history; `seq` orders them, and `told` holds what else matters of it."""

    seq: int
    at: datetime
    what: Happening
    by: UUID | None
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ticket:
    """The row of a ticket. `revision` grows with everything that happens to it."""

    customer_id: UUID
    ticket_id: UUID
    reference: str
    kind: TicketKind
    channel: Channel
    queue: str
    product: str | None
    company_id: UUID | None
    plan: SupportPlan
    urgency: Urgency | None
    description: Description
    contact: Contact
    terms: Terms | None
    booklet: str | None
    """Whose booklet it is that the terms are of."""
    registered_at: datetime
    registered_by: UUID | None
    state: TicketState = TicketState.registered
    acknowledged_at: datetime | None = None
    assigned_to: UUID | None = None
    assigned_at: datetime | None = None
    taken_in_charge_at: datetime | None = None
    taken_by: UUID | None = None
    qualified_at: datetime | None = None
    reproduced_at: datetime | None = None
    criticality: Criticality | None = None
    provided_at: datetime | None = None
    """When what the present criticality asks for was there: the plan (1), or a correction or workaround."""
    waiting: bool = False
    left_out: LeftOut | None = None
    left_out_reason: str | None = None
    left_out_at: datetime | None = None
    set_apart: SetApart | None = None
    set_apart_reason: str | None = None
    set_apart_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: UUID | None = None
    follows: UUID | None = None
    nearest_due_at: datetime | None = None
    revision: int = 1
    stricter_terms: tuple[str, ...] = ()
    """The product's own terms in force when the ticket was registered (2-a)."""
