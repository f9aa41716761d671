"""The HTTP shapes of mail that comes in, and of who may write for a customer."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.ticketing.model.mail import NOBODY, KnownSender, MailState, ReadMail, ReceivedMail, SenderKind
from services.ticketing.schemas.fields import Explanation, Shape

MAIL_BYTES = 25 * 1024 * 1024
EXAMPLE = "From: Claire Durand <claire@cabinet.example>\r\nSubject: A quote\r\n\r\nIt cannot be saved.\r\n"
MAIL_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "message/rfc822": {
                "schema": {"type": "string", "format": "binary", "maxLength": MAIL_BYTES},
                "example": EXAMPLE,
            }
        },
    }
}
SOURCE: dict[str, Any] = {
    "content": {"text/plain": {"schema": {"type": "string", "maxLength": MAIL_BYTES}, "example": EXAMPLE}}
}

EnvelopeAddress = Annotated[str, StringConstraints(max_length=320, pattern=r"^[^\x00-\x1f\x7f]*$")]
SenderValue = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=254, pattern=r"^[^\x00]*$"),
    Field(examples=["cabinet.example"], description="An address, or a domain for all of its addresses."),
]


class MailTaken(BaseModel):
    """The mail is kept. The same one again has the same id."""

    mail_id: UUID
    state: MailState


class MailShown(BaseModel):
    """A mail as it was received, and what became of it. What it says of its sender is not proven."""

    mail_id: UUID
    state: MailState
    reason: str | None = Field(
        max_length=100, examples=["sender_unknown"], description="Why it became nothing, or a refusal's name."
    )
    explanation: str | None = Field(max_length=2_000, examples=[None])
    customer_id: UUID | None = Field(description="Whose it is, as far as that is known.")
    ticket_id: UUID | None = Field(description="What it became, or was added to.")
    sender: str | None = Field(max_length=320, examples=["claire@cabinet.example"])
    sender_name: str | None = Field(max_length=200, examples=["Claire Durand"])
    subject: str = Field(max_length=250, examples=["A quote"])
    envelope_sender: str | None = Field(max_length=320, examples=["claire@cabinet.example"])
    envelope_recipient: str | None = Field(max_length=320, examples=["support@portal.example"])
    authentication: str | None = Field(
        max_length=2_000,
        examples=["mx.portal.example; dmarc=pass"],
        description="What servers on the way found.",
    )
    size_bytes: int = Field(ge=0, examples=[2_048])
    received_at: datetime
    due_at: datetime = Field(description="When it is, or was, worked on.")
    settled_at: datetime | None
    answered_at: datetime | None = Field(description="When its sender was told that it is refused.")
    decided_by: UUID | None = Field(description="The agent who said whose it is.")


class MailFile(BaseModel):
    """A file that a mail brings, named as the sender has it."""

    name: str = Field(max_length=300, examples=["devis.pdf"])
    media_type: str = Field(max_length=200, examples=["application/pdf"])
    size_bytes: int = Field(ge=0, examples=[48_213])


class MailRead(MailShown):
    """A mail with its text, all that it quotes too. It is text, and to be shown as such."""

    text: str = Field(max_length=100_000, examples=["It cannot be saved."])
    files: list[MailFile] = Field(max_length=50)
    is_broken: bool = Field(description="Its structure could not be followed: the text is as it came.")


class Assigned(Shape):
    """Whose a mail is."""

    customer_id: UUID


class Discarded(Shape):
    """Why a mail is put away."""

    reason: Explanation


class NewSender(Shape):
    """Who writes for a customer; with `company_id` for that company, whose people are sent to the firm."""

    sender: SenderValue
    company_id: UUID | None = None


class SenderShown(BaseModel):
    """An address or a domain that writes for a customer."""

    sender_id: UUID
    kind: SenderKind
    sender: str = Field(max_length=254, examples=["cabinet.example"])
    company_id: UUID | None
    added_at: datetime
    added_by: UUID


def mail_shown(mail: ReceivedMail) -> MailShown:
    """A mail as the publisher's staff sees it in a list."""
    return MailShown(**_told(mail))


def mail_read(mail: ReceivedMail, read: ReadMail) -> MailRead:
    """A mail with what it says."""
    files = [
        MailFile(name=file.name, media_type=file.media_type[:200], size_bytes=len(file.content))
        for file in read.files
    ]
    return MailRead(**_told(mail), text=read.whole, files=files, is_broken=read.is_broken)


def sender_shown(sender: KnownSender) -> SenderShown:
    """One of a customer's senders."""
    return SenderShown(
        sender_id=sender.sender_id,
        kind=sender.kind,
        sender=sender.value,
        company_id=sender.company_id,
        added_at=sender.added_at,
        added_by=sender.added_by,
    )


def _told(mail: ReceivedMail) -> dict[str, Any]:
    told = {name: getattr(mail, name) for name in MailShown.model_fields}
    return told | {"customer_id": None if mail.customer_id == NOBODY else mail.customer_id}
