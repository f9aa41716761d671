"""Terms of contracts: renewals, notices, price revisions, promotional prices (article 16)."""

from alembic import op

from chassis.db import tenant_policy

revision = "tenancy_0005"
down_revision = "tenancy_0004"
branch_labels = None
depends_on = None

TENANT_TABLES = ("contract", "contract_notice", "price_revision", "promotional_price", "demonstration_end")

# `demonstration_end` is another service's fact: it may be heard before its customer is there.
TABLES = """
CREATE TABLE contract (
    customer_id uuid PRIMARY KEY REFERENCES customer,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'ended')),
    said_period integer NOT NULL DEFAULT 1 CHECK (said_period >= 1),
    due_at timestamptz,
    ended_at timestamptz,
    CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
    CHECK (state = 'active' OR due_at IS NULL)
);
CREATE INDEX contract_due_first ON contract (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE contract_notice (
    customer_id uuid NOT NULL REFERENCES contract,
    notice_id uuid NOT NULL,
    party text NOT NULL CHECK (party IN ('customer', 'publisher')),
    letter_reference text NOT NULL CHECK (length(letter_reference) BETWEEN 1 AND 100),
    posted_on date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= posted_on),
    late boolean NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by uuid,
    withdrawn_reason text CHECK (length(withdrawn_reason) BETWEEN 1 AND 500),
    PRIMARY KEY (customer_id, notice_id),
    CHECK (num_nulls(withdrawn_at, withdrawn_by, withdrawn_reason) IN (0, 3))
);
CREATE UNIQUE INDEX contract_notice_standing ON contract_notice (customer_id, party)
    WHERE withdrawn_at IS NULL;
CREATE TABLE price_revision (
    customer_id uuid NOT NULL REFERENCES contract,
    revision_id uuid NOT NULL,
    percent numeric(7, 3) CHECK (percent > 0 AND percent <= 1000),
    reference text CHECK (length(reference) BETWEEN 1 AND 200),
    notified_on date NOT NULL,
    effective_on date NOT NULL CHECK (effective_on > notified_on),
    period integer NOT NULL CHECK (period >= 2),
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    PRIMARY KEY (customer_id, revision_id),
    UNIQUE (customer_id, period),
    CHECK (num_nulls(percent, reference) < 2)
);
CREATE TABLE promotional_price (
    customer_id uuid NOT NULL REFERENCES contract,
    promotion_id uuid NOT NULL,
    starts_on date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= starts_on),
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 200),
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    PRIMARY KEY (customer_id, promotion_id)
);
CREATE TABLE demonstration_end (
    customer_id uuid PRIMARY KEY,
    ended_at timestamptz NOT NULL
);
"""

# Contracts that are there already are due at once: the first turn says what was renewed, and when they are
# due next. The owner is behind the policies too.
OPENED = """
SELECT set_config('livret.scope', 'portal', true);
INSERT INTO contract (customer_id, due_at) SELECT customer_id, registered_at FROM customer;
SELECT set_config('livret.scope', '', true);
"""


def upgrade() -> None:
    """Adds the tables, and opens the contract of each customer there is."""
    for statement in (TABLES + OPENED).split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in TENANT_TABLES:
        for statement in tenant_policy(table):
            op.execute(statement)
