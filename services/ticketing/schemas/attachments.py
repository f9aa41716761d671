"""The HTTP shape of a file that goes with a ticket."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.ticketing.model.attachments import Attachment
from services.ticketing.model.messages import Side
from services.ticketing.rules.attachments import FILE_BYTES, NAME_LENGTH


class AttachmentShown(BaseModel):
    """A file, as it was found to be: its name made safe, its type by its content."""

    attachment_id: UUID
    ticket_id: UUID
    message_number: int | None = Field(ge=1, description="The message that it goes with, if any.")
    side: Side
    internal: bool = Field(description="No customer sees it.")
    name: str = Field(max_length=NAME_LENGTH + 10, examples=["capture.png"])
    media_type: str = Field(max_length=120, examples=["image/png"])
    size_bytes: int = Field(ge=1, le=FILE_BYTES, examples=[48_213])
    sha256: str = Field(min_length=64, max_length=64, examples=["9f" * 32])
    added_at: datetime
    added_by: UUID | None


def attachment_shown(attachment: Attachment) -> AttachmentShown:
    """A file as it is shown to whom may see it."""
    return AttachmentShown(
        attachment_id=attachment.attachment_id,
        ticket_id=attachment.ticket_id,
        message_number=attachment.message_number,
        side=attachment.side,
        internal=attachment.internal,
        name=attachment.name,
        media_type=attachment.media_type,
        size_bytes=attachment.size_bytes,
        sha256=attachment.sha256,
        added_at=attachment.added_at,
        added_by=attachment.added_by,
    )
