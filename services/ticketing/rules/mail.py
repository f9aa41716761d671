"""What becomes of a mail that comes in: whether a person wrote it, when it is worked on, and whose it is."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.ticketing.model.mail import About, Envelope, Head, MailReason, MailState, SenderKind, Whose
from services.ticketing.refusals.mail import DomainShared, MailNotHeld, MailSettled, SenderMalformed

MOST_HOPS = 25
PER_SENDER, SENDER_WINDOW = 30, timedelta(hours=1)
PER_CUSTOMER, CUSTOMER_WINDOW = 60, timedelta(minutes=1)
ANSWERS_APART = timedelta(days=1)
MOST_ATTEMPTS, PUT_OFF = 5, timedelta(minutes=1)

SHARED_DOMAINS = frozenset(
    {
        "aol.com",
        "bbox.fr",
        "free.fr",
        "gmail.com",
        "gmx.com",
        "gmx.fr",
        "googlemail.com",
        "hotmail.com",
        "hotmail.fr",
        "icloud.com",
        "laposte.net",
        "live.com",
        "live.fr",
        "mac.com",
        "mail.com",
        "me.com",
        "msn.com",
        "neuf.fr",
        "numericable.fr",
        "orange.fr",
        "outlook.com",
        "outlook.fr",
        "proton.me",
        "protonmail.com",
        "sfr.fr",
        "wanadoo.fr",
        "yahoo.com",
        "yahoo.fr",
        "ymail.com",
        "yopmail.com",
    }
)
"""Where anybody gets an address: none of these says whose its writer is."""

_ADDRESS = re.compile(r"[^\s<>@,;:()\"\\]{1,64}@(?P<domain>[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+)")
_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
_TAGGED = re.compile(r"[^@+]+\+([0-9-]{8,24})@.+")
_OURS = re.compile(r"<([0-9a-f]{40})@[^>]+>")
_REFERENCE = re.compile(r"\[#?([0-9][0-9 .-]{6,22}[0-9])\]")


def ignored_because(
    head: Head, envelope: Envelope, own: Collection[str], *, answers_own: bool
) -> MailReason | None:
    """Why no ticket comes of a mail, and no answer (RFC 3834): no person wrote it, or it is our own again.

    `own` are the addresses that our mails come from and are answered at, whatever stands after a `+`.
    `answers_own`: its own Message-ID is one that we sent.
    """
    if answers_own or (head.sender is not None and _untagged(head.sender) in own):
        return MailReason.own_mail
    if head.hops > MOST_HOPS:
        return MailReason.went_in_circles
    if envelope.sender is not None and envelope.sender.strip("<> ") == "":
        return MailReason.null_return_path
    return head.automatic


def _untagged(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def is_one_too_many(before: int) -> bool:
    """Whether a mail is held, since this many of its sender came within `SENDER_WINDOW` before it."""
    return before >= PER_SENDER


def worked_at(now: datetime, last_but: datetime | None) -> datetime:
    """When a mail that comes now is worked on: at once, unless very many of its customer came before it.

    `last_but` is when the customer's last mail but `PER_CUSTOMER - 1` is worked on: this one waits until a
    window after it. So whatever comes is kept, and no customer takes more than its share of the work.
    """
    return now if last_but is None else max(now, last_but + CUSTOMER_WINDOW)


def turns(now: datetime, latest: Sequence[datetime], count: int) -> list[datetime]:
    """When each of so many mails that go on at once is worked on, by `worked_at`.

    `latest` are the instants of the customer's last mails, at most `PER_CUSTOMER` of them, in their order.
    """
    instants = list(latest)
    for _ in range(count):
        last_but = instants[-PER_CUSTOMER] if len(instants) >= PER_CUSTOMER else None
        instants.append(worked_at(now, last_but))
    return instants[len(latest) :]


def may_answer(answered_at: datetime | None, now: datetime) -> bool:
    """Whether a sender is told of a refusal: once in `ANSWERS_APART`; it was last at `answered_at`."""
    return answered_at is None or now - answered_at >= ANSWERS_APART


@dataclass(frozen=True, slots=True)
class ToTicket:
    """A mail goes on in a conversation."""

    about: About
    whose: Whose


@dataclass(frozen=True, slots=True)
class NewTicketOf:
    """A mail begins a ticket."""

    whose: Whose


Destination = ToTicket | NewTicketOf | MailReason


def destination_of(head: Head, about: About | None, known: Collection[Whose]) -> Destination:
    """Where a mail belongs, or why only an agent can tell.

    `known` is whom its sender is known to write for. Naming a ticket opens none: a Message-ID and a reference
    can be copied, so the sender must be the ticket's contact or known to write for its customer.
    """
    if head.sender is None:
        return MailReason.sender_unreadable
    if head.said_forged:
        return MailReason.said_forged
    if about is not None:
        return _to_ticket(about, known)
    if not known:
        return MailReason.sender_unknown
    if only_customer(known) is None:
        return MailReason.sender_ambiguous
    return NewTicketOf(_firm_first(known))


def only_customer(known: Collection[Whose]) -> UUID | None:
    """The customer that a sender writes for, where it is only one."""
    customers = {each.customer_id for each in known}
    return customers.pop() if len(customers) == 1 else None


def destination_said(about: About | None, customer_id: UUID) -> ToTicket | NewTicketOf:
    """Where a mail belongs once an agent said whose it is."""
    whose = Whose(customer_id)
    if about is not None and about.customer_id == customer_id:
        return ToTicket(about, whose)
    return NewTicketOf(whose)


def _to_ticket(about: About, known: Collection[Whose]) -> Destination:
    theirs = [each for each in known if each.customer_id == about.customer_id]
    if theirs:
        return ToTicket(about, _firm_first(theirs))
    if about.from_contact:
        return ToTicket(about, Whose(about.customer_id))
    return MailReason.sender_not_of_ticket if known else MailReason.sender_unknown


def _firm_first(known: Collection[Whose]) -> Whose:
    """An address that stands for the firm and for a company of it is the firm's."""
    return min(known, key=lambda each: (each.company_id is not None, str(each.company_id)))


