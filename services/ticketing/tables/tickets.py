"""A ticket, its history, its clocks and its waits; and when a customer's support stands still.

`ticket_history` is what happened, never altered; everything else of a ticket's clocks follows from it.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Sequence,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.ticketing.tables.columns import METADATA, instant

_WAITS_FOR_AGENT = "state IN ('registered', 'in_charge') AND assigned_to IS NULL AND NOT waiting"

TICKET_NUMBER = Sequence("ticket_number", metadata=METADATA)

TICKET = Table(
    "ticket",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("product", Text),
    Column("company_id", Uuid),
    Column("plan", Text, nullable=False),
    Column("urgency", Text),
    Column("subject", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("error_message", Text),
    Column("menu_path", ARRAY(Text), nullable=False),
    Column("feature", Text),
    Column("contact_person_id", Uuid),
    Column("contact_name", Text),
    Column("contact_email", Text),
    Column("contact_phone", Text),
    Column("terms", JSONB(none_as_null=True)),
    Column("state", Text, nullable=False),
    instant("registered_at"),
    Column("registered_by", Uuid),
    instant("acknowledged_at", nullable=True),
    Column("assigned_to", Uuid),
    instant("assigned_at", nullable=True),
    instant("taken_in_charge_at", nullable=True),
    Column("taken_by", Uuid),
    instant("qualified_at", nullable=True),
    instant("reproduced_at", nullable=True),
    Column("criticality", SmallInteger),
    instant("provided_at", nullable=True),
    Column("waiting", Boolean, nullable=False),
    Column("left_out", Text),
    Column("left_out_reason", Text),
    instant("left_out_at", nullable=True),
    Column("set_apart", Text),
    Column("set_apart_reason", Text),
    instant("set_apart_at", nullable=True),
    instant("closed_at", nullable=True),
    Column("closed_by", Uuid),
    Column("follows", Uuid),
    instant("nearest_due_at", nullable=True),
    Column("revision", Integer, nullable=False),
    CheckConstraint("kind IN ('support', 'customer_service')", name="ticket_kind"),
    CheckConstraint("channel IN ('portal', 'telephone', 'email', 'api')", name="ticket_channel"),
    CheckConstraint("plan IN ('connect', 'open', 'private')", name="ticket_plan"),
    CheckConstraint("state IN ('registered', 'in_charge', 'provided', 'closed')", name="ticket_state"),
    CheckConstraint("(kind = 'support') = (terms IS NOT NULL)", name="ticket_terms_of_support"),
    Index("ticket_reference", "customer_id", "reference", unique=True),
    Index("ticket_by_reference", "reference"),
    Index(
        "ticket_by_contact",
        text("lower(contact_email)"),
        postgresql_where=text("contact_email IS NOT NULL"),
    ),
    Index("ticket_by_registration", "customer_id", "registered_at", "ticket_id"),
    Index(
        "ticket_queue_private",
        "queue",
        "registered_at",
        "ticket_id",
        postgresql_where=text(f"{_WAITS_FOR_AGENT} AND plan = 'private'"),
    ),
    Index(
        "ticket_queue_due",
        "queue",
        "nearest_due_at",
        "registered_at",
        "ticket_id",
        postgresql_where=text(f"{_WAITS_FOR_AGENT} AND plan <> 'private'"),
    ),
    Index("ticket_assigned", "assigned_to", postgresql_where=text("state <> 'closed'")),
    Index(
        "ticket_standing",
        "customer_id",
        "ticket_id",
        postgresql_include=["registered_at", "left_out", "set_apart"],
    ),
)
"""`terms` are those frozen at registration (R1): calendar, frozen_on, take_charge_seconds, plan_seconds,
correction_days, net_decides, booklet; null for a request to customer service, which has no clock.
`queue` is the product's code, `portal`, or `customer-service`.
`left_out` is out_of_scope, not_reproducible or as_documented; `set_apart` is duty_not_met or
support_suspended.
"""

TICKET_HISTORY = Table(
    "ticket_history",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, primary_key=True),
    Column("seq", Integer, primary_key=True),
    instant("at"),
    Column("what", Text, nullable=False),
    Column("by", Uuid),
    Column("told", JSONB, nullable=False),
    ForeignKeyConstraint(
        ["customer_id", "ticket_id"], ["ticket.customer_id", "ticket.ticket_id"], name="ticket_history_of"
    ),
)

TICKET_CLOCK = Table(
    "ticket_clock",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    instant("starts_at"),
    instant("due_at"),
    Column("limit_seconds", Integer, nullable=False),
    instant("ended_at", nullable=True),
    Column("elapsed_seconds", Integer),
    Column("net_seconds", Integer),
    instant("warn_at", nullable=True),
    instant("warned_at", nullable=True),
    instant("miss_at", nullable=True),
    instant("missed_at", nullable=True),
    ForeignKeyConstraint(
        ["customer_id", "ticket_id"], ["ticket.customer_id", "ticket.ticket_id"], name="ticket_clock_of"
    ),
    CheckConstraint("kind IN ('take_charge', 'corrective_plan', 'correction')", name="ticket_clock_kind"),
    CheckConstraint(
        "state IN ('running', 'kept', 'missed', 'suspended', 'replaced')", name="ticket_clock_state"
    ),
    Index(
        "ticket_clock_to_warn",
        "warn_at",
        postgresql_where=text("warned_at IS NULL AND ended_at IS NULL AND state = 'running'"),
    ),
    Index(
        "ticket_clock_to_miss",
        "miss_at",
        postgresql_where=text("missed_at IS NULL AND state IN ('running', 'missed')"),
    ),
    Index(
        "ticket_clock_take_charge",
        "customer_id",
        "ticket_id",
        postgresql_include=["state", "miss_at", "missed_at"],
        postgresql_where=text("number = 1"),
    ),
)
"""Number 1 is the take-charge clock, each later one a qualification's. `elapsed_seconds` and `net_seconds`
are open seconds at `ended_at`, null before. `miss_at` is the instant at which elapsed exceeds the limit by a
second, so at a closing time at the latest (R1); `warn_at` that at which 75 % have elapsed. `warned_at` and
`missed_at` are when that was said, in opening hours; a miss is said also of a clock that ended before anybody
looked. A clock that is missed stays `running` until it ends, when it becomes `missed`; a requalified
anomaly's earlier clock becomes `replaced` unless it was missed.
"""

TICKET_WAIT = Table(
    "ticket_wait",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    instant("since"),
    instant("until", nullable=True),
    ForeignKeyConstraint(
        ["customer_id", "ticket_id"], ["ticket.customer_id", "ticket.ticket_id"], name="ticket_wait_of"
    ),
)

SUSPENSION = Table(
    "suspension",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("suspension_id", Uuid, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("explanation", Text, nullable=False),
    instant("since"),
    Column("suspended_by", Uuid, nullable=False),
    instant("until", nullable=True),
    Column("resumed_by", Uuid),
    Index("suspension_open", "customer_id", unique=True, postgresql_where=text('"until" IS NULL')),
)
