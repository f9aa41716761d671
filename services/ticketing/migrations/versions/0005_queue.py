"""Who works on tickets: the agents that made themselves known here, and the queues they serve."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE agent (
            person_id uuid NOT NULL,
            name text NOT NULL,
            queues text[] NOT NULL,
            present boolean NOT NULL,
            changed_at timestamptz NOT NULL,
            PRIMARY KEY (person_id)
        )
    """)
