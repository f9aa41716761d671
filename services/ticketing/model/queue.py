"""Queues and who serves them: one queue a product, one for the portal itself, one for customer service."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.ticketing.model.tickets import SupportPlan


@dataclass(frozen=True, slots=True)
class Agent:
    """A technician as the others know it. No queues: it serves all."""

    person_id: UUID
    name: str
    queues: tuple[str, ...] = ()
    present: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of a waiting ticket decides its place."""

    plan: SupportPlan
    registered_at: datetime
    ticket_id: UUID
    nearest_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """How a queue stands: what waits for an agent, and what of it is overdue at the instant asked for."""

    queue: str
    waiting: int
    private_waiting: int
    overdue: int
    nearest_due_at: datetime | None
    oldest_registered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """A clock of which an instant has come: three quarters gone by, or its limit exceeded."""

    customer_id: UUID
    ticket_id: UUID
    number: int
    kind: str
    due_at: datetime
    limit_seconds: int
    instant: datetime
    reference: str
    product: str | None
    plan: str
