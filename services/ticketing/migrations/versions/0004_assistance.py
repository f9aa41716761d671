"""Remote assistance, web sessions, interventions with their reports and attendance sheets."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in its own room."""
