"""The HTTP shapes of what is said about a ticket."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.ticketing.model.messages import Message, Side
from services.ticketing.model.tickets import Channel
from services.ticketing.schemas.fields import Shape

MAX_TEXT = 20_000

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT, pattern=r"^[^\x00]*$"),
    Field(examples=["It happens with every quote since this morning."]),
]


class CustomerMessage(Shape):
    """What a customer writes."""

    text: Text


class SupportMessage(Shape):
    """What a technician writes: to the customer, or, internal, to its colleagues."""

    text: Text
    internal: bool = Field(default=False, description="A note, which no customer reads.")
    wait_for_customer: bool = Field(
        default=False, description="The ticket waits for its customer from now on (R3)."
    )


class MessageShown(BaseModel):
    """What was said. `ticket_id` is another ticket's where the one written to was closed."""

    message_id: UUID
    ticket_id: UUID
    number: int = Field(ge=1, examples=[1])
    at: datetime
    side: Side
    channel: Channel
    author: UUID | None = Field(description="The person, or null for a mail.")
    author_name: str | None = Field(max_length=320, examples=["Bruno Petit"])
    internal: bool
    text: str = Field(max_length=100_000, examples=["It happens with every quote since this morning."])


def message_shown(message: Message) -> MessageShown:
    """A message as it is shown to whom may read it."""
    return MessageShown(
        message_id=message.message_id,
        ticket_id=message.ticket_id,
        number=message.number,
        at=message.at,
        side=message.side,
        channel=message.channel,
        author=message.by,
        author_name=message.author_name,
        internal=message.internal,
        text=message.text,
    )
