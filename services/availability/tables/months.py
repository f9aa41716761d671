"""Months as they were closed: a row for each customer, month and revision, and the evidence they share.

Nothing of `month_close` and `month_evidence` is ever changed: triggers refuse it (6-h).
"""

from sqlalchemy import Boolean, Column, Date, ForeignKeyConstraint, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.availability.tables.columns import METADATA, instant

MONTH_TURN = Table(
    "month_turn",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("first_day", Date, nullable=False),
    instant("due_at"),
    Column("contract_starts_on", Date, nullable=False),
    Column("contract_last_day", Date),
    Index("month_turn_due", "due_at"),
)
"""The next month to close of each customer, by its first day, and when; and the contract as it was when its
closed months were last looked at."""

MONTH_EVIDENCE = Table(
    "month_evidence",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("content", JSONB, nullable=False),
)
"""An Evidence under the SHA-256 of its text. It names no customer, so that those whom the same records touch
share one."""

MONTH_CLOSE = Table(
    "month_close",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    instant("closed_at"),
    Column("reference_seconds", Integer, nullable=False),
    Column("unavailable_seconds", Integer, nullable=False),
    Column("allowed_seconds", Integer, nullable=False),
    Column("shown", Text),
    Column("kept", Boolean),
    Column("explanation", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("evidence", Text, nullable=False),
    ForeignKeyConstraint(["evidence"], ["month_evidence.digest"], name="month_close_evidence"),
    Index("month_close_by_month", "month", "customer_id", "revision"),
)

COMMITMENT_LOST = Table(
    "commitment_lost",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("month", Text, primary_key=True),
    instant("lost_at"),
    instant("said_at"),
    Column("reference_seconds", Integer, nullable=False),
    Column("unavailable_seconds", Integer, nullable=False),
)
"""Months whose commitment could no longer be met, as it was said, once (6-a)."""

RECORD_SEEN = Table(
    "record_seen",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("revision", Integer, nullable=False),
    instant("starts_at"),
    instant("ends_at", nullable=True),
)
"""Outages and exclusions as closed months were last compared with them. A record that is not here in its
present revision makes the months under it, then and now, be reckoned again."""
