"""Live web sessions, who was invited to them and who registered (13.8-a)."""

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
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.ticketing.tables.columns import METADATA, instant

WEB_SESSION = Table(
    "web_session",
    METADATA,
    Column("session_id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("products", ARRAY(Text), nullable=False),
    Column("language", Text, nullable=False),
    Column("level", Text, nullable=False),
    instant("starts_at"),
    instant("ends_at"),
    Column("capacity", Integer, nullable=False),
    Column("link", Text, nullable=False),
    Column("host_id", Uuid),
    Column("state", Text, nullable=False),
    Column("cancelled_reason", Text),
    Column("replay_link", Text),
    instant("replay_published_at", nullable=True),
    instant("planned_at"),
    Column("planned_by", Uuid, nullable=False),
    Column("seats_taken", Integer, nullable=False),
    Column("places_given", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    CheckConstraint("starts_at < ends_at", name="web_session_end"),
    CheckConstraint("level IN ('connect', 'open', 'private')", name="web_session_level"),
    CheckConstraint("state IN ('planned', 'cancelled')", name="web_session_state"),
    CheckConstraint("seats_taken BETWEEN 0 AND capacity", name="web_session_seats"),
    Index("web_session_by_start", "starts_at", "session_id"),
)
"""The publisher's. `seats_taken` counts who has a seat, `places_given` numbers registrations in their order:
both move under the row's lock, since no customer sees another's registrations."""

INVITATION = Table(
    "web_session_invitation",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("session_id", Uuid, primary_key=True),
    Column("mail", Text, primary_key=True),
    instant("invited_at"),
    Column("invited_by", Uuid, nullable=False),
    ForeignKeyConstraint(["session_id"], ["web_session.session_id"], name="web_session_invitation_to"),
    Index("web_session_invitation_by_session", "session_id", "customer_id", "mail"),
)

REGISTRATION = Table(
    "web_session_registration",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("registration_id", Uuid, primary_key=True),
    Column("session_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("mail", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("state", Text, nullable=False),
    instant("registered_at"),
    instant("cancelled_at", nullable=True),
    Column("attended", Boolean),
    instant("attendance_at", nullable=True),
    Column("attendance_by", Uuid),
    instant("remind_at", nullable=True),
    instant("reminded_at", nullable=True),
    Column("revision", Integer, nullable=False),
    ForeignKeyConstraint(["session_id"], ["web_session.session_id"], name="web_session_registration_to"),
    CheckConstraint("state IN ('registered', 'waiting', 'cancelled')", name="web_session_registration_state"),
    Index(
        "web_session_registration_once",
        "customer_id",
        "session_id",
        "mail",
        unique=True,
        postgresql_where=text("state <> 'cancelled'"),
    ),
    Index("web_session_registration_in_order", "session_id", "place"),
    Index(
        "web_session_registration_to_remind",
        "remind_at",
        postgresql_where=text("reminded_at IS NULL AND state = 'registered'"),
    ),
)
