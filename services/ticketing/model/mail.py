"""Mail that comes in for support: what it says, whose it is, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.ticketing.model.attachments import Offered

NOBODY = UUID(int=0)
"""The customer of a mail whose customer is not known: no tenant, so that no tenant sees it."""


class MailState(StrEnum):
    """`received` is worked on when it is due; `done` became a ticket or a message; `held` came after too many
    others of its sender; `unmatched` waits for an agent to say whose it is; `discarded` one put away.
    """

    received = "received"
    done = "done"
    ignored = "ignored"
    held = "held"
    unmatched = "unmatched"
    refused = "refused"
    discarded = "discarded"


UNDECIDED = (MailState.unmatched, MailState.held)
"""Waits for an agent."""


class MailReason(StrEnum):
    """Why a mail is neither a ticket nor a message. A refusal of ticketing's is told by its slug instead."""

    null_return_path = "null_return_path"
    automatic = "automatic"
    bulk = "bulk"
    mailing_list = "mailing_list"
    delivery_report = "delivery_report"
    own_mail = "own_mail"
    went_in_circles = "went_in_circles"
    sender_unreadable = "sender_unreadable"
    sender_unknown = "sender_unknown"
    sender_ambiguous = "sender_ambiguous"
    sender_not_of_ticket = "sender_not_of_ticket"
    said_forged = "said_forged"
    too_many = "too_many"
    faulty = "faulty"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Between which addresses a gateway took the mail; `sender` is empty for a null return path, and None
    where the gateway does not tell.
    """

    sender: str | None = None
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What a mail's header says. Nothing in it is proven: anybody may write any name there.

    Addresses are in lower case; `message_ref` and `references` are Message-IDs, `<…>`, the nearest last.
    """

    sender: str | None
    sender_name: str | None
    recipients: tuple[str, ...]
    subject: str
    message_ref: str | None
    references: tuple[str, ...]
    automatic: MailReason | None
    """What the header itself says of how it came to be, if no person wrote it."""
    hops: int
    authentication: str | None
    said_forged: bool
    """A server on the way said that the sender is not who it says (DMARC)."""


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail, read. `text` is what was written anew, `whole` with all that it quotes."""

    head: Head
    text: str
    whole: str
    files: tuple[Offered, ...]
    is_broken: bool
    """Its structure could not be followed: the text is all of it, as it came."""


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A mail as it is kept. Its original is read apart.

    `customer_id` is NOBODY until it is known. `due_at` is when it is worked on (business time), `decided_by`
    the agent who said whose it is, or let it go on. `ticket_id` is the ticket that it became or was added to.
    `answered_at`: when its sender was told that it is refused. `is_whole`: the ticket has all that it
    said and brought.
    """

    customer_id: UUID
    mail_id: UUID
    digest: str
    state: MailState
    reason: str | None
    explanation: str | None
    sender: str | None
    sender_name: str | None
    subject: str
    message_ref: str | None
    envelope_sender: str | None
    envelope_recipient: str | None
    authentication: str | None
    size_bytes: int
    received_at: datetime
    due_at: datetime
    ticket_id: UUID | None = None
    decided_by: UUID | None = None
    settled_at: datetime | None = None
    answered_at: datetime | None = None
    attempts: int = 0
    is_whole: bool = False
    number: int = 0
    """In the order of arrival; given when it is stored."""


class SenderKind(StrEnum):
    """What an entry of the list of senders stands for."""

    address = "address"
    domain = "domain"


@dataclass(frozen=True, slots=True)
class KnownSender:
    """An address, or every address of a domain, that writes for a customer; for one of its companies, if
    `company_id` says so.
    """

    customer_id: UUID
    sender_id: UUID
    kind: SenderKind
    value: str
    company_id: UUID | None
    added_at: datetime
    added_by: UUID


@dataclass(frozen=True, slots=True)
class Whose:
    """A customer that a sender may write for, or one of its companies."""

    customer_id: UUID
    company_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class About:
    """The ticket that a mail names, and whether the sender is its contact."""

    customer_id: UUID
    ticket_id: UUID
    from_contact: bool
