"""Outages, exclusions, maintenance; what is heard of customers and the catalogue."""

from alembic import op

from chassis.db import tenant_policy

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE customer (
        customer_id uuid NOT NULL,
        name text NOT NULL,
        registered_at timestamptz NOT NULL,
        contract_starts_on date NOT NULL,
        contract_last_day date,
        PRIMARY KEY (customer_id)
    )
    """,
    """
    CREATE TABLE exclusion (
        exclusion_id uuid NOT NULL,
        kind text NOT NULL,
        environment text NOT NULL,
        scope text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz,
        reason text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by uuid NOT NULL,
        maintenance_id uuid,
        withdrawn_at timestamptz,
        withdrawn_by uuid,
        withdrawn_reason text,
        revision integer NOT NULL,
        PRIMARY KEY (exclusion_id),
        CONSTRAINT exclusion_scope CHECK (scope IN ('all', 'some')),
        CONSTRAINT exclusion_has_length CHECK (ends_at > starts_at)
    )
    """,
    "CREATE INDEX exclusion_by_time ON exclusion (starts_at, exclusion_id)",
    (
        "CREATE UNIQUE INDEX exclusion_of_maintenance"
        " ON exclusion (maintenance_id)"
        " WHERE maintenance_id IS NOT NULL AND withdrawn_at IS NULL"
    ),
    """
    CREATE TABLE maintenance (
        maintenance_id uuid NOT NULL,
        kind text NOT NULL,
        title text NOT NULL,
        description text NOT NULL,
        blocking boolean NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz,
        announced_at timestamptz NOT NULL,
        started_at timestamptz,
        ended_at timestamptz,
        cancelled_at timestamptz,
        state text NOT NULL,
        recorded_by uuid NOT NULL,
        revision integer NOT NULL,
        PRIMARY KEY (maintenance_id),
        CONSTRAINT maintenance_kind CHECK (kind IN ('planned', 'urgent')),
        CONSTRAINT maintenance_state CHECK (state IN ('announced', 'started', 'ended', 'cancelled')),
        CONSTRAINT maintenance_planned_ends CHECK ((kind = 'urgent') OR ends_at IS NOT NULL),
        CONSTRAINT maintenance_has_length CHECK (ends_at > starts_at)
    )
    """,
    "CREATE INDEX maintenance_by_time ON maintenance (starts_at, maintenance_id)",
    """
    CREATE TABLE offering (
        code text NOT NULL,
        name text NOT NULL,
        ends_on date,
        PRIMARY KEY (code)
    )
    """,
    """
    CREATE TABLE outage (
        outage_id uuid NOT NULL,
        offering_code text,
        environment text NOT NULL,
        scope text NOT NULL,
        source text NOT NULL,
        source_key text,
        title text NOT NULL,
        description text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz,
        state text NOT NULL,
        merged_into uuid,
        detected_at timestamptz NOT NULL,
        opened_by uuid,
        revision integer NOT NULL,
        PRIMARY KEY (outage_id),
        CONSTRAINT outage_scope CHECK (scope IN ('all', 'some')),
        CONSTRAINT outage_source CHECK (source IN ('probe', 'alert', 'operations', 'import')),
        CONSTRAINT outage_state CHECK (state IN ('open', 'ended', 'merged', 'withdrawn')),
        CONSTRAINT outage_has_length CHECK (ends_at > starts_at)
    )
    """,
    "CREATE INDEX outage_by_time ON outage (starts_at, outage_id)",
    (
        "CREATE UNIQUE INDEX outage_of_source"
        " ON outage (source, source_key)"
        " WHERE state = 'open' AND source_key IS NOT NULL"
    ),
    "CREATE INDEX outage_open ON outage (starts_at) WHERE state = 'open'",
    """
    CREATE TABLE subscription (
        customer_id uuid NOT NULL,
        activation_id uuid NOT NULL,
        offering_code text NOT NULL,
        activated_at timestamptz,
        deactivated_at timestamptz,
        PRIMARY KEY (customer_id, activation_id)
    )
    """,
    """
    CREATE TABLE exclusion_customer (
        customer_id uuid NOT NULL,
        exclusion_id uuid NOT NULL,
        PRIMARY KEY (customer_id, exclusion_id),
        CONSTRAINT exclusion_customer_of FOREIGN KEY(exclusion_id)
            REFERENCES exclusion (exclusion_id)
    )
    """,
    "CREATE INDEX exclusion_customers ON exclusion_customer (exclusion_id)",
    """
    CREATE TABLE exclusion_history (
        exclusion_id uuid NOT NULL,
        seq integer NOT NULL,
        at timestamptz NOT NULL,
        by uuid,
        change text NOT NULL,
        reason text NOT NULL,
        before jsonb,
        after jsonb,
        PRIMARY KEY (exclusion_id, seq),
        CONSTRAINT exclusion_history_of FOREIGN KEY(exclusion_id)
            REFERENCES exclusion (exclusion_id)
    )
    """,
    """
    CREATE TABLE maintenance_history (
        maintenance_id uuid NOT NULL,
        seq integer NOT NULL,
        at timestamptz NOT NULL,
        by uuid,
        change text NOT NULL,
        reason text NOT NULL,
        before jsonb,
        after jsonb,
        PRIMARY KEY (maintenance_id, seq),
        CONSTRAINT maintenance_history_of FOREIGN KEY(maintenance_id)
            REFERENCES maintenance (maintenance_id)
    )
    """,
    """
    CREATE TABLE outage_customer (
        customer_id uuid NOT NULL,
        outage_id uuid NOT NULL,
        PRIMARY KEY (customer_id, outage_id),
        CONSTRAINT outage_customer_of FOREIGN KEY(outage_id)
            REFERENCES outage (outage_id)
    )
    """,
    "CREATE INDEX outage_customers ON outage_customer (outage_id)",
    """
    CREATE TABLE outage_evidence (
        outage_id uuid NOT NULL,
        seq integer NOT NULL,
        at timestamptz NOT NULL,
        kind text NOT NULL,
        content jsonb NOT NULL,
        PRIMARY KEY (outage_id, seq),
        CONSTRAINT outage_evidence_of FOREIGN KEY(outage_id)
            REFERENCES outage (outage_id)
    )
    """,
    """
    CREATE TABLE outage_history (
        outage_id uuid NOT NULL,
        seq integer NOT NULL,
        at timestamptz NOT NULL,
        by uuid,
        change text NOT NULL,
        reason text NOT NULL,
        before jsonb,
        after jsonb,
        PRIMARY KEY (outage_id, seq),
        CONSTRAINT outage_history_of FOREIGN KEY(outage_id)
            REFERENCES outage (outage_id)
    )
    """,
)

_OF_A_TENANT = (
    "customer",
    "subscription",
    "exclusion_customer",
    "outage_customer",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in _OF_A_TENANT:
        for statement in tenant_policy(table):
            op.execute(statement)
