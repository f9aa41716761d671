"""Targets, places, what probes found, and alerts that came in."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE alert (
        fingerprint text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz,
        labels jsonb NOT NULL,
        annotations jsonb NOT NULL,
        generator text NOT NULL,
        receiver text NOT NULL,
        route_id uuid,
        outage_id uuid,
        first_told_at timestamptz NOT NULL,
        told_at timestamptz NOT NULL,
        times_told integer NOT NULL,
        PRIMARY KEY (fingerprint, starts_at),
        CONSTRAINT alert_ends_after_it_began CHECK (ends_at >= starts_at)
    )
    """,
    "CREATE INDEX alert_by_time ON alert (told_at, fingerprint, starts_at)",
    "CREATE UNIQUE INDEX alert_firing ON alert (fingerprint) WHERE ends_at IS NULL",
    """
    CREATE TABLE alert_route (
        route_id uuid NOT NULL,
        name text NOT NULL,
        position integer NOT NULL,
        matchers jsonb NOT NULL,
        offering_code text,
        offering_label text,
        environment text NOT NULL,
        environment_label text,
        opens boolean NOT NULL,
        revision integer NOT NULL,
        PRIMARY KEY (route_id)
    )
    """,
    """
    CREATE TABLE place (
        code text NOT NULL,
        name text NOT NULL,
        silent_after_seconds integer NOT NULL,
        program_id uuid,
        revision integer NOT NULL,
        seen_at timestamptz,
        told_until timestamptz,
        silent_since timestamptz,
        skipped integer NOT NULL,
        dropped integer NOT NULL,
        late_ms integer NOT NULL,
        fault text,
        PRIMARY KEY (code)
    )
    """,
    """
    CREATE TABLE probe_result (
        target_id uuid NOT NULL,
        planned_at timestamptz NOT NULL,
        place text NOT NULL,
        revision integer NOT NULL,
        started_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        outcome text NOT NULL,
        fault text,
        took_ms integer NOT NULL,
        steps jsonb,
        PRIMARY KEY (target_id, planned_at, place),
        CONSTRAINT probe_result_outcome CHECK (outcome IN ('up', 'down', 'prober_fault'))
    )
    """,
    "CREATE INDEX probe_result_by_time ON probe_result USING brin (planned_at)",
    """
    CREATE TABLE target (
        target_id uuid NOT NULL,
        name text NOT NULL,
        offering_code text,
        environment text NOT NULL,
        script jsonb NOT NULL,
        places text[] NOT NULL,
        interval_seconds integer NOT NULL,
        places_needed integer NOT NULL,
        in_a_row integer NOT NULL,
        paused boolean NOT NULL,
        added_at timestamptz NOT NULL,
        removed_at timestamptz,
        revision integer NOT NULL,
        PRIMARY KEY (target_id),
        CONSTRAINT target_can_be_confirmed CHECK (places_needed BETWEEN 1 AND cardinality(places))
    )
    """,
    """
    CREATE TABLE target_run (
        target_id uuid NOT NULL,
        down_since timestamptz NOT NULL,
        up_since timestamptz,
        outage_id uuid NOT NULL,
        PRIMARY KEY (target_id, down_since),
        CONSTRAINT target_run_of FOREIGN KEY(target_id) REFERENCES target (target_id)
    )
    """,
    """
    CREATE TABLE target_secret (
        target_id uuid NOT NULL,
        name text NOT NULL,
        sealed text NOT NULL,
        PRIMARY KEY (target_id, name),
        CONSTRAINT target_secret_of FOREIGN KEY(target_id) REFERENCES target (target_id)
    )
    """,
    """
    CREATE TABLE target_standing (
        target_id uuid NOT NULL,
        known_until timestamptz NOT NULL,
        standing jsonb NOT NULL,
        is_settled boolean NOT NULL,
        PRIMARY KEY (target_id),
        CONSTRAINT target_standing_of FOREIGN KEY(target_id) REFERENCES target (target_id)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
