"""Mail that came in, and who may write for a customer."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from services.ticketing.tables.columns import METADATA, instant

INBOUND_MAIL = Table(
    "inbound_mail",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("mail_id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("digest", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("explanation", Text),
    Column("sender", Text),
    Column("sender_name", Text),
    Column("subject", Text, nullable=False),
    Column("message_ref", Text),
    Column("envelope_sender", Text),
    Column("envelope_recipient", Text),
    Column("authentication", Text),
    Column("size_bytes", Integer, nullable=False),
    instant("received_at"),
    instant("due_at"),
    Column("ticket_id", Uuid),
    Column("decided_by", Uuid),
    instant("settled_at", nullable=True),
    instant("answered_at", nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("is_whole", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint(
        "state IN ('received', 'done', 'ignored', 'held', 'unmatched', 'refused', 'discarded')",
        name="inbound_mail_state",
    ),
    CheckConstraint("(state = 'done') = (ticket_id IS NOT NULL)", name="inbound_mail_done"),
    Index("inbound_mail_once", "digest", unique=True),
    Index("inbound_mail_id", "mail_id", unique=True),
    Index("inbound_mail_due", "due_at", "number", postgresql_where=text("state = 'received'")),
    Index("inbound_mail_listed", "state", "number"),
    Index("inbound_mail_sender", "sender", "received_at"),
    Index("inbound_mail_pace", "customer_id", "due_at"),
)
"""The nil UUID stands for a customer that is not known: no tenant sees those. `raw` is the mail itself,
`is_whole` that its ticket has all of it.
"""

MAIL_SENDER = Table(
    "mail_sender",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("sender_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("company_id", Uuid),
    instant("added_at"),
    Column("added_by", Uuid, nullable=False),
    CheckConstraint("kind IN ('address', 'domain')", name="mail_sender_kind"),
    Index("mail_sender_once", "customer_id", "value", unique=True),
    Index("mail_sender_by_value", "value"),
)
"""`value` is in lower case."""
