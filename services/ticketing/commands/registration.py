"""Registering a ticket, by whatever channel it comes, and acknowledging it at once (13.2-d)."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from chassis import mail
from chassis.db import Tx
from services.ticketing.commands.happening import save_derived, told_by
from services.ticketing.commands.saying import Recorded, said_of
from services.ticketing.model.clocks import SupportedPlan, Terms
from services.ticketing.model.heard import Asker
from services.ticketing.model.histories import ClockReading
from services.ticketing.model.tickets import Happening, HistoryEntry, NewTicket, Ticket, TicketKind
from services.ticketing.refusals.tickets import CompanyUnknown, CustomerUnknown
from services.ticketing.rules.acknowledging import acknowledgement
from services.ticketing.rules.registration import may_register, queue_of
from services.ticketing.store import heard, history, messages, tickets
from services.ticketing.terms import booklet_of, terms_of


async def register_ticket(tx: Tx, new: NewTicket, now: datetime) -> Ticket:
    """Registers what is asked and tells the customer so; that is no take-charge.

    Plan, terms and hours are those of `now`, for good (R1). Raises the refusals of
    `rules.registration.may_register`, CustomerUnknown and CompanyUnknown.
    """
    asker = await heard.find_asker(tx, new.customer_id, now, shared=True)
    if asker is None:
        raise CustomerUnknown
    product = await heard.find_product(tx, new.product) if new.product else None
    may_register(new, asker, product, now)
    await _require_company(tx, new)
    stricter = product.stricter_terms if product else ()
    ticket = _as_asked(new, asker, stricter, await tickets.next_reference(tx), now)
    entries = _beginning(ticket, now)
    told = told_by(ticket, entries)
    ticket = told.ticket
    await tickets.save_new(tx, ticket)
    await history.append(tx, [(ticket, entry) for entry in entries])
    await save_derived(tx, [told])
    await _acknowledge(tx, ticket, told.readings)
    said = [Recorded(ticket, ticket, entry, told.readings) for entry in entries]
    await tx.emit_many(event for recorded in said for event in said_of(recorded))
    return ticket


async def _require_company(tx: Tx, new: NewTicket) -> None:
    if new.company_id is not None and not await heard.has_company(tx, new.customer_id, new.company_id):
        raise CompanyUnknown


def _as_asked(
    new: NewTicket, asker: Asker, stricter: tuple[str, ...], reference: str, now: datetime
) -> Ticket:
    terms: Terms | None = None
    if new.kind is TicketKind.support:
        terms = terms_of(SupportedPlan(asker.plan.value), now)
    return Ticket(
        customer_id=new.customer_id,
        ticket_id=uuid4(),
        reference=reference,
        kind=new.kind,
        channel=new.channel,
        queue=queue_of(new.kind, new.product),
        product=new.product,
        company_id=new.company_id,
        plan=asker.plan,
        urgency=new.urgency,
        description=new.description,
        contact=new.contact,
        terms=terms,
        booklet=booklet_of() if terms else None,
        registered_at=now,
        registered_by=new.registered_by,
        follows=new.follows,
        stricter_terms=stricter if terms else (),
    )


def _beginning(ticket: Ticket, now: datetime) -> list[HistoryEntry]:
    told: dict[str, Any] = {"kind": ticket.kind, "channel": ticket.channel, "plan": ticket.plan}
    return [
        HistoryEntry(1, now, Happening.registered, ticket.registered_by, told),
        HistoryEntry(2, now, Happening.acknowledged, None, {}),
    ]


async def _acknowledge(tx: Tx, ticket: Ticket, readings: tuple[ClockReading, ...]) -> None:
    """13.2-d: electronically; a contact without an address finds it in the customer space alone."""
    if ticket.contact.email is None:
        return
    subject, text = acknowledgement(ticket, readings[0].due_at if readings else None)
    key, to = f"acknowledgement/{ticket.ticket_id}", ticket.contact.email
    await mail.send(tx, key=key, to=to, subject=subject, text=text, reply_tag=ticket.reference)
    await messages.save_mail_id(tx, ticket.customer_id, ticket.ticket_id, mail.local_part(key))
