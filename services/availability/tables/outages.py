"""Outages and exclusions: what was interrupted, whom it touched, what left it out, and how that was settled.

Both are the publisher's record; `outage_customer` and `exclusion_customer` name those touched if not all are.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.availability.tables.columns import METADATA, history_of, instant

OUTAGE = Table(
    "outage",
    METADATA,
    Column("outage_id", Uuid, primary_key=True),
    Column("offering_code", Text),
    Column("environment", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_key", Text),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    instant("starts_at"),
    instant("ends_at", nullable=True),
    Column("state", Text, nullable=False),
    Column("merged_into", Uuid),
    instant("detected_at"),
    Column("opened_by", Uuid),
    Column("revision", Integer, nullable=False),
    CheckConstraint("scope IN ('all', 'some')", name="outage_scope"),
    CheckConstraint("source IN ('probe', 'alert', 'operations', 'import')", name="outage_source"),
    CheckConstraint("state IN ('open', 'ended', 'merged', 'withdrawn')", name="outage_state"),
    CheckConstraint("ends_at > starts_at", name="outage_has_length"),
    Index("outage_by_time", "starts_at", "outage_id"),
    Index("outage_during", text("tstzrange(starts_at, ends_at)"), postgresql_using="gist"),
    Index("outage_open", "starts_at", postgresql_where=text("state = 'open'")),
    Index(
        "outage_of_source",
        "source",
        "source_key",
        unique=True,
        postgresql_where=text("state = 'open' AND source_key IS NOT NULL"),
    ),
)
"""`offering_code` null: the portal itself. `state` merged and withdrawn count for nothing. `source_key` names
the target of a probe or the fingerprint of an alert, so that what is open is found again. Whole seconds."""

OUTAGE_CUSTOMER = Table(
    "outage_customer",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("outage_id", Uuid, primary_key=True),
    ForeignKeyConstraint(["outage_id"], ["outage.outage_id"], name="outage_customer_of"),
    Index("outage_customers", "outage_id"),
)

OUTAGE_HISTORY = history_of("outage")

OUTAGE_EVIDENCE = Table(
    "outage_evidence",
    METADATA,
    Column("outage_id", Uuid, primary_key=True),
    Column("seq", Integer, primary_key=True),
    instant("at"),
    Column("kind", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    ForeignKeyConstraint(["outage_id"], ["outage.outage_id"], name="outage_evidence_of"),
)

EXCLUSION = Table(
    "exclusion",
    METADATA,
    Column("exclusion_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("scope", Text, nullable=False),
    instant("starts_at"),
    instant("ends_at", nullable=True),
    Column("reason", Text, nullable=False),
    instant("recorded_at"),
    Column("recorded_by", Uuid, nullable=False),
    Column("maintenance_id", Uuid),
    instant("withdrawn_at", nullable=True),
    Column("withdrawn_by", Uuid),
    Column("withdrawn_reason", Text),
    Column("revision", Integer, nullable=False),
    CheckConstraint("scope IN ('all', 'some')", name="exclusion_scope"),
    CheckConstraint("ends_at > starts_at", name="exclusion_has_length"),
    Index("exclusion_by_time", "starts_at", "exclusion_id"),
    Index("exclusion_during", text("tstzrange(starts_at, ends_at)"), postgresql_using="gist"),
    Index(
        "exclusion_of_maintenance",
        "maintenance_id",
        unique=True,
        postgresql_where=text("maintenance_id IS NOT NULL AND withdrawn_at IS NULL"),
    ),
)
"""`kind` is an ExclusionKind. One that was withdrawn counts for nothing, and stays to be read."""

EXCLUSION_CUSTOMER = Table(
    "exclusion_customer",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("exclusion_id", Uuid, primary_key=True),
    ForeignKeyConstraint(["exclusion_id"], ["exclusion.exclusion_id"], name="exclusion_customer_of"),
    Index("exclusion_customers", "exclusion_id"),
)

EXCLUSION_HISTORY = history_of("exclusion")
