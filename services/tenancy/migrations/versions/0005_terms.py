"""Terms of contracts: renewals, notices, price revisions."""

revision = "tenancy_0005"
down_revision = "tenancy_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
