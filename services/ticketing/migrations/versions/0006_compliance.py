"""What compliance and the detailed report are counted from."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in its own room."""
