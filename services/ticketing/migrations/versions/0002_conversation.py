"""Messages, notes, attachments, and mail that came in."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in its own room."""
