"""What went on in a month is found by the time it took, not among all that began before."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("outage", "exclusion"):
        op.execute(f"CREATE INDEX {table}_during ON {table} USING gist (tstzrange(starts_at, ends_at))")
