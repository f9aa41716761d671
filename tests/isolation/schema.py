"""What stands in a database, as PostgreSQL tells, and what in it would let one tenant see another.

`flaws_of` gives sentences; none means that the schema holds isolation by itself, whatever the queries do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.migrate import APP_ROLE

TENANT = "customer_id"
COMMON_POLICY = {"tenant": "ALL"}

_TABLES = text("""
    SELECT c.oid::regclass::text AS name, c.relkind::text AS kind, c.relrowsecurity AS secured,
           c.relforcerowsecurity AS forced, pg_get_userbyid(c.relowner) AS owner,
           has_table_privilege(:app, c.oid, 'TRUNCATE') AS truncatable,
           (SELECT array_agg(attname::text) FROM pg_attribute
            WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
""")
_KEYS = text("""
    SELECT i.indrelid::regclass::text AS table, i.indexrelid::regclass::text AS name,
           (SELECT array_agg(coalesce(a.attname::text, '(expression)') ORDER BY k.place)
            FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (number, place)
            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
            WHERE k.place <= i.indnkeyatts) AS columns,
           i.indisprimary AS primary
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace
""")
_REFERENCES = text("""
    SELECT f.conrelid::regclass::text AS table, f.conname::text AS name, f.confrelid::regclass::text AS to,
           EXISTS (SELECT FROM unnest(f.conkey, f.confkey) AS pair (here, there)
                   JOIN pg_attribute h ON h.attrelid = f.conrelid AND h.attnum = pair.here
                   JOIN pg_attribute t ON t.attrelid = f.confrelid AND t.attnum = pair.there
                   WHERE h.attname = :tenant AND t.attname = :tenant) AS with_customer
    FROM pg_constraint f WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace
""")
_POLICIES = text("""
    SELECT tablename::text AS table, policyname::text AS name, cmd AS command,
           coalesce(qual, '') AS using, coalesce(with_check, '') AS check,
           permissive = 'PERMISSIVE' AS permissive
    FROM pg_policies WHERE schemaname = 'public'
""")
_DEFINERS = text("""
    SELECT p.proname::text AS name, p.oid::regprocedure::text AS signature,
           coalesce(array_to_string(p.proconfig, ' '), '') AS settings,
           EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS granted
                   WHERE granted.grantee = 0 AND granted.privilege_type = 'EXECUTE') AS open_to_all
    FROM pg_proc p
    WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
""")


@dataclass(frozen=True, slots=True)
class Apart:
    """What tables.yaml says of one service's database, the chassis's tables included."""

    shared: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    policies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    doors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, service: str) -> Self:
        """Read from the file."""
        written = yaml.safe_load((Path(__file__).parent / "tables.yaml").read_text(encoding="utf-8"))
        parts = ("shared", "keys_without_customer", "policies", "doors")
        return cls(*(written[part]["chassis"] | (written[part].get(service) or {}) for part in parts))


@dataclass(frozen=True, slots=True)
class Schema:
    """One database's tables, keys, references, policies and SECURITY DEFINER functions."""

    tables: dict[str, Any]
    keys: list[Any]
    references: list[Any]
    policies: list[Any]
    definers: list[Any]

    @classmethod
    async def read(cls, connection: AsyncConnection) -> Self:
        """As any role may read it."""
        tables = (await connection.execute(_TABLES, {"app": APP_ROLE})).all()
        return cls(
            {row.name: row for row in tables},
            list((await connection.execute(_KEYS)).all()),
            list((await connection.execute(_REFERENCES, {"tenant": TENANT})).all()),
            list((await connection.execute(_POLICIES)).all()),
            list((await connection.execute(_DEFINERS)).all()),
        )

    def tenant_tables(self, apart: Apart) -> list[str]:
        """Those that hold tenants' rows."""
        return sorted(name for name in self.tables if name not in apart.shared)


