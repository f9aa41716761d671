"""A ticket's HTTP shapes: as it is asked, and as it is shown with its clocks, terms and history."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.ticketing.model.histories import ClockKind, ClockState
from services.ticketing.model.tickets import (
    Channel,
    Concern,
    Happening,
    LeftOut,
    ScopeReason,
    SetApart,
    SupportPlan,
    TicketKind,
    TicketState,
    Urgency,
)
from services.ticketing.schemas.fields import (
    ErrorMessage,
    Explanation,
    Feature,
    Line,
    MailAddress,
    MenuEntry,
    PersonName,
    PhoneNumber,
    ProductCode,
    Prose,
    Reference,
    Shape,
)

OpenSeconds = Annotated[int, Field(ge=0, le=1_000_000_000, examples=[28_800])]
Revision = Annotated[int, Field(ge=1, examples=[3])]


class Description(Shape):
    """What the customer meets, precisely (13.2-c)."""

    subject: Line
    context: Prose
    error_message: ErrorMessage | None = Field(default=None, examples=["E-1207: line refused"])
    menu_path: list[MenuEntry] = Field(
        default=[], max_length=20, examples=[["Sales", "Quotes", "New"]], description="The chain of menus."
    )
    feature: Feature | None = Field(default=None, examples=["create a quote"])


class Contact(Shape):
    """Whom to answer, and where. With an address the acknowledgement is mailed too."""

    name: PersonName | None = Field(default=None, examples=["Claire Durand"])
    email: MailAddress | None = Field(default=None, examples=["claire@cabinet.example"])
    phone: PhoneNumber | None = Field(default=None, examples=["+33 3 87 00 00 00"])


class NewTicket(Shape):
    """A ticket to register. Without a product it concerns the portal itself."""

    kind: TicketKind = TicketKind.support
    product: ProductCode | None = Field(default=None, examples=["devis-factures"])
    company_id: UUID | None = Field(default=None, description="The company whose file it is about.")
    concern: Concern = Field(default=Concern.standard, description="Support is for what is standard (1-e).")
    urgency: Urgency | None = Field(
        default=None, description="The customer's own view; the publisher alone qualifies (1-d)."
    )
    description: Description
    contact: Contact = Contact()


class NewCall(NewTicket):
    """A ticket that the publisher's agent records for a customer on the telephone."""

    answered_at_once: bool = Field(
        default=False, description="The agent is a technician and answers now: taken in charge (13.2-d)."
    )


class TicketListed(BaseModel):
    """A ticket in a list."""

    customer_id: UUID
    ticket_id: UUID
    reference: Reference
    kind: TicketKind
    state: TicketState
    channel: Channel
    plan: SupportPlan
    product: ProductCode | None
    company_id: UUID | None
    subject: Line
    urgency: Urgency | None
    criticality: int | None = Field(ge=1, le=3)
    waiting: bool = Field(description="Whether it waits for its customer.")
    left_out: LeftOut | None
    set_apart: SetApart | None
    registered_at: datetime
    taken_in_charge_at: datetime | None
    provided_at: datetime | None
    closed_at: datetime | None
    nearest_due_at: datetime | None = Field(description="Of the clocks that run; it may be past.")


class ClockShown(BaseModel):
    """One contractual clock, read now. Seconds are open seconds of the plan's own hours (R1)."""

    number: int = Field(ge=1, examples=[1])
    kind: ClockKind
    clause: str = Field(max_length=20, examples=["13.2-e"])
    state: ClockState = Field(description="`missed` as soon as elapsed exceeds the limit.")
    starts_at: datetime
    due_at: datetime
    ended_at: datetime | None
    limit_open_seconds: OpenSeconds
    elapsed_open_seconds: OpenSeconds
    remaining_open_seconds: OpenSeconds
    net_open_seconds: OpenSeconds = Field(description="Elapsed without what waited for the customer (R3).")


class WaitShown(BaseModel):
    """A time that waited for the customer."""

    number: int = Field(ge=1, examples=[1])
    since: datetime
    until: datetime | None
    open_seconds: OpenSeconds


class Opening(BaseModel):
    """One opening on a day of the week, Paris time."""

    weekday: int = Field(ge=1, le=7, description="1 is Monday.", examples=[1])
    opens: str = Field(max_length=5, examples=["09:00"])
    closes: str = Field(max_length=5, examples=["12:30"])


