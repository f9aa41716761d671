"""The HTTP shapes of queues and agents."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.ticketing.model.tickets import SupportPlan, TicketKind, TicketState, Urgency
from services.ticketing.schemas.fields import Line, Reference

MAX_QUEUES = 200
MAX_WAITING = 200

QueueName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
    Field(
        examples=["devis-factures"],
        description="A product's code, `portal`, or `customer-service`.",
    ),
]
QueueNames = Annotated[list[QueueName], Field(max_length=MAX_QUEUES, examples=[["devis-factures"]])]
AgentName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$"),
    Field(examples=["Bruno Petit"]),
]
Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00]*$"),
    Field(examples=["Reproduced on version 12.3; the customer sends its file this afternoon."]),
]


class Introduction(BaseModel):
    """How an agent is known to the others. Without queues it serves all."""

    model_config = ConfigDict(extra="forbid")

    name: AgentName
    queues: QueueNames = []
    present: bool = Field(default=True, description="Whether tickets may be given to it.", examples=[True])


class AgentShown(Introduction):
    """An agent."""

    person_id: UUID


class QueueShown(BaseModel):
    """How a queue stands."""

    queue: QueueName
    waiting: int = Field(ge=0, description="Tickets that wait for an agent.")
    private_waiting: int = Field(ge=0, description="Those of plan private, which go first (13.9-a).")
    overdue: int = Field(ge=0, description="Those of which a clock's due instant has passed.")
    nearest_due_at: datetime | None
    oldest_registered_at: datetime | None


class QueuesShown(BaseModel):
    """Every queue in which something waits."""

    items: list[QueueShown] = Field(max_length=10_000)


class QueueTicket(BaseModel):
    """What an agent sees of a ticket before opening it."""

    customer_id: UUID
    ticket_id: UUID
    reference: Reference
    queue: QueueName
    kind: TicketKind
    plan: SupportPlan
    state: TicketState
    subject: Line
    criticality: int | None = Field(ge=1, le=3)
    urgency: Urgency | None = Field(description="The customer's own view; it decides nothing (1-d).")
    registered_at: datetime
    nearest_due_at: datetime | None = Field(description="Of its clocks that run; null where none does.")
    assigned_to: UUID | None
    revision: int = Field(ge=1)


class QueueTickets(BaseModel):
    """What waits, first to be served first."""

    items: list[QueueTicket] = Field(max_length=MAX_WAITING)


class Taking(BaseModel):
    """Which queues to look in, in this order; none: the agent's own."""

    model_config = ConfigDict(extra="forbid")

    queues: QueueNames = []
    take_charge: bool = Field(
        default=True, description="The agent begins with it at once: that is the take-charge (13.2-d)."
    )


class Assignment(BaseModel):
    """Who is to work on a ticket."""

    model_config = ConfigDict(extra="forbid")

    to: UUID


class Handover(BaseModel):
    """Who goes on with a ticket; null gives it back to its queue."""

    model_config = ConfigDict(extra="forbid")

    to: UUID | None = None
    note: Note
