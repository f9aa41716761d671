"""What is said about a ticket: messages between the two sides, and notes of support alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.ticketing.model.tickets import Channel, Contact


class Side(StrEnum):
    """Who says it."""

    customer = "customer"
    support = "support"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Something to say. `internal`: a note that no customer reads; `mail_id`: the Message-ID of the mail that
    it came with, and `contact`: who wrote that mail.
    """

    side: Side
    text: str
    by: UUID | None
    author_name: str | None
    channel: Channel
    internal: bool = False
    mail_id: str | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What was said, in the order of its numbers."""

    customer_id: UUID
    ticket_id: UUID
    number: int
    message_id: UUID
    at: datetime
    by: UUID | None
    author_name: str | None
    side: Side
    channel: Channel
    internal: bool
    text: str
