"""What the share of tickets is counted from, without reading the tickets themselves."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE INDEX ticket_standing ON ticket (customer_id, ticket_id)
            INCLUDE (registered_at, left_out, set_apart)
    """)
    op.execute("""
        CREATE INDEX ticket_clock_take_charge ON ticket_clock (customer_id, ticket_id)
            INCLUDE (state, miss_at, missed_at) WHERE number = 1
    """)
