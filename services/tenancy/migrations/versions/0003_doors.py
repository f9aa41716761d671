"""Second factors, password resets, and staff acting for a customer."""

revision = "tenancy_0003"
down_revision = "tenancy_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
