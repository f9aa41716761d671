"""A portal's presentation (3-a); contacts, billing address and means of payment of a customer (15-c)."""

from alembic import op

from chassis.db import tenant_policy
from chassis.migrate import APP_ROLE

revision = "tenancy_0004"
down_revision = "tenancy_0003"
branch_labels = None
depends_on = None

TENANT_TABLES = ("presentation", "billing_details")

# `card_token` and `iban` are sealed: the database alone cannot tell them.
TABLES = """
CREATE TABLE presentation (
    customer_id uuid PRIMARY KEY REFERENCES portal,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    text_colour text NOT NULL CHECK (text_colour ~ '^#[0-9a-f]{6}$'),
    background_colour text NOT NULL CHECK (background_colour ~ '^#[0-9a-f]{6}$'),
    accent_colour text NOT NULL CHECK (accent_colour ~ '^#[0-9a-f]{6}$'),
    on_accent_colour text NOT NULL CHECK (on_accent_colour ~ '^#[0-9a-f]{6}$'),
    welcome text NOT NULL CHECK (length(welcome) <= 5000),
    logo bytea CHECK (length(logo) <= 4194304),
    logo_digest text CHECK (logo_digest ~ '^[0-9a-f]{64}$'),
    logo_width integer CHECK (logo_width BETWEEN 1 AND 1024),
    logo_height integer CHECK (logo_height BETWEEN 1 AND 1024),
    revision integer NOT NULL CHECK (revision >= 1),
    changed_at timestamptz NOT NULL,
    changed_by uuid NOT NULL,
    CHECK (num_nulls(logo, logo_digest, logo_width, logo_height) IN (0, 4))
);
CREATE TABLE billing_details (
    customer_id uuid PRIMARY KEY REFERENCES customer,
    billing_contact jsonb,
    technical_contact jsonb,
    address jsonb,
    card_token text CHECK (card_token LIKE 'sealed:%'),
    card_brand text,
    card_last4 text CHECK (card_last4 ~ '^[0-9]{4}$'),
    card_expires_on date,
    iban text CHECK (iban LIKE 'sealed:%'),
    iban_masked text,
    bic text,
    mandate_holder text,
    mandate_reference text,
    mandate_signed_on date,
    revision integer NOT NULL CHECK (revision >= 1),
    changed_at timestamptz NOT NULL,
    changed_by uuid NOT NULL,
    CHECK (num_nulls(card_token, card_brand, card_last4, card_expires_on) IN (0, 4)),
    CHECK (num_nulls(iban, iban_masked, bic, mandate_holder, mandate_reference, mandate_signed_on) IN (0, 6)),
    CHECK (card_token IS NULL OR iban IS NULL)
);
"""

# A login page is drawn before its tenant is known: these show what it shows, and nothing else.
FUNCTIONS = """
CREATE FUNCTION presentation_by_portal(portal_address text) RETURNS TABLE (
    portal text, name text, text_colour text, background_colour text, accent_colour text,
    on_accent_colour text, welcome text, logo_digest text, logo_width integer, logo_height integer,
    revision integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET livret.scope = 'portal' AS $$
    SELECT o.address, p.name, p.text_colour, p.background_colour, p.accent_colour, p.on_accent_colour,
           p.welcome, p.logo_digest, p.logo_width, p.logo_height, p.revision
    FROM portal o LEFT JOIN presentation p ON p.customer_id = o.customer_id
    WHERE o.address = portal_address
$$;
CREATE FUNCTION logo_by_portal(portal_address text) RETURNS TABLE (logo bytea, logo_digest text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET livret.scope = 'portal' AS $$
    SELECT p.logo, p.logo_digest
    FROM portal o JOIN presentation p ON p.customer_id = o.customer_id
    WHERE o.address = portal_address AND p.logo IS NOT NULL
$$;
"""

DOORS = ("presentation_by_portal(text)", "logo_by_portal(text)")


def upgrade() -> None:
    for statement in (TABLES + FUNCTIONS).split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in TENANT_TABLES:
        for statement in tenant_policy(table):
            op.execute(statement)
    for door in DOORS:
        op.execute(f"REVOKE ALL ON FUNCTION {door} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {door} TO {APP_ROLE}")
