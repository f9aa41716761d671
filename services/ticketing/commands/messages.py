"""Customer and support write to each other about a ticket; support takes notes for itself."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from chassis import mail
from chassis.db import Tx
from services.ticketing.commands.handling import begin_wait, end_wait, take_in_charge
from services.ticketing.commands.happening import happened
from services.ticketing.commands.registration import register_ticket
from services.ticketing.model.messages import Message, NewMessage, Side
from services.ticketing.model.tickets import Happening, Ticket, TicketState
from services.ticketing.rules.answering import answer_mail, follow_up
from services.ticketing.rules.handling import require_open
from services.ticketing.store import messages as store
from services.ticketing.store.tickets import lock_ticket


async def support_writes(
    tx: Tx, customer_id: UUID, ticket_id: UUID, new: NewMessage, by: UUID, now: datetime, *, wait: bool
) -> tuple[Ticket, Message]:
    """A technician answers the customer, or notes something for its colleagues.

    An answer to a ticket that nobody has taken is its take-charge (13.2-d). With `wait` the ticket waits for
    its customer from now on (R3). Raises TicketUnknown, TicketClosedAlready, WaitingAlready.
    """
    ticket = await lock_ticket(tx, customer_id, ticket_id)
    require_open(ticket)
    if ticket.taken_in_charge_at is None and not new.internal:
        ticket = await take_in_charge(tx, customer_id, ticket_id, by, now)
    ticket, message = await _added(tx, ticket, new, now)
    if wait:
        ticket = await begin_wait(tx, ticket, by, now)
    return ticket, message


async def customer_writes(tx: Tx, ticket: Ticket, new: NewMessage, now: datetime) -> tuple[Ticket, Message]:
    """A customer writes about a ticket that is locked; what waited for it waits no longer.

    About a closed one it opens another, which goes on from it: the ticket that is given back. Raises the
    refusals of a registration then.
    """
    if ticket.state is TicketState.closed:
        asked = replace(follow_up(ticket, new.text, new.channel, new.contact), registered_by=new.by)
        ticket = await register_ticket(tx, asked, now)
    elif ticket.waiting:
        ticket = await end_wait(tx, ticket, new.by, now)
    return await _added(tx, ticket, new, now)


async def _added(tx: Tx, ticket: Ticket, new: NewMessage, now: datetime) -> tuple[Ticket, Message]:
    """Adds what was said to a ticket that is locked. Support's answers are mailed to the ticket's contact."""
    message = Message(
        customer_id=ticket.customer_id,
        ticket_id=ticket.ticket_id,
        number=await store.next_number(tx, ticket.customer_id, ticket.ticket_id),
        message_id=uuid4(),
        at=now,
        by=new.by,
        author_name=new.author_name,
        side=new.side,
        channel=new.channel,
        internal=new.internal,
        text=new.text,
    )
    await store.save_message(tx, message)
    if new.mail_id is not None:
        await store.save_mail_id(tx, ticket.customer_id, ticket.ticket_id, new.mail_id)
    if new.side is Side.support and not new.internal:
        await _mail(tx, ticket, message)
    what = Happening.note_added if new.internal else Happening.message_added
    told = {"message_id": str(message.message_id), "number": message.number, "side": message.side}
    return await happened(tx, ticket, what, new.by, told, now), message


async def _mail(tx: Tx, ticket: Ticket, message: Message) -> None:
    """The answer goes to the contact, in one thread with the acknowledgement and what the customer mailed."""
    if ticket.contact.email is None:
        return
    subject, text = answer_mail(ticket, message.text)
    key = f"message/{message.message_id}"
    await mail.send(
        tx,
        key=key,
        to=ticket.contact.email,
        subject=subject,
        text=text,
        after_keys=[f"acknowledgement/{ticket.ticket_id}"],
        after_ids=await store.list_received_ids(tx, ticket.customer_id, ticket.ticket_id),
        reply_tag=ticket.reference,
    )
    await store.save_mail_id(tx, ticket.customer_id, ticket.ticket_id, mail.local_part(key))
