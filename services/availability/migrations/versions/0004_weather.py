"""The register of hosting commitments, and what the weather page last said."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in its own room."""
