"""Customers, companies, people, credentials, sessions, rights, imports; tenant tables behind a policy."""

from alembic import op

from chassis.db import tenant_policy
from chassis.migrate import APP_ROLE

revision = "tenancy_0001"
down_revision = None
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "portal",
    "customer",
    "company",
    "person",
    "credential",
    "access_right",
    "session",
    "import_job",
    "import_line",
)

TABLES = """
CREATE TABLE portal (
    customer_id uuid PRIMARY KEY,
    address text NOT NULL UNIQUE CHECK (address = lower(address) AND length(address) <= 40)
);
CREATE TABLE customer (
    customer_id uuid PRIMARY KEY REFERENCES portal,
    kind text NOT NULL CHECK (kind IN ('accounting_firm', 'direct')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 250),
    siret text NOT NULL CHECK (siret ~ '^[0-9]{14}$'),
    vat text,
    street text NOT NULL,
    postcode text NOT NULL CHECK (postcode ~ '^[0-9]{5}$'),
    city text NOT NULL,
    country text NOT NULL CHECK (country = 'FR'),
    support_plan text NOT NULL CHECK (support_plan IN ('connect', 'open', 'private')),
    support_starts_on date,
    contract_starts_on date NOT NULL,
    term_months integer NOT NULL CHECK (term_months >= 1),
    professional_use_at timestamptz NOT NULL,
    professional_use_by uuid,
    registered_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE TABLE company (
    customer_id uuid NOT NULL REFERENCES customer,
    company_id uuid NOT NULL DEFAULT gen_random_uuid(),
    siret text NOT NULL CHECK (siret ~ '^[0-9]{14}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 250),
    trade_name text NOT NULL DEFAULT '',
    activity_code text NOT NULL DEFAULT '',
    street text NOT NULL DEFAULT '',
    postcode text NOT NULL CHECK (postcode ~ '^[0-9]{5}$'),
    city text NOT NULL DEFAULT '',
    search text NOT NULL,
    state text NOT NULL DEFAULT 'registered' CHECK (state IN ('registered', 'active', 'inactive')),
    registered_at timestamptz NOT NULL,
    activated_at timestamptz,
    deactivated_at timestamptz,
    rights_settled_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (customer_id, company_id),
    UNIQUE (customer_id, siret),
    CHECK ((state = 'registered') = (activated_at IS NULL)),
    CHECK ((state = 'inactive') = (deactivated_at IS NOT NULL))
);
CREATE INDEX company_by_name ON company (customer_id, search, company_id);
CREATE TABLE person (
    customer_id uuid NOT NULL REFERENCES portal,
    person_id uuid NOT NULL DEFAULT gen_random_uuid(),
    company_id uuid,
    role text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 250),
    mail text,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, person_id),
    UNIQUE (customer_id, company_id, person_id),
    FOREIGN KEY (customer_id, company_id) REFERENCES company,
    CHECK ((role LIKE 'company_%') = (company_id IS NOT NULL))
);
CREATE TABLE credential (
    customer_id uuid NOT NULL,
    credential_id uuid NOT NULL DEFAULT gen_random_uuid(),
    person_id uuid NOT NULL,
    company_id uuid,
    identifier text NOT NULL,
    folded text NOT NULL,
    secret_kind text NOT NULL CHECK (secret_kind IN ('password', 'one_time', 'link')),
    secret_hash text NOT NULL,
    secret_expires_at timestamptz,
    issued_at timestamptz NOT NULL,
    issued_by uuid,
    given_at timestamptz,
    last_used_at timestamptz,
    disabled_at timestamptz,
    disabled_by uuid,
    disabled_reason text,
    PRIMARY KEY (customer_id, credential_id),
    FOREIGN KEY (customer_id, person_id) REFERENCES person,
    FOREIGN KEY (customer_id, company_id, person_id) REFERENCES person (customer_id, company_id, person_id)
);
CREATE UNIQUE INDEX credential_identifier ON credential (customer_id, folded) WHERE disabled_at IS NULL;
CREATE INDEX credential_of_person ON credential (customer_id, person_id);
CREATE INDEX credential_of_company ON credential (customer_id, company_id) WHERE disabled_at IS NULL;
CREATE UNIQUE INDEX credential_by_link ON credential (secret_hash) WHERE secret_kind = 'link';
CREATE TABLE access_right (
    customer_id uuid NOT NULL,
    company_id uuid NOT NULL,
    offering_code text NOT NULL CHECK (length(offering_code) BETWEEN 1 AND 64),
    PRIMARY KEY (customer_id, company_id, offering_code),
    FOREIGN KEY (customer_id, company_id) REFERENCES company
);
CREATE TABLE session (
    customer_id uuid NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    credential_id uuid NOT NULL,
    started_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    address text NOT NULL DEFAULT '',
    PRIMARY KEY (customer_id, token_hash),
    FOREIGN KEY (customer_id, credential_id) REFERENCES credential
);
CREATE INDEX session_of_credential ON session (customer_id, credential_id) WHERE ended_at IS NULL;
CREATE INDEX session_to_forget ON session (expires_at);
CREATE TABLE import_job (
    customer_id uuid NOT NULL REFERENCES customer,
    import_id uuid NOT NULL,
    file_name text NOT NULL,
    content bytea,
    mapping jsonb NOT NULL,
    dry_run boolean NOT NULL,
    repair boolean NOT NULL,
    activate boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('received', 'checked', 'running', 'done', 'failed')),
    fault text,
    columns jsonb,
    lines integer NOT NULL DEFAULT 0,
    applied integer NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL,
    received_by uuid,
    ended_at timestamptz,
    PRIMARY KEY (customer_id, import_id)
);
CREATE TABLE import_line (
    customer_id uuid NOT NULL,
    import_id uuid NOT NULL,
    line integer NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('create', 'update', 'unchanged', 'refused')),
    applied boolean NOT NULL DEFAULT false,
    siret text NOT NULL,
    name text NOT NULL,
    trade_name text NOT NULL,
    activity_code text NOT NULL,
    street text NOT NULL,
    postcode text NOT NULL,
    city text NOT NULL,
    search text NOT NULL,
    problems jsonb,
    repairs jsonb,
    PRIMARY KEY (customer_id, import_id, line),
    FOREIGN KEY (customer_id, import_id) REFERENCES import_job
);
CREATE INDEX import_line_to_apply ON import_line (customer_id, import_id, line)
    WHERE NOT applied AND outcome <> 'refused';
CREATE INDEX import_line_by_outcome ON import_line (customer_id, import_id, outcome, line);
CREATE TABLE import_due (
    import_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    failures integer NOT NULL DEFAULT 0
);
CREATE INDEX import_due_first ON import_due (due_at);
CREATE TABLE signing_key (
    kid text PRIMARY KEY,
    private_pem text NOT NULL,
    made_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL,
    retired_at timestamptz
);
CREATE TABLE attempt (
    policy text,
    subject bytea,
    window_ends_at timestamptz NOT NULL,
    used integer NOT NULL,
    PRIMARY KEY (policy, subject)
);
CREATE INDEX attempt_to_forget ON attempt (window_ends_at);
"""

