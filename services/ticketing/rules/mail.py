"""What becomes of a mail that comes in: whether a person wrote it, when it is worked on, and whose it is."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.ticketing.model.mail import About, Envelope, Head, MailReason, MailState, SenderKind, Whose
from services.ticketing.refusals.mail import DomainShared, MailSettled, SenderMalformed

MOST_HOPS = 30
PER_SENDER, SENDER_WINDOW = 200, timedelta(hours=1)
PER_CUSTOMER, CUSTOMER_WINDOW = 120, timedelta(minutes=1)

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
_REFERENCE = re.compile(r"\[#?([0-9][0-9 .-]{6,22}[0-9])\]")


def ignored_because(
    head: Head, envelope: Envelope, own: Collection[str], *, answers_own: bool
) -> MailReason | None:
    """Why no ticket comes of a mail, and no answer (RFC 3834): no person wrote it, or it is our own again.

    `own` are the addresses that our mails come from and are answered at. `answers_own`: its own Message-ID is
    one that we sent.
    """
    if answers_own or head.sender in own:
        return MailReason.own_mail
    if head.hops > MOST_HOPS:
        return MailReason.went_in_circles
    if envelope.sender is not None and envelope.sender.strip("<> ") == "":
        return MailReason.null_return_path
    return head.automatic


def worked_at(now: datetime, of_sender: datetime | None, of_customer: datetime | None) -> datetime:
    """When a mail that comes now is worked on: at once, unless very many came before it.

    `of_sender` and `of_customer` are the instants at which the last mail but `PER_SENDER` of its sender, and
    but `PER_CUSTOMER` of its customer, are worked on: it waits until their windows are over. So whatever
    comes is kept, and no loop and no customer takes more than its share of the work.
    """
    instants = [now]
    if of_sender is not None:
        instants.append(of_sender + SENDER_WINDOW)
    if of_customer is not None:
        instants.append(of_customer + CUSTOMER_WINDOW)
    return max(instants)


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
    if len({each.customer_id for each in known}) > 1:
        return MailReason.sender_ambiguous
    return NewTicketOf(_firm_first(known))


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
    if state in (MailState.registered, MailState.added, MailState.waiting):
        raise MailSettled


def may_discard(state: MailState) -> None:
    """An agent may put a mail away that nothing has come of, one that waits its turn too."""
    if state in (MailState.registered, MailState.added, MailState.discarded):
        raise MailSettled


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
