"""Mail at the door: kept at once, before anybody looks into what it says; and what agents decide about it."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from chassis.db import Tx
from services.ticketing.mail_head import digest_of, head_of
from services.ticketing.mail_words import addresses_in
from services.ticketing.model.mail import (
    NOBODY,
    Envelope,
    Head,
    KnownSender,
    MailReason,
    MailState,
    ReceivedMail,
)
from services.ticketing.refusals.mail import MailEmpty
from services.ticketing.refusals.tickets import CompanyUnknown, CustomerUnknown
from services.ticketing.rules.mail import (
    PER_CUSTOMER,
    PER_SENDER,
    SENDER_WINDOW,
    ignored_because,
    is_one_too_many,
    known_as,
    may_assign,
    may_discard,
    may_release,
    only_customer,
    sender_kind,
    turns,
    worked_at,
)
from services.ticketing.store import heard, mail_senders, messages
from services.ticketing.store import mail as store

AT_ONCE = 20_000
"""How many mails of a sender go on by one decision at most."""


def own_addresses(*told: str | None) -> frozenset[str]:
    """The addresses in what the settings say of our own mail."""
    return frozenset(address for each in told if each for _, address in addresses_in(each))


async def take_in(
    tx: Tx, raw: bytes, envelope: Envelope, own: Collection[str], now: datetime
) -> ReceivedMail:
    """Keeps a mail, and says when it is worked on. One that comes again is the one that is there already.

    What no person wrote is kept and never answered (RFC 3834). Raises MailEmpty.
    """
    if not raw.strip():
        raise MailEmpty
    digest, head = await asyncio.to_thread(lambda: (digest_of(raw), head_of(raw)))
    await store.in_turn(tx)
    known = await store.find_by_digest(tx, digest)
    if known is not None:
        return known
    reason = ignored_because(head, envelope, own, answers_own=await _is_ours(tx, head))
    state = MailState.ignored if reason else MailState.received
    if state is MailState.received and await _is_held(tx, head, now):
        state, reason = MailState.held, MailReason.too_many
    customer_id = only_customer(await mail_senders.find_whose(tx, head.sender)) if head.sender else None
    mail = ReceivedMail(
        customer_id=customer_id or NOBODY,
        mail_id=uuid4(),
        digest=digest,
        state=state,
        reason=reason,
        explanation=None,
        sender=head.sender,
        sender_name=head.sender_name,
        subject=head.subject,
        message_ref=head.message_ref,
        envelope_sender=envelope.sender,
        envelope_recipient=envelope.recipient,
        authentication=head.authentication,
        size_bytes=len(raw),
        received_at=now,
        due_at=await _turn(tx, customer_id or NOBODY, now),
        settled_at=now if state is MailState.ignored else None,
    )
    await store.save_new(tx, mail, raw)
    return mail


async def assign(tx: Tx, mail_id: UUID, customer_id: UUID, by: UUID, now: datetime) -> ReceivedMail:
    """An agent says whose a mail is: it becomes a ticket of that customer, or goes on in one.

    Raises MailUnknown, MailSettled, CustomerUnknown.
    """
    mail = await store.lock_mail(tx, mail_id)
    may_assign(mail.state)
    if await heard.find_asker(tx, customer_id, now) is None:
        raise CustomerUnknown
    mail = replace(mail, customer_id=customer_id, decided_by=by)
    return await _let_go_on(tx, mail, now)


async def release(tx: Tx, mail_id: UUID, now: datetime, *, with_others: bool = False) -> ReceivedMail:
    """What was held goes on; `with_others`, all that is held of its sender, at the customer's pace.

    Raises MailUnknown, MailNotHeld.
    """
    mail = await store.lock_mail(tx, mail_id)
    may_release(mail.state)
    mail = await _let_go_on(tx, mail, now)
    if with_others:
        others = await store.lock_held_beside(tx, mail, AT_ONCE)
        latest = await store.latest_turns(tx, mail.customer_id, PER_CUSTOMER)
        await store.release(tx, others, turns(now, latest, len(others)))
    return mail


async def discard(tx: Tx, mail_id: UUID, reason: str, now: datetime) -> ReceivedMail:
    """An agent puts a mail away; it is kept while it is not old. Raises MailUnknown, MailSettled."""
    mail = await store.lock_mail(tx, mail_id)
    may_discard(mail.state)
    mail = replace(mail, state=MailState.discarded, explanation=reason, settled_at=now)
    await store.save(tx, mail)
    return mail


async def add_sender(
    tx: Tx, customer_id: UUID, value: str, company_id: UUID | None, by: UUID, now: datetime
) -> KnownSender:
    """An address or a domain writes for a customer from now on.

    Raises SenderMalformed, DomainShared, CustomerUnknown, CompanyUnknown, SenderKnownAlready.
    """
    value = value.lower()
    sender = KnownSender(customer_id, uuid4(), sender_kind(value), value, company_id, now, by)
    if await heard.find_asker(tx, customer_id, now) is None:
        raise CustomerUnknown
    if company_id is not None and not await heard.has_company(tx, customer_id, company_id):
        raise CompanyUnknown
    await mail_senders.add_sender(tx, sender)
    return sender


async def _let_go_on(tx: Tx, mail: ReceivedMail, now: datetime) -> ReceivedMail:
    await store.in_turn(tx)
    mail = replace(
        mail,
        state=MailState.received,
        reason=None,
        explanation=None,
        settled_at=None,
        attempts=0,
        due_at=await _turn(tx, mail.customer_id, now),
    )
    await store.save(tx, mail)
    return mail


async def _turn(tx: Tx, customer_id: UUID, now: datetime) -> datetime:
    return worked_at(now, await store.last_but(tx, customer_id, PER_CUSTOMER - 1))


async def _is_ours(tx: Tx, head: Head) -> bool:
    """Whether it is a mail that we sent, by its Message-ID."""
    if head.message_ref is None:
        return False
    local_part = known_as(head.message_ref)
    is_sent = local_part != head.message_ref
    return is_sent and await messages.find_by_mail_ids(tx, [local_part]) is not None


async def _is_held(tx: Tx, head: Head, now: datetime) -> bool:
    if head.sender is None:
        return False
    since = now - SENDER_WINDOW
    return is_one_too_many(await store.count_of_sender(tx, head.sender, since, PER_SENDER))
