"""Of which mails their tickets have all, so that originals need not be kept; of earlier ones nobody knows."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE inbound_mail ADD COLUMN is_whole boolean NOT NULL DEFAULT false")
