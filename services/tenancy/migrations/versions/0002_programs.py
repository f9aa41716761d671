"""Programs that are let in: their keys, scopes, expiry and last use."""

from alembic import op

from chassis.db import tenant_policy
from chassis.migrate import APP_ROLE

revision = "tenancy_0002"
down_revision = "tenancy_0001"
branch_labels = None
depends_on = None

TENANT_TABLES = ("program", "program_key")

TABLES = """
CREATE TABLE program (
    customer_id uuid NOT NULL REFERENCES portal,
    program_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 250),
    role text NOT NULL CHECK (role IN ('partner', 'machine')),
    scopes text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 50),
    registered_at timestamptz NOT NULL,
    registered_by uuid,
    disabled_at timestamptz,
    disabled_by uuid,
    disabled_reason text,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (customer_id, program_id),
    CHECK ((role = 'machine') = (customer_id = '00000000-0000-0000-0000-000000000000'))
);
CREATE UNIQUE INDEX program_by_client_id ON program (program_id);
CREATE TABLE program_key (
    customer_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    program_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    kind text NOT NULL CHECK (kind IN ('secret', 'public_key')),
    secret_hash text,
    public_key jsonb,
    issued_at timestamptz NOT NULL,
    issued_by uuid,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    disabled_at timestamptz,
    disabled_by uuid,
    disabled_reason text,
    PRIMARY KEY (customer_id, credential_id),
    FOREIGN KEY (customer_id, program_id) REFERENCES program,
    CHECK ((kind = 'secret') = (secret_hash IS NOT NULL)),
    CHECK ((kind = 'public_key') = (public_key IS NOT NULL))
);
CREATE UNIQUE INDEX program_key_name ON program_key (customer_id, program_id, name) WHERE disabled_at IS NULL;
CREATE INDEX program_key_of_program ON program_key (customer_id, program_id, issued_at);
CREATE TABLE spent_assertion (
    program_id uuid,
    jti_hash bytea,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (program_id, jti_hash)
);
CREATE INDEX spent_assertion_to_forget ON spent_assertion (expires_at);
"""

# A program presents its client id before its tenant is known. A key that was disabled is not shown here.
DOOR = """
CREATE FUNCTION keys_by_client_id(wanted uuid) RETURNS TABLE (
    customer_id uuid, program_id uuid, role text, scopes text[], credential_id uuid, secret_hash text,
    public_key jsonb, issued_at timestamptz, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET livret.scope = 'portal' AS $$
    SELECT p.customer_id, p.program_id, p.role, p.scopes, k.credential_id, k.secret_hash, k.public_key,
           k.issued_at, k.expires_at
    FROM program p JOIN program_key k ON k.customer_id = p.customer_id AND k.program_id = p.program_id
    WHERE p.program_id = wanted AND p.disabled_at IS NULL AND k.disabled_at IS NULL
    ORDER BY k.issued_at DESC, k.credential_id
$$
"""


def upgrade() -> None:
    """Creates the tables, their policies and the door."""
    for statement in (*TABLES.split(";\n"), DOOR):
        if statement.strip():
            op.execute(statement)
    for table in TENANT_TABLES:
        for statement in tenant_policy(table):
            op.execute(statement)
    op.execute("REVOKE ALL ON FUNCTION keys_by_client_id(uuid) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION keys_by_client_id(uuid) TO {APP_ROLE}")
