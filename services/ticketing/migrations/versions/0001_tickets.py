"""Tickets, their history, clocks and waits; what is heard of customers and products."""

from alembic import op

from chassis.db import tenant_policy

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    "CREATE SEQUENCE ticket_number",
    """
    CREATE TABLE company (
        customer_id uuid NOT NULL,
        company_id uuid NOT NULL,
        siret text,
        name text,
        PRIMARY KEY (customer_id, company_id)
    )
    """,
    """
    CREATE TABLE customer (
        customer_id uuid NOT NULL,
        name text NOT NULL,
        kind text NOT NULL,
        registered_at timestamptz NOT NULL,
        contract_starts_on date NOT NULL,
        contract_last_day date,
        PRIMARY KEY (customer_id)
    )
    """,
    """
    CREATE TABLE plan_period (
        customer_id uuid NOT NULL,
        since timestamptz NOT NULL,
        plan text NOT NULL,
        PRIMARY KEY (customer_id, since)
    )
    """,
    """
    CREATE TABLE product (
        code text NOT NULL,
        name text NOT NULL,
        essential_features text[] NOT NULL,
        stricter_terms text[] NOT NULL,
        ends_on date,
        PRIMARY KEY (code)
    )
    """,
    """
    CREATE TABLE suspension (
        customer_id uuid NOT NULL,
        suspension_id uuid NOT NULL,
        reason text NOT NULL,
        explanation text NOT NULL,
        since timestamptz NOT NULL,
        suspended_by uuid NOT NULL,
        until timestamptz,
        resumed_by uuid,
        PRIMARY KEY (customer_id, suspension_id)
    )
    """,
    'CREATE UNIQUE INDEX suspension_open ON suspension (customer_id) WHERE "until" IS NULL',
    """
    CREATE TABLE ticket (
        customer_id uuid NOT NULL,
        ticket_id uuid NOT NULL,
        reference text NOT NULL,
        kind text NOT NULL,
        channel text NOT NULL,
        queue text NOT NULL,
        product text,
        company_id uuid,
        plan text NOT NULL,
        urgency text,
        subject text NOT NULL,
        context text NOT NULL,
        error_message text,
        menu_path text[] NOT NULL,
        feature text,
        contact_person_id uuid,
        contact_name text,
        contact_email text,
        contact_phone text,
        terms jsonb,
        state text NOT NULL,
        registered_at timestamptz NOT NULL,
        registered_by uuid,
        acknowledged_at timestamptz,
        assigned_to uuid,
        assigned_at timestamptz,
        taken_in_charge_at timestamptz,
        taken_by uuid,
        qualified_at timestamptz,
        reproduced_at timestamptz,
        criticality smallint,
        provided_at timestamptz,
        waiting boolean NOT NULL,
        left_out text,
        left_out_reason text,
        left_out_at timestamptz,
        set_apart text,
        set_apart_reason text,
        set_apart_at timestamptz,
        closed_at timestamptz,
        closed_by uuid,
        follows uuid,
        nearest_due_at timestamptz,
        revision integer NOT NULL,
        PRIMARY KEY (customer_id, ticket_id),
        CONSTRAINT ticket_kind CHECK (kind IN ('support', 'customer_service')),
        CONSTRAINT ticket_channel CHECK (channel IN ('portal', 'telephone', 'email', 'api')),
        CONSTRAINT ticket_plan CHECK (plan IN ('connect', 'open', 'private')),
        CONSTRAINT ticket_state CHECK (state IN ('registered', 'in_charge', 'provided', 'closed')),
        CONSTRAINT ticket_terms_of_support CHECK ((kind = 'support') = (terms IS NOT NULL))
    )
    """,
    "CREATE INDEX ticket_assigned ON ticket (assigned_to) WHERE state <> 'closed'",
    "CREATE INDEX ticket_by_reference ON ticket (reference)",
    "CREATE INDEX ticket_by_registration ON ticket (customer_id, registered_at, ticket_id)",
    (
        "CREATE INDEX ticket_queue_due"
        " ON ticket (queue, nearest_due_at, registered_at, ticket_id)"
        " WHERE state IN ('registered', 'in_charge') AND assigned_to IS NULL AND NOT waiting"
        " AND plan <> 'private'"
    ),
    (
        "CREATE INDEX ticket_queue_private"
        " ON ticket (queue, registered_at, ticket_id)"
        " WHERE state IN ('registered', 'in_charge') AND assigned_to IS NULL AND NOT waiting"
        " AND plan = 'private'"
    ),
    "CREATE UNIQUE INDEX ticket_reference ON ticket (customer_id, reference)",
    """
    CREATE TABLE ticket_clock (
        customer_id uuid NOT NULL,
        ticket_id uuid NOT NULL,
        number smallint NOT NULL,
        kind text NOT NULL,
        state text NOT NULL,
        starts_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        limit_seconds integer NOT NULL,
        ended_at timestamptz,
        elapsed_seconds integer,
        net_seconds integer,
        warn_at timestamptz,
        warned_at timestamptz,
        miss_at timestamptz,
        missed_at timestamptz,
        PRIMARY KEY (customer_id, ticket_id, number),
        CONSTRAINT ticket_clock_of FOREIGN KEY(customer_id, ticket_id)
            REFERENCES ticket (customer_id, ticket_id),
        CONSTRAINT ticket_clock_kind CHECK (kind IN ('take_charge', 'corrective_plan', 'correction')),
        CONSTRAINT ticket_clock_state CHECK (state IN ('running', 'kept', 'missed', 'suspended', 'replaced'))
    )
    """,
    (
        "CREATE INDEX ticket_clock_to_miss"
        " ON ticket_clock (miss_at)"
        " WHERE missed_at IS NULL AND state IN ('running', 'missed')"
    ),
    (
        "CREATE INDEX ticket_clock_to_warn"
        " ON ticket_clock (warn_at)"
        " WHERE warned_at IS NULL AND ended_at IS NULL AND state = 'running'"
    ),
    """
    CREATE TABLE ticket_history (
        customer_id uuid NOT NULL,
        ticket_id uuid NOT NULL,
        seq integer NOT NULL,
        at timestamptz NOT NULL,
        what text NOT NULL,
        by uuid,
        told jsonb NOT NULL,
        PRIMARY KEY (customer_id, ticket_id, seq),
        CONSTRAINT ticket_history_of FOREIGN KEY(customer_id, ticket_id)
            REFERENCES ticket (customer_id, ticket_id)
    )
    """,
    """
    CREATE TABLE ticket_wait (
        customer_id uuid NOT NULL,
        ticket_id uuid NOT NULL,
        number smallint NOT NULL,
        since timestamptz NOT NULL,
        until timestamptz,
        PRIMARY KEY (customer_id, ticket_id, number),
        CONSTRAINT ticket_wait_of FOREIGN KEY(customer_id, ticket_id)
            REFERENCES ticket (customer_id, ticket_id)
    )
    """,
)

_OF_A_TENANT = (
    "company",
    "customer",
    "plan_period",
    "suspension",
    "ticket",
    "ticket_clock",
    "ticket_history",
    "ticket_wait",
)

# A ticket's clocks are told from its history: what happened stays, also for the tables' owner.
_APPEND_ONLY = (
    """
    CREATE FUNCTION refuse_change_of_ticket_history() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the history of tickets is append-only: % is refused', TG_OP USING ERRCODE = '42501';
    END
    $$
    """,
    """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ticket_history()
    """,
    "ALTER TABLE ticket_history ENABLE ALWAYS TRIGGER append_only",
)


def upgrade() -> None:
    for statement in (*_STATEMENTS, *_APPEND_ONLY):
        op.execute(statement)
    for table in _OF_A_TENANT:
        for statement in tenant_policy(table):
            op.execute(statement)
