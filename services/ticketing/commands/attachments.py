"""Files go with a ticket, or with a message of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from chassis.db import Tx
from services.ticketing.commands.happening import happened
from services.ticketing.model.attachments import Attachment, Checked, Placing
from services.ticketing.model.tickets import Happening, Ticket
from services.ticketing.refusals.attachments import MessageUnknown
from services.ticketing.rules.attachments import goes_with, has_room
from services.ticketing.rules.handling import require_open
from services.ticketing.store import attachments as store
from services.ticketing.store.messages import find_numbered
from services.ticketing.store.tickets import lock_ticket


async def attach(
    tx: Tx, customer_id: UUID, ticket_id: UUID, file: Checked, placing: Placing, now: datetime
) -> Attachment:
    """Adds a file to a ticket that is open.

    Raises TicketUnknown, TicketClosedAlready, MessageUnknown, AttachmentsTooMany.
    """
    ticket = await lock_ticket(tx, customer_id, ticket_id)
    require_open(ticket)
    placing = await _placed(tx, ticket, placing)
    _, (attachment,) = await attach_all(tx, ticket, [file], placing, now)
    return attachment


async def attach_all(
    tx: Tx, ticket: Ticket, files: Sequence[Checked], placing: Placing, now: datetime
) -> tuple[Ticket, list[Attachment]]:
    """Adds files to a ticket that is locked, with one line in its history. Raises AttachmentsTooMany.

    Their ids are in their order, by which files of one instant are listed.
    """
    if not files:
        return ticket, []
    has_room(await store.filled(tx, ticket, placing.side), [len(file.content) for file in files])
    ids = sorted(uuid4() for _ in files)
    attachments = [
        _attachment(ticket, each, file, placing, now) for each, file in zip(ids, files, strict=True)
    ]
    for attachment, file in zip(attachments, files, strict=True):
        await store.save_attachment(tx, attachment, file.content)
    what = Happening.note_added if placing.internal else Happening.attachment_added
    told = {
        "attachments": [str(attachment.attachment_id) for attachment in attachments],
        "number": placing.message_number,
        "side": placing.side,
    }
    return await happened(tx, ticket, what, placing.by, told, now), attachments


async def _placed(tx: Tx, ticket: Ticket, placing: Placing) -> Placing:
    """Where the file stands: with a message it is as internal as that is, and of whose side it is."""
    if placing.message_number is None:
        return placing
    found = await find_numbered(tx, ticket.customer_id, ticket.ticket_id, placing.message_number)
    if found is None:
        raise MessageUnknown
    return goes_with(placing, found)


def _attachment(
    ticket: Ticket, attachment_id: UUID, file: Checked, placing: Placing, now: datetime
) -> Attachment:
    return Attachment(
        customer_id=ticket.customer_id,
        attachment_id=attachment_id,
        ticket_id=ticket.ticket_id,
        message_number=placing.message_number,
        side=placing.side,
        internal=placing.internal,
        name=file.name,
        media_type=file.media_type,
        size_bytes=len(file.content),
        sha256=file.sha256,
        added_at=now,
        added_by=placing.by,
    )
