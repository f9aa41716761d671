"""The register of hosting commitments, and what the weather page last said."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE weather (
        one boolean NOT NULL,
        number bigint NOT NULL,
        told_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        digest text NOT NULL,
        document jsonb NOT NULL,
        PRIMARY KEY (one),
        CONSTRAINT weather_is_one CHECK (one)
    )
    """,
    """
    CREATE TABLE hosting_commitment (
        commitment text NOT NULL,
        description text NOT NULL,
        revision integer NOT NULL,
        PRIMARY KEY (commitment)
    )
    """,
    """
    CREATE TABLE hosting_evidence (
        evidence_id uuid NOT NULL,
        commitment text NOT NULL,
        document text NOT NULL,
        sha256 text,
        dated_on date NOT NULL,
        valid_until date NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by uuid NOT NULL,
        withdrawn_at timestamptz,
        withdrawn_by uuid,
        withdrawn_reason text,
        PRIMARY KEY (evidence_id),
        CONSTRAINT hosting_evidence_has_length CHECK (valid_until >= dated_on)
    )
    """,
    "CREATE INDEX hosting_evidence_of ON hosting_evidence (commitment, recorded_at, evidence_id)",
    """
    CREATE TABLE hosting_reminder (
        evidence_id uuid NOT NULL,
        kind text NOT NULL,
        due_at timestamptz NOT NULL,
        settled_at timestamptz,
        outcome text,
        PRIMARY KEY (evidence_id, kind),
        CONSTRAINT hosting_reminder_kind CHECK (kind IN ('due_soon', 'expired')),
        CONSTRAINT hosting_reminder_outcome CHECK (outcome IN ('sent', 'superseded')),
        CONSTRAINT hosting_reminder_of FOREIGN KEY(evidence_id)
            REFERENCES hosting_evidence (evidence_id)
    )
    """,
    "CREATE INDEX hosting_reminder_due ON hosting_reminder (due_at) WHERE settled_at IS NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
