"""Messages of tickets, and which ticket a mail belongs to."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.ticketing.model.messages import Message, Side
from services.ticketing.model.tickets import Channel

_COLUMNS = (
    "customer_id, ticket_id, number, message_id, at, by, author_name, side, channel, internal, text AS said"
)
_NEXT = text("""
    SELECT coalesce(max(number), 0) + 1 FROM ticket_message
    WHERE customer_id = :customer_id AND ticket_id = :ticket_id
""")
_INSERT = text("""
    INSERT INTO ticket_message (customer_id, ticket_id, number, message_id, at, by, author_name, side,
                                channel, internal, text)
    VALUES (:customer_id, :ticket_id, :number, :message_id, :at, :by, :author_name, :side, :channel,
            :internal, :said)
""")
_LIST = text(f"""
    SELECT {_COLUMNS} FROM ticket_message
    WHERE customer_id = :customer_id AND ticket_id = :ticket_id AND number > :after
      AND (NOT internal OR :with_notes)
    ORDER BY number LIMIT :limit
""")  # noqa: S608
_NUMBERED = text(f"""
    SELECT {_COLUMNS} FROM ticket_message
    WHERE customer_id = :customer_id AND ticket_id = :ticket_id AND number = :number
""")  # noqa: S608
_SAVE_MAIL_ID = text("""
    INSERT INTO mail_thread (customer_id, mail_id, ticket_id) VALUES (:customer_id, :mail_id, :ticket_id)
    ON CONFLICT (customer_id, mail_id) DO NOTHING
""")
_BY_MAIL = text("""
    SELECT customer_id, ticket_id FROM mail_thread WHERE mail_id = ANY(CAST(:ids AS text[]))
    ORDER BY array_position(CAST(:ids AS text[]), mail_id) LIMIT 1
""")
_RECEIVED = text("""
    SELECT mail_id FROM mail_thread
    WHERE customer_id = :customer_id AND ticket_id = :ticket_id AND mail_id LIKE '<%' ORDER BY mail_id
    LIMIT :limit
""")


async def next_number(tx: Tx, customer_id: UUID, ticket_id: UUID) -> int:
    """The number of the next message of a ticket that is locked."""
    told = {"customer_id": customer_id, "ticket_id": ticket_id}
    number: int = (await tx.execute(_NEXT, told)).scalar_one()
    return number


async def save_message(tx: Tx, message: Message) -> None:
    """What was said; it is never altered."""
    await tx.execute(
        _INSERT,
        {
            "customer_id": message.customer_id,
            "ticket_id": message.ticket_id,
            "number": message.number,
            "message_id": message.message_id,
            "at": message.at,
            "by": message.by,
            "author_name": message.author_name,
            "side": message.side.value,
            "channel": message.channel.value,
            "internal": message.internal,
            "said": message.text,
        },
    )


async def list_messages(
    tx: Tx, customer_id: UUID, ticket_id: UUID, after: int, limit: int, *, with_notes: bool
) -> list[Message]:
    """What was said about a ticket, in its order, from the number after `after` on."""
    told = {"customer_id": customer_id, "ticket_id": ticket_id, "after": after, "limit": limit}
    return [_message(row) for row in await tx.fetch_all(_LIST, told | {"with_notes": with_notes})]


async def find_numbered(tx: Tx, customer_id: UUID, ticket_id: UUID, number: int) -> Message | None:
    """The message of a ticket that has this number."""
    told = {"customer_id": customer_id, "ticket_id": ticket_id, "number": number}
    row = await tx.fetch_one(_NUMBERED, told)
    return _message(row) if row else None


async def save_mail_id(tx: Tx, customer_id: UUID, ticket_id: UUID, mail_id: str) -> None:
    """This mail belongs to that ticket: answers to it do too."""
    told = {"customer_id": customer_id, "ticket_id": ticket_id, "mail_id": mail_id}
    await tx.execute(_SAVE_MAIL_ID, told)


async def find_by_mail_ids(tx: Tx, mail_ids: Sequence[str]) -> tuple[UUID, UUID] | None:
    """The customer and the ticket of the first of these mails that is known, as far as the scope sees."""
    row = await tx.fetch_one(_BY_MAIL, {"ids": list(mail_ids)})
    return (row.customer_id, row.ticket_id) if row else None


async def list_received_ids(tx: Tx, customer_id: UUID, ticket_id: UUID, limit: int = 20) -> list[str]:
    """Message-IDs of mails that came in about a ticket."""
    told = {"customer_id": customer_id, "ticket_id": ticket_id, "limit": limit}
    return [row.mail_id for row in await tx.fetch_all(_RECEIVED, told)]


def _message(row: Row[Any]) -> Message:
    return Message(
        customer_id=row.customer_id,
        ticket_id=row.ticket_id,
        number=row.number,
        message_id=row.message_id,
        at=row.at,
        by=row.by,
        author_name=row.author_name,
        side=Side(row.side),
        channel=Channel(row.channel),
        internal=row.internal,
        text=row.said,
    )
