"""Files of tickets. Their bytes are written once, and read only when one is fetched."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select, text

from chassis.db import Tx
from services.ticketing.model.attachments import Attachment, Filled
from services.ticketing.model.messages import Side
from services.ticketing.model.tickets import Ticket
from services.ticketing.refusals.attachments import AttachmentUnknown
from services.ticketing.store.rows import columns_of
from services.ticketing.tables.attachments import ATTACHMENT, CONTENT

_INSERT = insert(ATTACHMENT)
_INSERT_CONTENT = insert(CONTENT)
_ONE = select(ATTACHMENT).where(
    ATTACHMENT.c.customer_id == bindparam("of_customer"),
    ATTACHMENT.c.ticket_id == bindparam("of_ticket"),
    ATTACHMENT.c.attachment_id == bindparam("of_attachment"),
)
_CONTENT = select(CONTENT.c.content).where(
    CONTENT.c.customer_id == bindparam("of_customer"), CONTENT.c.attachment_id == bindparam("of_attachment")
)
_COLUMNS = ", ".join(column.name for column in ATTACHMENT.c)
_LIST = text(f"""
    SELECT {_COLUMNS} FROM ticket_attachment
    WHERE customer_id = :customer_id AND ticket_id = :ticket_id AND (:with_internal OR NOT internal)
      AND (added_at, attachment_id) > (:after_at, :after_id)
    ORDER BY added_at, attachment_id LIMIT :limit
""").columns(*ATTACHMENT.c)  # noqa: S608
_FILLED = text("""
    SELECT count(*) AS files, coalesce(sum(size_bytes), 0) AS total_bytes FROM ticket_attachment
    WHERE customer_id = :customer_id AND ticket_id = :ticket_id AND side = :side
""")


async def filled(tx: Tx, ticket: Ticket, side: Side) -> Filled:
    """How much a ticket holds of one side's files; to decide on it, it must be locked."""
    told = {"customer_id": ticket.customer_id, "ticket_id": ticket.ticket_id, "side": side.value}
    row = (await tx.execute(_FILLED, told)).one()
    return Filled(row.files, int(row.total_bytes))


async def save_attachment(tx: Tx, attachment: Attachment, content: bytes) -> None:
    """A file with its bytes; neither is ever altered."""
    await tx.execute(_INSERT, columns_of(attachment))
    named = {"customer_id": attachment.customer_id, "attachment_id": attachment.attachment_id}
    await tx.execute(_INSERT_CONTENT, named | {"content": content})


async def list_attachments(
    tx: Tx,
    customer_id: UUID,
    ticket_id: UUID,
    after: tuple[datetime, UUID],
    limit: int,
    *,
    with_internal: bool,
) -> list[Attachment]:
    """A ticket's files in the order in which they came, those after `after`."""
    asked = {"customer_id": customer_id, "ticket_id": ticket_id, "limit": limit}
    rows = await tx.fetch_all(
        _LIST, asked | {"after_at": after[0], "after_id": after[1], "with_internal": with_internal}
    )
    return [_attachment(row) for row in rows]


async def load_attachment(
    tx: Tx, customer_id: UUID, ticket_id: UUID, attachment_id: UUID, *, with_internal: bool
) -> Attachment:
    """One file of a ticket. Raises AttachmentUnknown, also for an internal one that is not asked for."""
    named = {"of_customer": customer_id, "of_ticket": ticket_id, "of_attachment": attachment_id}
    row = await tx.fetch_one(_ONE, named)
    if row is None or (row.internal and not with_internal):
        raise AttachmentUnknown
    return _attachment(row)


async def load_content(tx: Tx, attachment: Attachment) -> bytes:
    """Its bytes."""
    named = {"of_customer": attachment.customer_id, "of_attachment": attachment.attachment_id}
    return bytes((await tx.execute(_CONTENT, named)).scalar_one())


def _attachment(row: Row[Any]) -> Attachment:
    told = dict(row._mapping)
    return Attachment(**told | {"side": Side(row.side)})
