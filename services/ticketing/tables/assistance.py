"""When technicians are there and when they are taken; remote assistance that customers booked (13.7-a)."""

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
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from services.ticketing.tables.columns import METADATA, instant

_TIME = text("tstzrange(starts_at, ends_at)")

TECHNICIAN_HOURS = Table(
    "technician_hours",
    METADATA,
    Column("hours_id", Uuid, primary_key=True),
    Column("technician_id", Uuid, nullable=False),
    instant("starts_at"),
    instant("ends_at"),
    instant("published_at"),
    Column("published_by", Uuid, nullable=False),
    CheckConstraint("starts_at < ends_at", name="technician_hours_end"),
    ExcludeConstraint(("technician_id", "="), (_TIME, "&&"), name="technician_hours_apart", using="gist"),
    Index("technician_hours_by_end", "ends_at"),
)
"""Times at which a technician can be booked."""

TECHNICIAN_BUSY = Table(
    "technician_busy",
    METADATA,
    Column("busy_id", Uuid, primary_key=True),
    Column("technician_id", Uuid, nullable=False),
    instant("starts_at"),
    instant("ends_at"),
    CheckConstraint("starts_at < ends_at", name="technician_busy_end"),
    ExcludeConstraint(("technician_id", "="), (_TIME, "&&"), name="technician_busy_once", using="gist"),
    Index("technician_busy_by_end", "ends_at"),
)
"""Times that are taken, once each: `busy_id` is the booking, intervention or web session that took it."""

BOOKING = Table(
    "assistance_booking",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("booking_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, nullable=False),
    Column("reference", Text, nullable=False),
    Column("technician_id", Uuid, nullable=False),
    Column("plan", Text, nullable=False),
    Column("state", Text, nullable=False),
    instant("starts_at"),
    instant("ends_at"),
    Column("contact_name", Text),
    Column("contact_mail", Text),
    Column("access", Text),
    instant("booked_at"),
    Column("booked_by", Uuid, nullable=False),
    instant("ended_at", nullable=True),
    Column("ended_by", Uuid),
    Column("reason", Text),
    Column("report", Text),
    instant("remind_at", nullable=True),
    instant("reminded_at", nullable=True),
    Column("revision", Integer, nullable=False),
    ForeignKeyConstraint(
        ["customer_id", "ticket_id"], ["ticket.customer_id", "ticket.ticket_id"], name="assistance_booking_of"
    ),
    CheckConstraint("plan IN ('open', 'private')", name="assistance_booking_plan"),
    CheckConstraint("state IN ('booked', 'cancelled', 'no_show', 'done')", name="assistance_booking_state"),
    Index(
        "assistance_booking_open",
        "customer_id",
        "ticket_id",
        unique=True,
        postgresql_where=text("state = 'booked'"),
    ),
    Index("assistance_booking_by_start", "customer_id", "starts_at", "booking_id"),
    Index("assistance_booking_of_technician", "technician_id", "starts_at"),
    Index(
        "assistance_booking_to_remind",
        "remind_at",
        postgresql_where=text("reminded_at IS NULL AND state = 'booked'"),
    ),
)
"""`plan` is that in whose hours it was booked; a booking stays as it is when plan or hours change."""
