"""What came in by mail becomes tickets and messages, each mail in a transaction of its own."""

import asyncio
from dataclasses import replace
from datetime import datetime

from chassis import mail as post
from chassis.db import Database, Scope, Tx
from chassis.refusals import Refusal
from chassis.retry import describe
from services.ticketing.commands.attachments import attach_all
from services.ticketing.commands.messages import customer_writes
from services.ticketing.commands.registration import register_ticket
from services.ticketing.file_kinds import shown_by
from services.ticketing.mail_reading import read_mail
from services.ticketing.model.attachments import Filled, Offered, Placing
from services.ticketing.model.mail import (
    NOBODY,
    About,
    Envelope,
    Head,
    MailReason,
    MailState,
    ReadMail,
    ReceivedMail,
    Whose,
)
from services.ticketing.model.messages import NewMessage, Side
from services.ticketing.model.tickets import (
    Channel,
    NewTicket,
    SupportPlan,
    Ticket,
    TicketKind,
    TicketState,
)
from services.ticketing.refusals.tickets import CustomerUnknown, ReferenceMistyped
from services.ticketing.rules import mail as rules
from services.ticketing.rules.asking import may_open_support_ticket
from services.ticketing.rules.mail_answers import refusal_mail
from services.ticketing.rules.mail_wording import author_of, contact_of, described, is_whole, taken, written
from services.ticketing.store import attachments, heard, mail_senders, messages, tickets
from services.ticketing.store import mail as store

LookedAt = list[tuple[Offered, frozenset[str]]]
"""A mail's files, each with what its bytes show that it is."""


async def work_next(db: Database, now: datetime) -> bool:
    """Works on the mail that has been due longest; False when none is. One that fails is tried again later,
    and after some times is left to an agent.
    """
    claimed: ReceivedMail | None = None
    try:
        async with db.transaction(Scope.portal()) as tx:
            claimed = await store.claim_due(tx, now)
            if claimed is None:
                return False
            await _work(tx, claimed, now)
    except Exception as fault:
        if claimed is None:
            raise
        await _put_off(db, claimed, fault, now)
    return True


async def _work(tx: Tx, claimed: ReceivedMail, now: datetime) -> None:
    mail = await asyncio.to_thread(read_mail, await store.read_raw(tx, claimed.mail_id))
    where = await _destination(tx, claimed, mail.head)
    if isinstance(where, MailReason):
        settled = replace(claimed, state=MailState.unmatched, reason=where, settled_at=now)
    else:
        settled = await _settled(tx, replace(claimed, customer_id=where.whose.customer_id), mail, where, now)
    await store.save(tx, settled)


async def _settled(
    tx: Tx, claimed: ReceivedMail, mail: ReadMail, where: rules.ToTicket | rules.NewTicketOf, now: datetime
) -> ReceivedMail:
    """Brings the mail where it belongs, all of it or nothing."""
    try:
        async with tx.connection.begin_nested():
            ticket, whole = await _bring(tx, mail, where, now)
    except Refusal as refusal:
        return await _refused(tx, claimed, refusal, now)
    done = replace(claimed, state=MailState.done, ticket_id=ticket.ticket_id, settled_at=now)
    return replace(done, is_whole=whole)


async def _destination(tx: Tx, claimed: ReceivedMail, head: Head) -> rules.Destination:
    about = await _about(tx, head, Envelope(claimed.envelope_sender, claimed.envelope_recipient))
    if claimed.decided_by is not None and claimed.customer_id != NOBODY:
        return rules.destination_said(about, claimed.customer_id)
    known = await mail_senders.find_whose(tx, head.sender) if head.sender else ()
    return rules.destination_of(head, about, known)


async def _about(tx: Tx, head: Head, envelope: Envelope) -> About | None:
    """The ticket that a mail names: by a reference, or by a mail that it answers."""
    for reference in rules.references_in(head, envelope):
        try:
            ticket = await tickets.find_by_reference(tx, reference)
        except ReferenceMistyped:
            continue
        if ticket is not None:
            return _named(ticket, head)
    found = await messages.find_by_mail_ids(tx, rules.thread_ids(head))
    ticket = await tickets.find_ticket(tx, *found) if found else None
    return _named(ticket, head) if ticket else None


