"""Lists of a customer's tickets, the latest first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_

from chassis.db import Tx
from services.ticketing.model.tickets import Ticket, TicketKind, TicketState
from services.ticketing.rules.references import number_of, reference_of
from services.ticketing.store.tickets import ticket_of
from services.ticketing.tables.tickets import TICKET

_OF_CUSTOMER = (
    select(TICKET)
    .where(TICKET.c.customer_id == bindparam("customer"))
    .order_by(TICKET.c.registered_at.desc(), TICKET.c.ticket_id.desc())
    .limit(bindparam("limit"))
)
_BEFORE = tuple_(TICKET.c.registered_at, TICKET.c.ticket_id) < tuple_(
    bindparam("before_at", type_=TICKET.c.registered_at.type),
    bindparam("before_id", type_=TICKET.c.ticket_id.type),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets of a customer to list; None leaves a field free."""

    state: TicketState | None = None
    kind: TicketKind | None = None
    product: str | None = None
    company_id: UUID | None = None
    assigned_to: UUID | None = None
    reference: str | None = None
    """However it is spaced."""


async def list_tickets(
    tx: Tx, customer_id: UUID, wanted: Wanted, after: tuple[datetime, UUID] | None, limit: int
) -> list[Ticket]:
    """At most `limit` tickets of this customer, those registered before `after`.

    Raises ReferenceMistyped where a reference is wanted that can be none.
    """
    statement = _OF_CUSTOMER
    for name in ("state", "kind", "product", "company_id", "assigned_to"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(TICKET.c[name] == value)
    if wanted.reference is not None:
        statement = statement.where(TICKET.c.reference == reference_of(number_of(wanted.reference)))
    asked: dict[str, object] = {"customer": customer_id, "limit": limit}
    if after is not None:
        statement = statement.where(_BEFORE)
        asked |= {"before_at": after[0], "before_id": after[1]}
    return [ticket_of(row) for row in await tx.fetch_all(statement, asked)]
