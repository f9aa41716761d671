"""Months as they were closed, their revisions, and commitments that were lost."""

from alembic import op

from chassis.db import tenant_policy

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE month_turn (
        customer_id uuid NOT NULL,
        first_day date NOT NULL,
        due_at timestamptz NOT NULL,
        contract_starts_on date NOT NULL,
        contract_last_day date,
        PRIMARY KEY (customer_id)
    )
    """,
    "CREATE INDEX month_turn_due ON month_turn (due_at)",
    """
    CREATE TABLE month_evidence (
        digest text NOT NULL,
        content jsonb NOT NULL,
        PRIMARY KEY (digest)
    )
    """,
    """
    CREATE TABLE month_close (
        customer_id uuid NOT NULL,
        month text NOT NULL,
        revision integer NOT NULL,
        closed_at timestamptz NOT NULL,
        reference_seconds integer NOT NULL,
        unavailable_seconds integer NOT NULL,
        allowed_seconds integer NOT NULL,
        shown text,
        kept boolean,
        explanation text NOT NULL,
        changes jsonb NOT NULL,
        evidence text NOT NULL,
        PRIMARY KEY (customer_id, month, revision),
        CONSTRAINT month_close_evidence FOREIGN KEY (evidence) REFERENCES month_evidence (digest)
    )
    """,
    "CREATE INDEX month_close_by_month ON month_close (month, customer_id, revision)",
    """
    CREATE TABLE commitment_lost (
        customer_id uuid NOT NULL,
        month text NOT NULL,
        lost_at timestamptz NOT NULL,
        said_at timestamptz NOT NULL,
        reference_seconds integer NOT NULL,
        unavailable_seconds integer NOT NULL,
        PRIMARY KEY (customer_id, month)
    )
    """,
    """
    CREATE TABLE record_seen (
        kind text NOT NULL,
        record_id uuid NOT NULL,
        revision integer NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz,
        PRIMARY KEY (kind, record_id)
    )
    """,
    """
    CREATE FUNCTION refuse_change_of_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a closed month is frozen (6-h): % is refused', TG_OP USING ERRCODE = '42501';
    END
    $$
    """,
)
_FROZEN = ("month_close", "month_evidence")
_OF_A_TENANT = ("month_turn", "month_close", "commitment_lost")


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in _FROZEN:
        op.execute(
            f"CREATE TRIGGER frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_closed_month()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER frozen")
    for table in _OF_A_TENANT:
        for statement in tenant_policy(table):
            op.execute(statement)