class TermsShown(BaseModel):
    """What applies to this ticket for good: the terms in force when it was registered (R1, 2-a)."""

    applied: str = Field(
        max_length=3_000,
        description="What applied, the first prevailing (2-a).",
        examples=[
            "The first prevailing: the booklet of Portal publisher as of 2026-03-10; the general terms."
        ],
    )
    frozen_on: date
    calendar: str = Field(max_length=60, examples=["support.open"])
    hours: list[Opening] = Field(max_length=50)
    take_charge_open_seconds: OpenSeconds
    corrective_plan_open_seconds: OpenSeconds
    correction_business_days: int = Field(ge=1, le=1_000, examples=[6])
    net_time_decides: bool


class LeftOutShown(BaseModel):
    """Why this is no ticket in the contract's sense, and what can be asked for instead (13.2-b)."""

    kind: LeftOut
    scope: ScopeReason | None
    explanation: Explanation
    alternative: str | None = Field(max_length=300)
    at: datetime


class SetApartShown(BaseModel):
    """Why this ticket is set apart from the 75 % (13.2-g)."""

    kind: SetApart
    explanation: Explanation
    at: datetime


class TicketShown(BaseModel):
    """A ticket as its customer sees it, its clocks read at `read_at`."""

    customer_id: UUID
    ticket_id: UUID
    reference: Reference
    kind: TicketKind
    state: TicketState
    channel: Channel
    plan: SupportPlan
    product: ProductCode | None
    company_id: UUID | None
    urgency: Urgency | None
    description: Description
    contact: Contact
    criticality: int | None = Field(ge=1, le=3)
    waiting: bool
    registered_at: datetime
    acknowledged_at: datetime | None
    taken_in_charge_at: datetime | None
    qualified_at: datetime | None
    reproduced_at: datetime | None
    provided_at: datetime | None
    closed_at: datetime | None
    left_out: LeftOutShown | None
    set_apart: SetApartShown | None
    follows: UUID | None = Field(description="The closed ticket that this one goes on from.")
    nearest_due_at: datetime | None
    terms: TermsShown | None = Field(description="None for a request to customer service: it has no clock.")
    clocks: list[ClockShown] = Field(max_length=1_000)
    waits: list[WaitShown] = Field(max_length=1_000)
    read_at: datetime
    revision: Revision


class StaffTicket(TicketShown):
    """A ticket as the publisher's staff sees it."""

    queue: str = Field(max_length=64, examples=["devis-factures"])
    registered_by: UUID | None
    assigned_to: UUID | None
    assigned_at: datetime | None
    taken_by: UUID | None
    closed_by: UUID | None


class HistoryLine(BaseModel):
    """One thing that happened to a ticket."""

    seq: int = Field(ge=1, examples=[1])
    at: datetime
    what: Happening
    by: UUID | None
    explanation: str | None = Field(max_length=20_000)
    given_to: UUID | None = Field(description="The agent it was assigned or handed over to.")
    note: str | None = Field(max_length=2_000, description="What the next agent must know.")
    reason: str | None = Field(max_length=60)
    criticality: int | None = Field(ge=1, le=3)
    workaround: bool | None
    essential: bool | None
    message_number: int | None = Field(ge=1, description="The message that was added, or added to.")
    attachments: list[UUID] = Field(max_length=200, description="The files that were added.")


class SupportShown(BaseModel):
    """The customer's support: its hours at any time (13.2-f, 13.6-a), its limits, and whether it stands."""

    plan: SupportPlan
    has_support: bool = Field(description="`connect` has requests to customer service alone (13.2-a).")
    channels: list[Channel] = Field(max_length=10)
    hours: list[Opening] = Field(max_length=50)
    open_now: bool
    next_opening_at: datetime
    take_charge_open_seconds: OpenSeconds | None
    corrective_plan_open_seconds: OpenSeconds | None
    correction_business_days: int | None = Field(ge=1, le=1_000)
    suspension: "SuspensionShown | None"


class SuspensionShown(BaseModel):
    """A time in which support stands still; billing goes on (13.2-h)."""

    suspension_id: UUID
    reason: str = Field(max_length=60, examples=["users_not_trained"])
    explanation: Explanation
    since: datetime
    until: datetime | None
