"""Files of tickets: what is known of each, and, apart, its bytes.

The bytes are rows like everything else, and not files beside the database: so they come and go with the
transaction that speaks of them, stand behind the same row-level security, are in the same backup, and no path
is ever made of what a caller calls a file.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from services.ticketing.tables.columns import METADATA, instant

ATTACHMENT = Table(
    "ticket_attachment",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("attachment_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, nullable=False),
    Column("message_number", Integer),
    Column("side", Text, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    instant("added_at"),
    Column("added_by", Uuid),
    ForeignKeyConstraint(
        ["customer_id", "ticket_id"], ["ticket.customer_id", "ticket.ticket_id"], name="ticket_attachment_of"
    ),
    ForeignKeyConstraint(
        ["customer_id", "ticket_id", "message_number"],
        ["ticket_message.customer_id", "ticket_message.ticket_id", "ticket_message.number"],
        name="ticket_attachment_with",
    ),
    CheckConstraint("side IN ('customer', 'support')", name="ticket_attachment_side"),
    CheckConstraint("NOT internal OR side = 'support'", name="ticket_attachment_internal"),
    Index("ticket_attachment_listed", "customer_id", "ticket_id", "added_at", "attachment_id"),
)
"""`internal` is one that no customer sees; `message_number` the message or note that it goes with."""

CONTENT = Table(
    "ticket_attachment_content",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("attachment_id", Uuid, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["customer_id", "attachment_id"],
        ["ticket_attachment.customer_id", "ticket_attachment.attachment_id"],
        name="ticket_attachment_content_of",
    ),
)
