"""Files of tickets: what is known of each, and their bytes apart, which are not compressed once more."""

from alembic import op

from chassis.db import tenant_policy

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE ticket_attachment (
        customer_id uuid NOT NULL,
        attachment_id uuid NOT NULL,
        ticket_id uuid NOT NULL,
        message_number integer,
        side text NOT NULL,
        internal boolean NOT NULL,
        name text NOT NULL,
        media_type text NOT NULL,
        size_bytes integer NOT NULL,
        sha256 text NOT NULL,
        added_at timestamptz NOT NULL,
        added_by uuid,
        PRIMARY KEY (customer_id, attachment_id),
        CONSTRAINT ticket_attachment_of FOREIGN KEY (customer_id, ticket_id)
            REFERENCES ticket (customer_id, ticket_id),
        CONSTRAINT ticket_attachment_with FOREIGN KEY (customer_id, ticket_id, message_number)
            REFERENCES ticket_message (customer_id, ticket_id, number),
        CONSTRAINT ticket_attachment_side CHECK (side IN ('customer', 'support')),
        CONSTRAINT ticket_attachment_internal CHECK (NOT internal OR side = 'support')
    )
    """,
    """
    CREATE INDEX ticket_attachment_listed
    ON ticket_attachment (customer_id, ticket_id, added_at, attachment_id)
    """,
    """
    CREATE TABLE ticket_attachment_content (
        customer_id uuid NOT NULL,
        attachment_id uuid NOT NULL,
        content bytea STORAGE EXTERNAL NOT NULL,
        PRIMARY KEY (customer_id, attachment_id),
        CONSTRAINT ticket_attachment_content_of FOREIGN KEY (customer_id, attachment_id)
            REFERENCES ticket_attachment (customer_id, attachment_id)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("ticket_attachment", "ticket_attachment_content"):
        for statement in tenant_policy(table):
            op.execute(statement)
