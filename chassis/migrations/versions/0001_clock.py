"""The portal's business time, as one row that all processes share."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE chassis_clock (
            one boolean PRIMARY KEY DEFAULT true CHECK (one),
            origin_business timestamptz NOT NULL,
            origin_system timestamptz NOT NULL,
            rate integer NOT NULL CHECK (rate >= 0)
        )
        """
    )