def _named(ticket: Ticket, head: Head) -> About:
    contact = ticket.contact.email
    from_contact = contact is not None and contact.lower() == head.sender
    return About(ticket.customer_id, ticket.ticket_id, from_contact)


async def _bring(
    tx: Tx, mail: ReadMail, where: rules.ToTicket | rules.NewTicketOf, now: datetime
) -> tuple[Ticket, bool]:
    """The ticket, and whether it has all of the mail.

    17-a: a company's people are sent to their firm, whatever they write about.
    """
    may_open_support_ticket(where.whose.company_id is not None)
    looked_at = await asyncio.to_thread(lambda: [(file, shown_by(file.content)) for file in mail.files])
    if isinstance(where, rules.ToTicket):
        return await _continue(tx, mail, where.about, looked_at, now)
    return await _begin(tx, mail, where.whose, looked_at, now)


async def _continue(
    tx: Tx, mail: ReadMail, about: About, looked_at: LookedAt, now: datetime
) -> tuple[Ticket, bool]:
    ticket = await tickets.lock_ticket(tx, about.customer_id, about.ticket_id)
    goes_on = ticket.state is not TicketState.closed
    filled = await attachments.filled(tx, ticket, Side.customer) if goes_on else Filled(0, 0)
    files, notes = taken(looked_at, filled)
    new = NewMessage(
        side=Side.customer,
        text=written(mail, notes),
        by=None,
        author_name=author_of(mail.head),
        channel=Channel.email,
        mail_id=mail.head.message_ref,
        contact=contact_of(mail.head),
    )
    ticket, message = await customer_writes(tx, ticket, new, now)
    ticket, _ = await attach_all(tx, ticket, files, Placing(Side.customer, None, message.number), now)
    return ticket, is_whole(mail, new.text, notes)


async def _begin(
    tx: Tx, mail: ReadMail, whose: Whose, looked_at: LookedAt, now: datetime
) -> tuple[Ticket, bool]:
    """A ticket for support; of a customer whose plan has none, a request to customer service."""
    asker = await heard.find_asker(tx, whose.customer_id, now)
    if asker is None:
        raise CustomerUnknown
    served = asker.plan is SupportPlan.connect
    files, notes = taken(looked_at, Filled(0, 0))
    new = NewTicket(
        customer_id=whose.customer_id,
        kind=TicketKind.customer_service if served else TicketKind.support,
        channel=Channel.email,
        description=described(mail, notes),
        contact=contact_of(mail.head),
    )
    ticket = await register_ticket(tx, new, now)
    if mail.head.message_ref is not None:
        await messages.save_mail_id(tx, ticket.customer_id, ticket.ticket_id, mail.head.message_ref)
    ticket, _ = await attach_all(tx, ticket, files, Placing(Side.customer, None), now)
    return ticket, is_whole(mail, new.description.context, notes)


async def _refused(tx: Tx, claimed: ReceivedMail, refusal: Refusal, now: datetime) -> ReceivedMail:
    """The sender is told, at most once a day; no automatic mail comes this far."""
    refused = replace(
        claimed,
        state=MailState.refused,
        reason=refusal.slug,
        explanation=str(refusal),
        settled_at=now,
    )
    if claimed.sender is None:
        return refused
    if not rules.may_answer(await store.last_answered_at(tx, claimed.sender), now):
        return refused
    subject, text = refusal_mail(refusal)
    await post.send(
        tx,
        key=f"mail-refused/{claimed.mail_id}",
        to=claimed.sender,
        subject=subject,
        text=text,
        after_ids=[claimed.message_ref] if claimed.message_ref else [],
    )
    return replace(refused, answered_at=now)


async def _put_off(db: Database, claimed: ReceivedMail, fault: Exception, now: datetime) -> None:
    """Tried again later, unless somebody else has worked on it meanwhile: then it is as that left it."""
    later = replace(claimed, attempts=claimed.attempts + 1, explanation=describe(fault))
    later = replace(later, due_at=now + rules.PUT_OFF * later.attempts)
    if later.attempts >= rules.MOST_ATTEMPTS:
        later = replace(later, state=MailState.unmatched, reason=MailReason.faulty, settled_at=now)
    async with db.transaction(Scope.portal()) as tx:
        if await store.lock_mail(tx, claimed.mail_id) == claimed:
            await store.save(tx, later)
