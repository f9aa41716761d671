"""What the HTTP side keeps: revoked credentials, answers by idempotency key, the audit trail."""

from alembic import op

from chassis.db import tenant_policy

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TENANT = "customer_id = nullif(current_setting('livret.customer', true), '')::uuid"
PORTAL = "current_setting('livret.scope', true) = 'portal'"
MACHINE = "current_setting('livret.scope', true) = 'machine'"

REVOKED = (
    """
    CREATE TABLE revoked (
        credential_id uuid PRIMARY KEY,
        since timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX revoked_recorded ON revoked (recorded_at)",
)

# The publisher's own callers have no customer: theirs stands under the nil UUID.
ANSWERS = (
    """
    CREATE TABLE idempotent_answer (
        customer_id uuid NOT NULL,
        credential_id uuid NOT NULL,
        key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
        fingerprint bytea NOT NULL,
        status smallint NOT NULL,
        headers jsonb NOT NULL,
        body bytea NOT NULL,
        answered_at timestamptz NOT NULL,
        PRIMARY KEY (customer_id, credential_id, key)
    )
    """,
    "CREATE INDEX idempotent_answer_age ON idempotent_answer (answered_at)",
    *tenant_policy("idempotent_answer"),
    # Housekeeping sees nothing but age, and deletes across tenants.
    f"CREATE POLICY expiry ON idempotent_answer FOR SELECT USING ({MACHINE})",
    f"CREATE POLICY expiry_delete ON idempotent_answer FOR DELETE USING ({MACHINE})",
)

# A sign-in precedes its tenant, so that the machine's scope may write a line, but not read any.
AUDIT = (
    """
    CREATE TABLE audit_trail (
        id uuid PRIMARY KEY,
        at timestamptz NOT NULL,
        business_at timestamptz NOT NULL,
        customer_id uuid,
        company_id uuid,
        person_id uuid,
        credential_id uuid,
        role text,
        on_behalf_of uuid,
        action text NOT NULL CHECK (length(action) BETWEEN 1 AND 100),
        subject text CHECK (length(subject) <= 300),
        details jsonb NOT NULL,
        origin text CHECK (length(origin) <= 100),
        user_agent text CHECK (length(user_agent) <= 300),
        trace_id text CHECK (length(trace_id) <= 32)
    )
    """,
    "CREATE INDEX audit_trail_customer ON audit_trail (customer_id, at)",
    "CREATE INDEX audit_trail_at ON audit_trail (at)",
    "ALTER TABLE audit_trail ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE audit_trail FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY readers ON audit_trail FOR SELECT USING ({TENANT} OR {PORTAL})",
    f"CREATE POLICY writers ON audit_trail FOR INSERT WITH CHECK ({TENANT} OR {PORTAL} OR {MACHINE})",
    "REVOKE UPDATE, DELETE, TRUNCATE ON audit_trail FROM livret_app",
)


def upgrade() -> None:
    for statement in (*REVOKED, *ANSWERS, *AUDIT):
        op.execute(statement)
