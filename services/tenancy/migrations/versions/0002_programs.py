"""Programs that are let in: their keys, scopes, expiry and last use."""

revision = "tenancy_0002"
down_revision = "tenancy_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
