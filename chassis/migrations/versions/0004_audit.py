"""The audit trail, keyed by customer, with what was before and after; nobody changes a line of it."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The publisher's own lines have no customer: theirs stand under the nil UUID. The policies bind the owner too
# and let nobody update, so they are lifted for the one statement that moves the lines written before.
KEYED = (
    "ALTER TABLE audit_trail NO FORCE ROW LEVEL SECURITY",
    "UPDATE audit_trail SET customer_id = '00000000-0000-0000-0000-000000000000' WHERE customer_id IS NULL",
    "ALTER TABLE audit_trail FORCE ROW LEVEL SECURITY",
    "ALTER TABLE audit_trail ALTER COLUMN customer_id SET NOT NULL",
    "ALTER TABLE audit_trail DROP CONSTRAINT audit_trail_pkey, ADD PRIMARY KEY (customer_id, at, id)",
    "DROP INDEX audit_trail_customer",
    "DROP INDEX audit_trail_at",
    "CREATE INDEX audit_trail_at ON audit_trail (at, id)",
    "ALTER TABLE audit_trail ADD COLUMN before jsonb, ADD COLUMN after jsonb",
)

# The application's role has no right to change a line (0003). The trigger stops whoever has: the owner, and
# replication's session mode.
APPEND_ONLY = (
    """
    CREATE FUNCTION refuse_change_of_audit_trail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit trail is append-only: % is refused', TG_OP USING ERRCODE = '42501';
    END
    $$
    """,
    """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_trail()
    """,
    "ALTER TABLE audit_trail ENABLE ALWAYS TRIGGER append_only",
)


def upgrade() -> None:
    for statement in (*KEYED, *APPEND_ONLY):
        op.execute(statement)
