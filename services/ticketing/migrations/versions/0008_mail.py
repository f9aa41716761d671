"""Mail that came in, and who may write for a customer."""

from alembic import op

from chassis.db import tenant_policy

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE inbound_mail (
        customer_id uuid NOT NULL,
        mail_id uuid NOT NULL,
        number bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
        digest text NOT NULL,
        state text NOT NULL,
        reason text,
        explanation text,
        sender text,
        sender_name text,
        subject text NOT NULL,
        message_ref text,
        envelope_sender text,
        envelope_recipient text,
        authentication text,
        size_bytes integer NOT NULL,
        received_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        ticket_id uuid,
        decided_by uuid,
        settled_at timestamptz,
        answered_at timestamptz,
        attempts integer NOT NULL,
        raw bytea NOT NULL,
        PRIMARY KEY (customer_id, mail_id),
        CONSTRAINT inbound_mail_state CHECK
            (state IN ('received', 'done', 'ignored', 'held', 'unmatched', 'refused', 'discarded')),
        CONSTRAINT inbound_mail_done CHECK ((state = 'done') = (ticket_id IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX inbound_mail_once ON inbound_mail (digest)",
    "CREATE UNIQUE INDEX inbound_mail_id ON inbound_mail (mail_id)",
    "CREATE INDEX inbound_mail_due ON inbound_mail (due_at, number) WHERE state = 'received'",
    "CREATE INDEX inbound_mail_listed ON inbound_mail (state, number)",
    "CREATE INDEX inbound_mail_sender ON inbound_mail (sender, received_at)",
    "CREATE INDEX inbound_mail_pace ON inbound_mail (customer_id, due_at)",
    """
    CREATE TABLE mail_sender (
        customer_id uuid NOT NULL,
        sender_id uuid NOT NULL,
        kind text NOT NULL,
        value text NOT NULL,
        company_id uuid,
        added_at timestamptz NOT NULL,
        added_by uuid NOT NULL,
        PRIMARY KEY (customer_id, sender_id),
        CONSTRAINT mail_sender_kind CHECK (kind IN ('address', 'domain'))
    )
    """,
    "CREATE UNIQUE INDEX mail_sender_once ON mail_sender (customer_id, value)",
    "CREATE INDEX mail_sender_by_value ON mail_sender (value)",
    "CREATE INDEX ticket_by_contact ON ticket (lower(contact_email)) WHERE contact_email IS NOT NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("inbound_mail", "mail_sender"):
        for statement in tenant_policy(table):
            op.execute(statement)
