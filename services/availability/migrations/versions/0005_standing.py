"""What is known of a target says when its last run ended, also while all is well: what is over stays over."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


FILL_IN = """
    UPDATE target_standing s SET standing = jsonb_set(s.standing, '{ended_at}', to_jsonb(over.at))
    FROM (SELECT known.target_id, max(r.up_since) AS at
          FROM target_standing known JOIN target_run r ON r.target_id = known.target_id
          WHERE r.up_since <= COALESCE(CAST(known.standing #>> '{run,starts_at}' AS timestamptz),
                                       known.known_until)
          GROUP BY known.target_id) AS over
    WHERE over.target_id = s.target_id
"""


def upgrade() -> None:
    op.execute(FILL_IN)