def may_assign(state: MailState) -> None:
    """An agent may say whose a mail is unless it became something: also of one that was misjudged."""
    if state in (MailState.received, MailState.done):
        raise MailSettled


def may_discard(state: MailState) -> None:
    """An agent may put a mail away that nothing has come of, one that waits its turn too."""
    if state in (MailState.done, MailState.discarded):
        raise MailSettled


def may_release(state: MailState) -> None:
    """What is held may go on."""
    if state is not MailState.held:
        raise MailNotHeld


def thread_ids(head: Head) -> list[str]:
    """What `mail_thread` may know of the mails that this one answers, the nearest first."""
    return [known_as(mail_id) for mail_id in reversed(head.references)]


def known_as(mail_id: str) -> str:
    """A Message-ID; of one that is ours, what stands before its `@`."""
    ours = _OURS.fullmatch(mail_id)
    return ours[1] if ours else mail_id


def references_in(head: Head, envelope: Envelope) -> Iterator[str]:
    """What may be references of tickets: after the `+` of an address it went to, or in [] in its subject."""
    addresses = [*([envelope.recipient.lower()] if envelope.recipient else []), *head.recipients]
    for address in addresses:
        tag = _TAGGED.fullmatch(address)
        if tag is not None:
            yield tag[1]
    yield from _REFERENCE.findall(head.subject)


def sender_kind(value: str) -> SenderKind:
    """Whether this, in lower case, is an address or a domain. Raises SenderMalformed, DomainShared."""
    if _ADDRESS.fullmatch(value):
        return SenderKind.address
    if not _DOMAIN.fullmatch(value):
        raise SenderMalformed
    if value in SHARED_DOMAINS:
        raise DomainShared(value)
    return SenderKind.domain
