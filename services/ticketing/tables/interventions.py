"""What the publisher's people do for a customer, its report, and who attended a training (13.1-a)."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from services.ticketing.tables.columns import METADATA, instant

INTERVENTION = Table(
    "intervention",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("intervention_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("technician_id", Uuid),
    instant("starts_at"),
    instant("ends_at"),
    Column("state", Text, nullable=False),
    Column("cancelled_reason", Text),
    Column("report", Text),
    instant("reported_at", nullable=True),
    Column("reported_by", Uuid),
    instant("planned_at"),
    Column("planned_by", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    CheckConstraint("starts_at < ends_at", name="intervention_end"),
    CheckConstraint(
        "kind IN ('remote_assistance', 'web_session', 'on_site', 'training')", name="intervention_kind"
    ),
    CheckConstraint("state IN ('planned', 'cancelled', 'done')", name="intervention_state"),
    Index("intervention_by_start", "customer_id", "starts_at", "intervention_id"),
    Index("intervention_of_technician", "technician_id", "starts_at"),
)
"""`who` names whom the customer will see; `technician_id` is there where a technician's time is taken."""

PARTICIPANT = Table(
    "attendance_participant",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("intervention_id", Uuid, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    ForeignKeyConstraint(
        ["customer_id", "intervention_id"],
        ["intervention.customer_id", "intervention.intervention_id"],
        name="attendance_participant_of",
    ),
)

PRESENCE = Table(
    "attendance_presence",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("intervention_id", Uuid, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("half", Text, primary_key=True),
    Column("present", Boolean, nullable=False),
    instant("recorded_at"),
    Column("recorded_by", Uuid, nullable=False),
    ForeignKeyConstraint(
        ["customer_id", "intervention_id", "number"],
        [
            "attendance_participant.customer_id",
            "attendance_participant.intervention_id",
            "attendance_participant.number",
        ],
        name="attendance_presence_of",
    ),
    CheckConstraint("half IN ('morning', 'afternoon')", name="attendance_presence_half"),
)
"""Who recorded, and when, that somebody was there on a half-day, or was not: what a signature stands for."""
