"""Months as they were closed, their revisions, and commitments that were lost."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in its own room."""
