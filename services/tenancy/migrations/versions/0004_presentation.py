"""A portal's presentation, contacts and billing details."""

revision = "tenancy_0004"
down_revision = "tenancy_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
