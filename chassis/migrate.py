"""Brings a service's database to the version of this code: the chassis's tables, then the service's.

Run by the owner role; the application's role gets rows, never tables. Several processes may start at
once: an advisory lock lets one migrate while the others wait.
"""

import asyncio
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.db import Database

APP_ROLE = "livret_app"
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('livret.migrate'))")
_GRANTS = (
    f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {APP_ROLE}",
)
_VERSION = {"chassis": "alembic_version_chassis"}


def _versions_of(part: str) -> Path:
    package = "chassis" if part == "chassis" else f"services.{part}"
    return Path(str(files(package) / "migrations" / "versions"))


def _config(part: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("chassis") / "migrations"))
    config.set_main_option("version_locations", str(_versions_of(part)))
    config.set_main_option("path_separator", "newline")
    config.attributes["version_table"] = _VERSION.get(part, "alembic_version")
    return config


def _run(connection: Connection, parts: tuple[str, ...]) -> None:
    connection.execute(_LOCK)
    for grant in _GRANTS:
        connection.execute(text(grant))
    for part in parts:
        config = _config(part)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _parts(service: str) -> tuple[str, ...]:
    return ("chassis",) if service == "chassis" else ("chassis", service)


async def upgrade(owner_url: str, service: str) -> None:
    """Migrates one service's database to the newest version; `chassis` alone gives the chassis's tables.

    All of it is one transaction: it holds or nothing of it does.
    """
    url = make_url(owner_url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run, _parts(service))
    finally:
        await engine.dispose()


def upgrade_now(owner_url: str, service: str) -> None:
    """`upgrade` for a caller without an event loop."""
    asyncio.run(upgrade(owner_url, service))


def _heads(service: str) -> dict[str, str]:
    """Version table -> the revision that this code expects."""
    heads = {}
    for part in _parts(service):
        config = _config(part)
        head = ScriptDirectory.from_config(config).get_current_head()
        if head is None:
            raise LookupError(f"no migrations found for {part} in {_versions_of(part)}")
        heads[config.attributes["version_table"]] = head
    return heads


async def is_current(db: Database, service: str) -> bool:
    """True when the database is at this code's version; readiness asks this."""
    async with db.engine.connect() as connection:
        for table, head in _heads(service).items():
            exists = (await connection.execute(text("SELECT to_regclass(:t)"), {"t": table})).scalar()
            if exists is None:
                return False
            found = (await connection.execute(text(f"SELECT version_num FROM {table}"))).scalar()  # noqa: S608
            if found != head:
                return False
    return True
