"""What customer and support say to each other about a ticket, support's own notes, and the mails' thread."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
)

from services.ticketing.tables.columns import METADATA, instant

TICKET_MESSAGE = Table(
    "ticket_message",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("message_id", Uuid, nullable=False),
    instant("at"),
    Column("by", Uuid),
    Column("author_name", Text),
    Column("side", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    ForeignKeyConstraint(
        ["customer_id", "ticket_id"], ["ticket.customer_id", "ticket.ticket_id"], name="ticket_message_of"
    ),
    CheckConstraint("side IN ('customer', 'support')", name="ticket_message_side"),
    CheckConstraint("NOT internal OR side = 'support'", name="ticket_message_internal"),
    Index("ticket_message_id", "customer_id", "message_id", unique=True),
)
"""`internal` is a note that no customer reads."""

MAIL_THREAD = Table(
    "mail_thread",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("mail_id", Text, primary_key=True),
    Column("ticket_id", Uuid, nullable=False),
    ForeignKeyConstraint(
        ["customer_id", "ticket_id"], ["ticket.customer_id", "ticket.ticket_id"], name="mail_thread_of"
    ),
    Index("mail_thread_by_id", "mail_id"),
    Index("mail_thread_by_ticket", "customer_id", "ticket_id"),
)
"""`mail_id` is the Message-ID of a mail that came in, `<…>`; of one sent, what stands before its `@`."""
