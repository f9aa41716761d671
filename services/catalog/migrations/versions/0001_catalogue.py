"""Offerings with their terms, what is heard of tenancy, choices and activations."""

from alembic import op

from chassis.db import tenant_policy

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_OFFERINGS = (
    """
    CREATE TABLE offering (
        code text PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL,
        essential_features text[] NOT NULL,
        collaborative boolean NOT NULL,
        confirmation_needed boolean NOT NULL,
        published_at timestamptz NOT NULL,
        published_by uuid NOT NULL,
        edited_at timestamptz,
        edited_by uuid,
        withdrawn_at timestamptz,
        withdrawn_by uuid,
        ends_on date,
        ends_at timestamptz,
        ended_at timestamptz,
        revision integer NOT NULL,
        CONSTRAINT withdrawn_with_its_end CHECK ((withdrawn_at IS NULL) = (ends_on IS NULL))
    )
    """,
    "CREATE INDEX offering_due_to_end ON offering (ends_at) WHERE ended_at IS NULL",
    """
    CREATE TABLE offering_terms (
        offering_code text REFERENCES offering (code),
        kind text NOT NULL,
        version integer NOT NULL,
        text text NOT NULL,
        in_force boolean NOT NULL,
        published_at timestamptz NOT NULL,
        PRIMARY KEY (offering_code, kind, version)
    )
    """,
    "CREATE UNIQUE INDEX offering_terms_in_force ON offering_terms (offering_code, kind) WHERE in_force",
)

_HEARD = (
    """
    CREATE TABLE customer (
        customer_id uuid PRIMARY KEY,
        name text NOT NULL,
        kind text NOT NULL,
        registered_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE company (
        customer_id uuid,
        company_id uuid,
        siret text,
        name text,
        registered_at timestamptz,
        activated_at timestamptz,
        deactivated_at timestamptz,
        PRIMARY KEY (customer_id, company_id)
    )
    """,
    """
    CREATE TABLE access_rights (
        customer_id uuid,
        company_id uuid,
        offering_codes text[] NOT NULL,
        changed_at timestamptz NOT NULL,
        PRIMARY KEY (customer_id, company_id)
    )
    """,
)

_CHOICES = (
    """
    CREATE TABLE portal_selection (
        customer_id uuid PRIMARY KEY,
        offering_codes text[] NOT NULL,
        revision integer NOT NULL,
        changed_at timestamptz NOT NULL,
        changed_by uuid NOT NULL
    )
    """,
    """
    CREATE TABLE acknowledgement (
        customer_id uuid,
        offering_code text,
        kind text,
        version integer,
        acknowledged_at timestamptz NOT NULL,
        acknowledged_by uuid NOT NULL,
        PRIMARY KEY (customer_id, offering_code, kind, version),
        CONSTRAINT acknowledgement_terms_fkey FOREIGN KEY (offering_code, kind, version)
            REFERENCES offering_terms (offering_code, kind, version)
    )
    """,
    """
    CREATE TABLE demonstration (
        customer_id uuid PRIMARY KEY,
        ended_at timestamptz NOT NULL,
        offering_code text NOT NULL,
        company_id uuid
    )
    """,
)

_ACTIVATIONS = (
    """
    CREATE TABLE activation (
        customer_id uuid,
        activation_id uuid,
        company_id uuid,
        offering_code text NOT NULL REFERENCES offering (code),
        activated_at timestamptz NOT NULL,
        activated_by uuid NOT NULL,
        requested_at timestamptz,
        requested_by uuid,
        confirmed_by uuid,
        deactivated_at timestamptz,
        PRIMARY KEY (customer_id, activation_id),
        CONSTRAINT activation_ends_after_it_began CHECK (deactivated_at >= activated_at)
    )
    """,
    (
        "CREATE UNIQUE INDEX activation_live ON activation (customer_id, company_id, offering_code)"
        " NULLS NOT DISTINCT WHERE deactivated_at IS NULL"
    ),
    "CREATE INDEX activation_by_offering ON activation (offering_code) WHERE deactivated_at IS NULL",
    (
        "CREATE INDEX activation_to_confirm ON activation (requested_at, activation_id)"
        " WHERE requested_at IS NOT NULL AND deactivated_at IS NULL"
    ),
)

_OF_A_TENANT = (
    "customer",
    "company",
    "access_rights",
    "portal_selection",
    "acknowledgement",
    "demonstration",
    "activation",
)


def upgrade() -> None:
    for statement in (*_OFFERINGS, *_HEARD, *_CHOICES, *_ACTIVATIONS):
        op.execute(statement)
    for table in _OF_A_TENANT:
        for statement in tenant_policy(table):
            op.execute(statement)
