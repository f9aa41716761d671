"""Second factors, password resets, sessions that are listed, and staff acting for a customer."""

from alembic import op

from chassis.db import tenant_policy
from chassis.migrate import APP_ROLE

revision = "tenancy_0003"
down_revision = "tenancy_0002"
branch_labels = None
depends_on = None

TENANT_TABLES = ("second_factor", "representation")

TABLES = """
ALTER TABLE session
    ADD COLUMN session_id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN user_agent text NOT NULL DEFAULT '' CHECK (length(user_agent) <= 300),
    ADD UNIQUE (customer_id, session_id);
ALTER TABLE credential
    ADD COLUMN reset_hash text,
    ADD COLUMN reset_expires_at timestamptz,
    ADD CHECK ((reset_hash IS NULL) = (reset_expires_at IS NULL));
CREATE UNIQUE INDEX credential_by_reset ON credential (reset_hash) WHERE reset_hash IS NOT NULL;
CREATE TABLE reset_due (
    reset_id uuid PRIMARY KEY,
    portal text NOT NULL,
    folded text NOT NULL,
    asked_at timestamptz NOT NULL
);
CREATE TABLE second_factor (
    customer_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    secret_sealed text NOT NULL,
    begun_at timestamptz NOT NULL,
    enrolled_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    recovery_hashes text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (customer_id, credential_id),
    FOREIGN KEY (customer_id, credential_id) REFERENCES credential
);
CREATE TABLE representation (
    customer_id uuid NOT NULL REFERENCES customer,
    representation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 250),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    started_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > started_at),
    ended_at timestamptz,
    PRIMARY KEY (customer_id, representation_id)
);
CREATE INDEX representation_by_start ON representation (customer_id, started_at, representation_id);
CREATE INDEX representation_of_person ON representation (person_id, started_at);
"""

SHOWN = """RETURNS TABLE (
    customer_id uuid, credential_id uuid, person_id uuid, company_id uuid, role text, secret_kind text,
    secret_hash text, secret_expires_at timestamptz, disabled boolean, company_state text, portal text,
    identifier text, name text, mail text, second_factor boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET livret.scope = 'portal' AS $$
    SELECT c.customer_id, c.credential_id, c.person_id, c.company_id, p.role, c.secret_kind, c.secret_hash,
           c.secret_expires_at, c.disabled_at IS NOT NULL, y.state, o.address, c.identifier, p.name, p.mail,
           f.enrolled_at IS NOT NULL
    FROM credential c
    JOIN portal o ON o.customer_id = c.customer_id
    JOIN person p ON p.customer_id = c.customer_id AND p.person_id = c.person_id
    LEFT JOIN company y ON y.customer_id = c.customer_id AND y.company_id = c.company_id
    LEFT JOIN second_factor f ON f.customer_id = c.customer_id AND f.credential_id = c.credential_id
    """

# Login precedes the tenant. These see every portal, and show only what one door needs.
FUNCTIONS = """
DROP FUNCTION entrant_by_identifier(text, text);
DROP FUNCTION entrant_by_link(text);
DROP FUNCTION session_by_token(bytea, timestamptz);
CREATE FUNCTION entrant_by_identifier(portal_address text, wanted text) @SHOWN@
    WHERE o.address = portal_address AND c.folded = wanted AND c.disabled_at IS NULL
$$;
CREATE FUNCTION entrant_by_link(hashed text) @SHOWN@
    WHERE c.secret_hash = hashed AND c.secret_kind = 'link'
$$;
CREATE FUNCTION entrant_by_reset(hashed text, moment timestamptz) @SHOWN@
    WHERE c.reset_hash = hashed AND c.reset_expires_at > moment
$$;
CREATE FUNCTION session_by_token(hashed bytea, moment timestamptz, used_after timestamptz) RETURNS TABLE (
    customer_id uuid, session_id uuid, credential_id uuid, person_id uuid, company_id uuid, role text,
    expires_at timestamptz, last_used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET livret.scope = 'portal' AS $$
    SELECT s.customer_id, s.session_id, s.credential_id, p.person_id, p.company_id, p.role, s.expires_at,
           coalesce(s.last_used_at, s.started_at)
    FROM session s
    JOIN credential c ON c.customer_id = s.customer_id AND c.credential_id = s.credential_id
    JOIN person p ON p.customer_id = c.customer_id AND p.person_id = c.person_id
    LEFT JOIN company y ON y.customer_id = p.customer_id AND y.company_id = p.company_id
    WHERE s.token_hash = hashed AND s.ended_at IS NULL AND s.expires_at > moment
      AND coalesce(s.last_used_at, s.started_at) > used_after AND c.disabled_at IS NULL
      AND y.state IS DISTINCT FROM 'inactive'
$$;
"""

ENTRANCES = (
    "entrant_by_identifier(text, text)",
    "entrant_by_link(text)",
    "entrant_by_reset(text, timestamptz)",
    "session_by_token(bytea, timestamptz, timestamptz)",
)


def upgrade() -> None:
    """Adds the tables, and replaces the doors by ones that show what a person's second factor is."""
    for statement in (TABLES + FUNCTIONS.replace("@SHOWN@", SHOWN)).split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in TENANT_TABLES:
        for statement in tenant_policy(table):
            op.execute(statement)
    for entrance in ENTRANCES:
        op.execute(f"REVOKE ALL ON FUNCTION {entrance} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {entrance} TO {APP_ROLE}")
