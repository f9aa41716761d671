"""The facts that a month's base is counted from."""

from alembic import op

from chassis.db import tenant_policy

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_OF_A_TENANT = {
    "customer_fact": """
        CREATE TABLE customer_fact (
            customer_id uuid PRIMARY KEY,
            name text,
            registered_at timestamptz,
            demonstration_ended_at timestamptz
        )
    """,
    "company_fact": """
        CREATE TABLE company_fact (
            customer_id uuid,
            company_id uuid,
            siret text,
            name text,
            credential_given_at timestamptz,
            PRIMARY KEY (customer_id, company_id)
        )
    """,
    "company_change": """
        CREATE TABLE company_change (
            customer_id uuid,
            company_id uuid,
            active boolean,
            changed_at timestamptz,
            PRIMARY KEY (customer_id, company_id, active, changed_at)
        )
    """,
    "service_fact": """
        CREATE TABLE service_fact (
            customer_id uuid,
            activation_id uuid,
            company_id uuid,
            offering_code text NOT NULL,
            activated_at timestamptz,
            deactivated_at timestamptz,
            PRIMARY KEY (customer_id, activation_id)
        )
    """,
}


def upgrade() -> None:
    for table, statement in _OF_A_TENANT.items():
        op.execute(statement)
        for policy in tenant_policy(table):
            op.execute(policy)
    op.execute("CREATE INDEX service_fact_by_offering ON service_fact (customer_id, offering_code)")
    op.execute("CREATE TABLE offering_fact (offering_code text PRIMARY KEY, name text NOT NULL)")
