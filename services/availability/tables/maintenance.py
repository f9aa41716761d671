"""Maintenance: what was announced and when, what really happened, and each change of it as proof."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
)

from services.availability.tables.columns import METADATA, history_of, instant

MAINTENANCE = Table(
    "maintenance",
    METADATA,
    Column("maintenance_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("blocking", Boolean, nullable=False),
    instant("starts_at"),
    instant("ends_at", nullable=True),
    instant("announced_at"),
    instant("started_at", nullable=True),
    instant("ended_at", nullable=True),
    instant("cancelled_at", nullable=True),
    Column("state", Text, nullable=False),
    Column("recorded_by", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    CheckConstraint("kind IN ('planned', 'urgent')", name="maintenance_kind"),
    CheckConstraint("state IN ('announced', 'started', 'ended', 'cancelled')", name="maintenance_state"),
    CheckConstraint("(kind = 'urgent') OR ends_at IS NOT NULL", name="maintenance_planned_ends"),
    CheckConstraint("ends_at > starts_at", name="maintenance_has_length"),
    Index("maintenance_by_time", "starts_at", "maintenance_id"),
)
"""`starts_at` and `ends_at` as announced; `started_at` and `ended_at` as they were. `description` of urgent
maintenance is its reason (5-e), and its `ends_at` an estimate. Maintenance always concerns everybody."""

MAINTENANCE_HISTORY = history_of("maintenance")
