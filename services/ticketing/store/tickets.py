"""The rows of tickets: one locked, read or saved. Lists are in `store/listing`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select, text, update

from chassis.db import Tx
from services.ticketing.model.clocks import Criticality, Terms
from services.ticketing.model.histories import FROM_STORY
from services.ticketing.model.tickets import (
    Channel,
    Contact,
    Description,
    LeftOut,
    SetApart,
    SupportPlan,
    Ticket,
    TicketKind,
    TicketState,
    Urgency,
)
from services.ticketing.refusals.tickets import TicketUnknown
from services.ticketing.rules.references import number_of, reference_of
from services.ticketing.tables.tickets import TICKET

_NEXT = text("SELECT nextval('ticket_number')")
_ONE = select(TICKET).where(
    TICKET.c.customer_id == bindparam("of_customer"), TICKET.c.ticket_id == bindparam("of_ticket")
)
_ONE_LOCKED = _ONE.with_for_update()
_THESE = (
    select(TICKET)
    .where(
        TICKET.c.customer_id == bindparam("of_customer"),
        TICKET.c.ticket_id.in_(bindparam("of_tickets", expanding=True)),
    )
    .order_by(TICKET.c.ticket_id)
)
_BY_REFERENCE = select(TICKET).where(TICKET.c.reference == bindparam("known_as"))
_OPEN_IDS = text("""
    SELECT ticket_id FROM ticket WHERE customer_id = :customer_id AND state <> 'closed' AND kind = 'support'
    ORDER BY ticket_id FOR UPDATE
""")
_INSERT = insert(TICKET)
# What a ticket was at its registration never changes; `save` writes the rest.
_MUTABLE = ("queue", "assigned_to", "assigned_at", *FROM_STORY, "nearest_due_at", "revision")
_WORDED: Mapping[str, Callable[[Any], Enum]] = {
    "kind": TicketKind,
    "channel": Channel,
    "plan": SupportPlan,
    "urgency": Urgency,
    "state": TicketState,
    "criticality": Criticality,
    "left_out": LeftOut,
    "set_apart": SetApart,
}
_PLAIN = tuple(
    name
    for name in Ticket.__dataclass_fields__
    if name in TICKET.c and name != "terms" and name not in _WORDED
)
_UPDATE = (
    update(TICKET)
    .where(TICKET.c.customer_id == bindparam("of_customer"), TICKET.c.ticket_id == bindparam("of_ticket"))
    .values({name: bindparam(name) for name in _MUTABLE})
)


async def next_reference(tx: Tx) -> str:
    """A reference that no other ticket has."""
    return reference_of((await tx.execute(_NEXT)).scalar_one())


async def save_new(tx: Tx, ticket: Ticket) -> None:
    """A ticket at its registration."""
    await tx.execute(_INSERT, _columns(ticket))


async def save(tx: Tx, changed: Sequence[Ticket]) -> None:
    """What may have changed of tickets that are locked."""
    await tx.execute(_UPDATE, [_changed(ticket) for ticket in changed])


async def lock_ticket(tx: Tx, customer_id: UUID, ticket_id: UUID) -> Ticket:
    """The ticket, kept from others until this transaction ends. Raises TicketUnknown."""
    row = await tx.fetch_one(_ONE_LOCKED, _key(customer_id, ticket_id))
    if row is None:
        raise TicketUnknown
    return ticket_of(row)


async def find_ticket(tx: Tx, customer_id: UUID, ticket_id: UUID) -> Ticket | None:
    """The ticket as it stands."""
    row = await tx.fetch_one(_ONE, _key(customer_id, ticket_id))
    return ticket_of(row) if row else None


async def find_by_reference(tx: Tx, reference: str) -> Ticket | None:
    """The ticket that is known by this reference, however it is spaced, in the scope of this transaction.

    Raises ReferenceMistyped for what can be no reference.
    """
    row = await tx.fetch_one(_BY_REFERENCE, {"known_as": reference_of(number_of(reference))})
    return ticket_of(row) if row else None


async def lock_open_ids(tx: Tx, customer_id: UUID) -> list[UUID]:
    """The support tickets of this customer that are not closed, locked in order."""
    return [row.ticket_id for row in await tx.fetch_all(_OPEN_IDS, {"customer_id": customer_id})]


async def list_these(tx: Tx, customer_id: UUID, ticket_ids: Sequence[UUID]) -> list[Ticket]:
    """Tickets of this customer by their ids, in the order of these."""
    rows = await tx.fetch_all(_THESE, {"of_customer": customer_id, "of_tickets": ticket_ids})
    return [ticket_of(row) for row in rows]


def _key(customer_id: UUID, ticket_id: UUID) -> dict[str, UUID]:
    return {"of_customer": customer_id, "of_ticket": ticket_id}


def _changed(ticket: Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in _MUTABLE} | _key(ticket.customer_id, ticket.ticket_id)


def _columns(ticket: Ticket) -> dict[str, Any]:
    description, contact = ticket.description, ticket.contact
    nested = {"description", "contact", "terms", "booklet"}
    plain = {
        column.name: getattr(ticket, column.name)
        for column in TICKET.c
        if column.name not in nested and hasattr(ticket, column.name)
    }
    return plain | {
        "subject": description.subject,
        "context": description.context,
        "error_message": description.error_message,
        "menu_path": list(description.menu_path),
        "feature": description.feature,
        "contact_person_id": contact.person_id,
        "contact_name": contact.name,
        "contact_email": contact.email,
        "contact_phone": contact.phone,
        "terms": _terms_told(ticket),
    }


def _terms_told(ticket: Ticket) -> dict[str, Any] | None:
    terms = ticket.terms
    if terms is None:
        return None
    texts = {"booklet": ticket.booklet, "stricter": list(ticket.stricter_terms)}
    return asdict(terms) | {"frozen_on": terms.frozen_on.isoformat()} | texts


def terms_read(told: dict[str, Any] | None) -> Terms | None:
    """The terms that a ticket's row holds."""
    if told is None:
        return None
    return Terms(
        calendar=told["calendar"],
        frozen_on=date.fromisoformat(told["frozen_on"]),
        take_charge_seconds=told["take_charge_seconds"],
        plan_seconds=told["plan_seconds"],
        correction_days=told["correction_days"],
        net_decides=told["net_decides"],
    )


def ticket_of(row: Row[Any]) -> Ticket:
    """The ticket that a whole row of the table holds."""
    plain = {name: getattr(row, name) for name in _PLAIN}
    worded: dict[str, Any] = {name: _word(kind, getattr(row, name)) for name, kind in _WORDED.items()}
    menu_path = tuple(row.menu_path)
    return Ticket(
        **plain,
        **worded,
        description=Description(row.subject, row.context, row.error_message, menu_path, row.feature),
        contact=Contact(row.contact_person_id, row.contact_name, row.contact_email, row.contact_phone),
        terms=terms_read(row.terms),
        booklet=row.terms["booklet"] if row.terms else None,
        stricter_terms=tuple(row.terms["stricter"]) if row.terms else (),
    )


def _word(kind: Callable[[Any], Enum], value: Any) -> Enum | None:
    return None if value is None else kind(value)
