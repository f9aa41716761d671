"""The second line: each service's schema keeps tenants apart by itself, whatever its queries forget."""

import pytest
from sqlalchemy import text

from chassis.db import Database, tenant_policy
from chassis.migrate import APP_ROLE
from services.roster import ROSTER
from tests.isolation.schema import Apart, Schema, flaws_of
from tests.support.postgres import DatabaseMaker, ServiceDatabase

_ROLES = text("""
    SELECT rolname AS name,
           rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS strong,
           pg_has_role(rolname, 'pg_read_all_data', 'USAGE')
           OR pg_has_role(rolname, 'pg_write_all_data', 'USAGE') AS reads_all
    FROM pg_roles WHERE rolname IN (:app, :owner)
""")
_OWNER_OF = text("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()")
_MAY_BECOME = text("SELECT pg_has_role(:app, :owner, 'MEMBER')")


async def _read(url: str) -> Schema:
    db = Database.create(url)
    async with db.engine.connect() as connection:
        schema = await Schema.read(connection)
    await db.close()
    return schema


@pytest.mark.parametrize("service", ROSTER)
async def test_the_schema_keeps_tenants_apart(service: str, database: DatabaseMaker) -> None:
    schema, apart = await _read(database(service).app_url), Apart.of(service)
    assert schema.tenant_tables(apart), "a service without a tenant's table?"
    assert flaws_of(schema, apart) == []


@pytest.mark.parametrize("service", ROSTER)
async def test_the_applications_role_cannot_walk_around_the_policies(
    service: str, database: DatabaseMaker
) -> None:
    db = Database.create(database(service).app_url)
    async with db.engine.connect() as connection:
        assert (await connection.execute(text("SELECT current_user"))).scalar() == APP_ROLE
        owner = (await connection.execute(_OWNER_OF)).scalar_one()
        assert owner != APP_ROLE
        roles = (await connection.execute(_ROLES, {"app": APP_ROLE, "owner": owner})).all()
        assert {role.name for role in roles} == {APP_ROLE, owner}
        assert [role.name for role in roles if role.strong or role.reads_all] == []
        assert not (await connection.execute(_MAY_BECOME, {"app": APP_ROLE, "owner": owner})).scalar()
    await db.close()


GOOD = (
    "CREATE TABLE note (customer_id uuid, id uuid, PRIMARY KEY (customer_id, id))",
    *tenant_policy("note"),
)

_BARE = "customer_id = current_setting('livret.customer', true)::uuid"
_PEEP = "CREATE FUNCTION peep() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM note'"

# What is done to a database that was sound, and the sentence that tells it.
FAULTS = {
    "a table without a tenant, not listed": (
        ("CREATE TABLE loose (id uuid PRIMARY KEY)",),
        "loose has no customer_id and is not listed as shared",
    ),
    "row-level security not enabled": (
        ("ALTER TABLE note DISABLE ROW LEVEL SECURITY",),
        "note is not behind forced row-level security",
    ),
    "row-level security not forced on the owner": (
        ("ALTER TABLE note NO FORCE ROW LEVEL SECURITY",),
        "note is not behind forced row-level security",
    ),
    "no policy": (("DROP POLICY tenant ON note",), "note: its policies are {}, not {'tenant': 'ALL'}"),
    "one more policy, that lets all through": (
        ("CREATE POLICY all_may ON note USING (true)",),
        "note.all_may: does not read whose rows may be seen",
    ),
    "a policy without nullif": (
        (f"ALTER POLICY tenant ON note USING ({_BARE}) WITH CHECK ({_BARE})",),
        "note.tenant: does not read whose rows may be seen",
    ),
    "a primary key that begins with something else": (
        ("ALTER TABLE note DROP CONSTRAINT note_pkey, ADD PRIMARY KEY (id, customer_id)",),
        "note_pkey: the primary key does not begin with customer_id",
    ),
    "a table without a primary key": (
        ("ALTER TABLE note DROP CONSTRAINT note_pkey",),
        "note has no primary key",
    ),
    "a unique key across customers": (
        ("ALTER TABLE note ADD name text UNIQUE",),
        "note_name_key: unique across customers",
    ),
    "a unique index across customers": (
        ("CREATE UNIQUE INDEX note_once ON note (md5(id::text))",),
        "note_once: unique across customers",
    ),
    "a reference without the customer": (
        (
            "CREATE UNIQUE INDEX note_id ON note (id)",
            "CREATE TABLE page (customer_id uuid, id uuid REFERENCES note (id), PRIMARY KEY (customer_id))",
            *tenant_policy("page"),
        ),
        "page.page_id_fkey: refers to another customer's rows too",
    ),
    "a view": (
        ("CREATE VIEW seen AS SELECT * FROM note",),
        "seen is no table: a view would read as its owner",
    ),
    "a table that can be truncated": (
        ("GRANT TRUNCATE ON note TO livret_app",),
        "note can be emptied by the application: TRUNCATE knows no policy",
    ),
    "a function that sees all": (
        (_PEEP,),
        "peep(): sees every tenant and is not listed as a door",
    ),
    "a function open to all": (
        (_PEEP,),
        "peep(): any role may call it",
    ),
}


@pytest.fixture(scope="module")
async def sound(module_database: DatabaseMaker) -> ServiceDatabase:
    """A database with one tenant table as it should be."""
    made = module_database("chassis")
    db = Database.create(made.owner_url)
    async with db.engine.begin() as connection:
        for statement in GOOD:
            await connection.execute(text(statement))
    await db.close()
    return made


def _apart() -> Apart:
    apart = Apart.of("chassis")
    shared = {name: why for name, why in apart.shared.items() if name != "alembic_version"}
    return Apart(shared, apart.keys, apart.policies, apart.doors)


async def test_a_sound_table_has_no_flaw(sound: ServiceDatabase) -> None:
    assert flaws_of(await _read(sound.app_url), _apart()) == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_seen(fault: str, sound: ServiceDatabase) -> None:
    statements, sentence = FAULTS[fault]
    db = Database.create(sound.owner_url)
    async with db.engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
        found = flaws_of(await Schema.read(connection), _apart())
        await connection.rollback()
    await db.close()
    assert sentence in found


def test_a_name_that_is_no_longer_there_is_seen() -> None:
    nothing = Schema({}, [], [], [], [])
    found = flaws_of(nothing, Apart({"gone": "why"}, {"gone_key": "why"}, {}, {"gone_door": "why"}))
    assert found == [
        "tables.yaml: no function gone_door",
        "tables.yaml: no key gone_key",
        "tables.yaml: no table gone",
    ]
