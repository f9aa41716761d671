"""Delivery: outbox, inbox and its holds, unreadable records, effects, jobs."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Rows pass through these tables; without early vacuuming the indexes of what is pending fill with the dead.
BUSY = "WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, fillfactor = 85)"

OUTBOX = (
    f"""
    CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id uuid NOT NULL UNIQUE,
        type text NOT NULL,
        source text NOT NULL,
        key text NOT NULL,
        subject text,
        time timestamptz NOT NULL,
        traceparent text,
        data text NOT NULL,
        published_at timestamptz
    ) {BUSY}
    """,
    "CREATE INDEX outbox_pending ON outbox (id) INCLUDE (time) WHERE published_at IS NULL",
    "CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL",
)

# `state`: pending; held (its key waits); done; dead (its key is parked until someone replays or discards it);
# discarded.
INBOX = (
    f"""
    CREATE TABLE inbox (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id uuid NOT NULL UNIQUE,
        type text NOT NULL,
        source text NOT NULL,
        key text NOT NULL,
        lane smallint NOT NULL,
        subject text,
        time timestamptz NOT NULL,
        traceparent text,
        data text NOT NULL,
        received_at timestamptz NOT NULL,
        state text NOT NULL DEFAULT 'pending',
        attempts smallint NOT NULL DEFAULT 0,
        error text,
        handled_at timestamptz
    ) {BUSY}
    """,
    "CREATE INDEX inbox_pending ON inbox (lane, seq) WHERE state = 'pending'",
    "CREATE INDEX inbox_held ON inbox (source, key, seq) WHERE state = 'held'",
    "CREATE INDEX inbox_dead ON inbox (source, key, seq) WHERE state = 'dead'",
    "CREATE INDEX inbox_handled ON inbox (handled_at) WHERE handled_at IS NOT NULL",
    """
    CREATE TABLE inbox_hold (
        source text NOT NULL,
        key text NOT NULL,
        lane smallint NOT NULL,
        until timestamptz,
        reason text NOT NULL,
        since timestamptz NOT NULL,
        PRIMARY KEY (source, key)
    )
    """,
    "CREATE INDEX inbox_hold_due ON inbox_hold (lane, until)",
    "CREATE TABLE inbox_heard (type text PRIMARY KEY)",
    """
    CREATE TABLE inbox_circuit (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        opened_at timestamptz,
        reason text,
        resumed_at timestamptz NOT NULL DEFAULT '-infinity'
    )
    """,
    "INSERT INTO inbox_circuit DEFAULT VALUES",
    """
    CREATE TABLE unreadable (
        topic text NOT NULL,
        partition integer NOT NULL,
        "offset" bigint NOT NULL,
        key bytea,
        headers text NOT NULL,
        value bytea,
        reason text NOT NULL,
        received_at timestamptz NOT NULL,
        PRIMARY KEY (topic, partition, "offset")
    )
    """,
)

# A payload may hold a secret (an invitation's link): it is emptied when the effect is done.
EFFECTS = (
    f"""
    CREATE TABLE effect (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        idempotency_key text NOT NULL UNIQUE,
        payload jsonb NOT NULL,
        traceparent text,
        asked_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        lease_until timestamptz,
        attempts smallint NOT NULL DEFAULT 0,
        state text NOT NULL DEFAULT 'pending',
        error text,
        done_at timestamptz
    ) {BUSY}
    """,
    "CREATE INDEX effect_due ON effect (due_at) WHERE state = 'pending'",
    "CREATE INDEX effect_done ON effect (done_at) WHERE done_at IS NOT NULL",
)

JOBS = (
    """
    CREATE TABLE job (
        name text PRIMARY KEY,
        every text NOT NULL,
        due_at timestamptz NOT NULL,
        due_system_at timestamptz,
        last_due_at timestamptz,
        last_run_at timestamptz,
        attempts smallint NOT NULL DEFAULT 0,
        retry_at timestamptz,
        error text
    )
    """,
)


def upgrade() -> None:
    for statement in (*OUTBOX, *INBOX, *EFFECTS, *JOBS):
        op.execute(statement)