# Login precedes the tenant. These three see every portal, and show only what one door needs.
FUNCTIONS = """
CREATE FUNCTION entrant_by_identifier(portal_address text, wanted text) RETURNS TABLE (
    customer_id uuid, credential_id uuid, person_id uuid, company_id uuid, role text, secret_kind text,
    secret_hash text, secret_expires_at timestamptz, disabled boolean, company_state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET livret.scope = 'portal' AS $$
    SELECT c.customer_id, c.credential_id, c.person_id, c.company_id, p.role, c.secret_kind, c.secret_hash,
           c.secret_expires_at, c.disabled_at IS NOT NULL, y.state
    FROM portal o
    JOIN credential c ON c.customer_id = o.customer_id AND c.folded = wanted AND c.disabled_at IS NULL
    JOIN person p ON p.customer_id = c.customer_id AND p.person_id = c.person_id
    LEFT JOIN company y ON y.customer_id = c.customer_id AND y.company_id = c.company_id
    WHERE o.address = portal_address
$$;
CREATE FUNCTION entrant_by_link(hashed text) RETURNS TABLE (
    customer_id uuid, credential_id uuid, person_id uuid, company_id uuid, role text, secret_kind text,
    secret_hash text, secret_expires_at timestamptz, disabled boolean, company_state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET livret.scope = 'portal' AS $$
    SELECT c.customer_id, c.credential_id, c.person_id, c.company_id, p.role, c.secret_kind, c.secret_hash,
           c.secret_expires_at, c.disabled_at IS NOT NULL, y.state
    FROM credential c
    JOIN person p ON p.customer_id = c.customer_id AND p.person_id = c.person_id
    LEFT JOIN company y ON y.customer_id = c.customer_id AND y.company_id = c.company_id
    WHERE c.secret_hash = hashed AND c.secret_kind = 'link'
$$;
CREATE FUNCTION session_by_token(hashed bytea, moment timestamptz) RETURNS TABLE (
    customer_id uuid, credential_id uuid, person_id uuid, company_id uuid, role text, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET livret.scope = 'portal' AS $$
    SELECT s.customer_id, s.credential_id, p.person_id, p.company_id, p.role, s.expires_at
    FROM session s
    JOIN credential c ON c.customer_id = s.customer_id AND c.credential_id = s.credential_id
    JOIN person p ON p.customer_id = c.customer_id AND p.person_id = c.person_id
    LEFT JOIN company y ON y.customer_id = p.customer_id AND y.company_id = p.company_id
    WHERE s.token_hash = hashed AND s.ended_at IS NULL AND s.expires_at > moment AND c.disabled_at IS NULL
      AND y.state IS DISTINCT FROM 'inactive'
$$;
"""


ENTRANCES = (
    "entrant_by_identifier(text, text)",
    "entrant_by_link(text)",
    "session_by_token(bytea, timestamptz)",
)


def upgrade() -> None:
    """Creates everything; the publisher's own portal stands from the start."""
    for statement in (TABLES + FUNCTIONS).split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.execute(
        "INSERT INTO portal (customer_id, address)"
        " VALUES ('00000000-0000-0000-0000-000000000000', 'publisher')"
    )
    for table in TENANT_TABLES:
        for statement in tenant_policy(table):
            op.execute(statement)
    for entrance in ENTRANCES:
        op.execute(f"REVOKE ALL ON FUNCTION {entrance} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {entrance} TO {APP_ROLE}")
