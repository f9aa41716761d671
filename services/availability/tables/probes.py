"""What is watched: targets with their sealed secrets, places, what probes found, and alerts.

All of it is the publisher's own record of its own service: no tenant's rows. Instants are of real time.
"""

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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.availability.tables.columns import METADATA, instant

PLACE = Table(
    "place",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("silent_after_seconds", Integer, nullable=False),
    Column("program_id", Uuid),
    Column("revision", Integer, nullable=False),
    instant("seen_at", nullable=True),
    instant("told_until", nullable=True),
    instant("silent_since", nullable=True),
    Column("skipped", Integer, nullable=False),
    Column("dropped", Integer, nullable=False),
    Column("late_ms", Integer, nullable=False),
    Column("fault", Text),
)
"""`told_until`: everything that this place will tell of before that instant has been told. `skipped` and
`dropped` count since it was defined; `late_ms` and `fault` are those of its last report."""

TARGET = Table(
    "target",
    METADATA,
    Column("target_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("offering_code", Text),
    Column("environment", Text, nullable=False),
    Column("script", JSONB, nullable=False),
    Column("places", ARRAY(Text), nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    Column("places_needed", Integer, nullable=False),
    Column("in_a_row", Integer, nullable=False),
    Column("paused", Boolean, nullable=False),
    instant("added_at"),
    instant("removed_at", nullable=True),
    Column("revision", Integer, nullable=False),
    CheckConstraint("places_needed BETWEEN 1 AND cardinality(places)", name="target_can_be_confirmed"),
)

TARGET_SECRET = Table(
    "target_secret",
    METADATA,
    Column("target_id", Uuid, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("sealed", Text, nullable=False),
    ForeignKeyConstraint(["target_id"], ["target.target_id"], name="target_secret_of"),
)

TARGET_STANDING = Table(
    "target_standing",
    METADATA,
    Column("target_id", Uuid, primary_key=True),
    instant("known_until"),
    Column("standing", JSONB, nullable=False),
    Column("is_settled", Boolean, nullable=False),
    ForeignKeyConstraint(["target_id"], ["target.target_id"], name="target_standing_of"),
)
"""There is one once anything was wrong with a target. `standing` follows from what was found until
`known_until`; when all is well again it is settled, and begins anew with the next failure."""

TARGET_RUN = Table(
    "target_run",
    METADATA,
    Column("target_id", Uuid, primary_key=True),
    instant("down_since", primary_key=True),
    instant("up_since", nullable=True),
    Column("outage_id", Uuid, nullable=False),
    ForeignKeyConstraint(["target_id"], ["target.target_id"], name="target_run_of"),
)
"""Runs that were confirmed and put on record as outages, so that each is once."""

PROBE_RESULT = Table(
    "probe_result",
    METADATA,
    Column("target_id", Uuid, primary_key=True),
    instant("planned_at", primary_key=True),
    Column("place", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    instant("started_at"),
    instant("received_at"),
    Column("outcome", Text, nullable=False),
    Column("fault", Text),
    Column("took_ms", Integer, nullable=False),
    Column("steps", JSONB(none_as_null=True)),
    CheckConstraint("outcome IN ('up', 'down', 'prober_fault')", name="probe_result_outcome"),
    Index("probe_result_by_time", "planned_at", postgresql_using="brin"),
)
"""One run of a script from one place; `steps` where it did not succeed. No foreign key: results outlive
their target until they are purged."""

ALERT_ROUTE = Table(
    "alert_route",
    METADATA,
    Column("route_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("matchers", JSONB, nullable=False),
    Column("offering_code", Text),
    Column("offering_label", Text),
    Column("environment", Text, nullable=False),
    Column("environment_label", Text),
    Column("opens", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
)

ALERT = Table(
    "alert",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    instant("starts_at", primary_key=True),
    instant("ends_at", nullable=True),
    Column("labels", JSONB, nullable=False),
    Column("annotations", JSONB, nullable=False),
    Column("generator", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("route_id", Uuid),
    Column("outage_id", Uuid),
    instant("first_told_at"),
    instant("told_at"),
    Column("times_told", Integer, nullable=False),
    CheckConstraint("ends_at >= starts_at", name="alert_ends_after_it_began"),
    Index("alert_firing", "fingerprint", unique=True, postgresql_where=text("ends_at IS NULL")),
    Index("alert_by_time", "told_at", "fingerprint", "starts_at"),
)
"""An alert from its start to its end. Without `route_id` no route matched: kept, and shown as such."""
