"""What corrections to customers and rights for all companies need."""

revision = "tenancy_0006"
down_revision = "tenancy_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