def flaws_of(schema: Schema, apart: Apart) -> list[str]:
    """Everything in the schema that isolation does not allow."""
    found = [
        *_of_tables(schema, apart),
        *_of_keys(schema, apart),
        *_of_references(schema, apart),
        *_of_policies(schema, apart),
        *_of_definers(schema, apart),
        *_of_names(schema, apart),
    ]
    return sorted(found)


def _of_tables(schema: Schema, apart: Apart) -> Iterator[str]:
    for name, table in schema.tables.items():
        if table.kind not in ("r", "p"):
            yield f"{name} is no table: a view would read as its owner"
        if table.owner == APP_ROLE:
            yield f"{name} belongs to the application's role"
        if table.truncatable:
            yield f"{name} can be emptied by the application: TRUNCATE knows no policy"
    for name in schema.tenant_tables(apart):
        table = schema.tables[name]
        if TENANT not in table.columns:
            yield f"{name} has no {TENANT} and is not listed as shared"
        if not (table.secured and table.forced):
            yield f"{name} is not behind forced row-level security"


def _of_keys(schema: Schema, apart: Apart) -> Iterator[str]:
    tenant = schema.tenant_tables(apart)
    with_primary = {key.table for key in schema.keys if key.primary}
    yield from (f"{name} has no primary key" for name in tenant if name not in with_primary)
    for key in schema.keys:
        if key.table not in tenant or key.name in apart.keys:
            continue
        if key.primary and key.columns[0] != TENANT:
            yield f"{key.name}: the primary key does not begin with {TENANT}"
        if TENANT not in key.columns:
            yield f"{key.name}: unique across customers"


def _of_references(schema: Schema, apart: Apart) -> Iterator[str]:
    tenant = schema.tenant_tables(apart)
    for reference in schema.references:
        if reference.table in tenant and reference.to in tenant and not reference.with_customer:
            yield f"{reference.table}.{reference.name}: refers to another customer's rows too"
        if reference.table not in tenant and reference.to in tenant:
            yield f"{reference.table}.{reference.name}: shared rows depend on a tenant's"


def _of_policies(schema: Schema, apart: Apart) -> Iterator[str]:
    for name in schema.tenant_tables(apart):
        found = {policy.name: policy.command for policy in schema.policies if policy.table == name}
        expected = apart.policies.get(name, COMMON_POLICY)
        if found != expected:
            yield f"{name}: its policies are {found}, not {dict(expected)}"
    for policy in schema.policies:
        restricted = policy.using + policy.check
        if not policy.permissive or not _reads_a_scope(restricted):
            yield f"{policy.table}.{policy.name}: does not read whose rows may be seen"


def _reads_a_scope(condition: str) -> bool:
    """The nullif matters: a pooled connection keeps an empty setting after its first transaction."""
    by_customer = "NULLIF(current_setting('livret.customer'::text, true), ''::text))::uuid" in condition
    by_machine = "current_setting('livret.scope'::text, true) = 'machine'" in condition
    return by_customer or by_machine


def _of_definers(schema: Schema, apart: Apart) -> Iterator[str]:
    for function in schema.definers:
        if function.name not in apart.doors:
            yield f"{function.signature}: sees every tenant and is not listed as a door"
        if function.open_to_all:
            yield f"{function.signature}: any role may call it"
        if "search_path=" not in function.settings:
            yield f"{function.signature}: finds its tables by the caller's search_path"


def _of_names(schema: Schema, apart: Apart) -> Iterator[str]:
    """What the file names must be there, or it would hide something else one day."""
    keys = {key.name for key in schema.keys}
    doors = {function.name for function in schema.definers}
    for name in (*apart.shared, *apart.policies):
        if name not in schema.tables:
            yield f"tables.yaml: no table {name}"
    yield from (f"tables.yaml: no key {name}" for name in apart.keys if name not in keys)
    yield from (f"tables.yaml: no function {name}" for name in apart.doors if name not in doors)
