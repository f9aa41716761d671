"""The hosting register (7-a): how each commitment is held, its dated evidence, reminders before that ends."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)

from services.availability.tables.columns import METADATA, instant

HOSTING_COMMITMENT = Table(
    "hosting_commitment",
    METADATA,
    Column("commitment", Text, primary_key=True),
    Column("description", Text, nullable=False),
    Column("revision", Integer, nullable=False),
)
"""What is held is the booklet's list; a row is made when something is first written of it."""

HOSTING_EVIDENCE = Table(
    "hosting_evidence",
    METADATA,
    Column("evidence_id", Uuid, primary_key=True),
    Column("commitment", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("sha256", Text),
    Column("dated_on", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    instant("recorded_at"),
    Column("recorded_by", Uuid, nullable=False),
    instant("withdrawn_at", nullable=True),
    Column("withdrawn_by", Uuid),
    Column("withdrawn_reason", Text),
    CheckConstraint("valid_until >= dated_on", name="hosting_evidence_has_length"),
    Index("hosting_evidence_of", "commitment", "recorded_at", "evidence_id"),
)
"""`document` names where the evidence lies, `sha256` its digest. A row changes only to be withdrawn."""

HOSTING_REMINDER = Table(
    "hosting_reminder",
    METADATA,
    Column("evidence_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    instant("due_at"),
    instant("settled_at", nullable=True),
    Column("outcome", Text),
    CheckConstraint("kind IN ('due_soon', 'expired')", name="hosting_reminder_kind"),
    CheckConstraint("outcome IN ('sent', 'superseded')", name="hosting_reminder_outcome"),
    ForeignKeyConstraint(["evidence_id"], ["hosting_evidence.evidence_id"], name="hosting_reminder_of"),
    Index("hosting_reminder_due", "due_at", postgresql_where=text("settled_at IS NULL")),
)
"""One that newer evidence has overtaken by its instant is settled without a mail."""
