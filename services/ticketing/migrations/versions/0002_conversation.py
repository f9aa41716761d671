"""What is said about a ticket, and which mails belong to it."""

from alembic import op

from chassis.db import tenant_policy

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE ticket_message (
        customer_id uuid NOT NULL,
        ticket_id uuid NOT NULL,
        number integer NOT NULL,
        message_id uuid NOT NULL,
        at timestamptz NOT NULL,
        by uuid,
        author_name text,
        side text NOT NULL,
        channel text NOT NULL,
        internal boolean NOT NULL,
        text text NOT NULL,
        PRIMARY KEY (customer_id, ticket_id, number),
        CONSTRAINT ticket_message_of FOREIGN KEY (customer_id, ticket_id)
            REFERENCES ticket (customer_id, ticket_id),
        CONSTRAINT ticket_message_side CHECK (side IN ('customer', 'support')),
        CONSTRAINT ticket_message_internal CHECK (NOT internal OR side = 'support')
    )
    """,
    "CREATE UNIQUE INDEX ticket_message_id ON ticket_message (customer_id, message_id)",
    """
    CREATE TABLE mail_thread (
        customer_id uuid NOT NULL,
        mail_id text NOT NULL,
        ticket_id uuid NOT NULL,
        PRIMARY KEY (customer_id, mail_id),
        CONSTRAINT mail_thread_of FOREIGN KEY (customer_id, ticket_id)
            REFERENCES ticket (customer_id, ticket_id)
    )
    """,
    "CREATE INDEX mail_thread_by_id ON mail_thread (mail_id)",
    "CREATE INDEX mail_thread_by_ticket ON mail_thread (customer_id, ticket_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("ticket_message", "mail_thread"):
        for statement in tenant_policy(table):
            op.execute(statement)
