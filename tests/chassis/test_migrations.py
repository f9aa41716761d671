"""A database that was filled by an older version comes to the newest one with what it holds."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.db import Database, Scope
from chassis.migrate import _config, is_current, upgrade
from services.__main__ import main
from tests.support.postgres import DatabaseMaker

_LINE = (
    "INSERT INTO audit_trail (id, at, business_at, customer_id, action, details)"
    " SELECT gen_random_uuid(), now(), now(), {customer}, '{action}', '{{}}'"
)


def _at_0003(connection: Connection) -> None:
    config = _config("chassis")
    config.attributes["connection"] = connection
    command.upgrade(config, "0003")


async def _older(owner_url: str) -> None:
    engine = create_async_engine(owner_url.replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("SELECT set_config('livret.scope', 'portal', true)"))
        await connection.run_sync(_at_0003)
        for customer, action in (("NULL", "of_the_publisher"), ("gen_random_uuid()", "of_a_customer")):
            await connection.execute(text(_LINE.format(customer=customer, action=action)))
    await engine.dispose()


async def test_lines_of_the_publisher_are_moved_under_the_nil_id(database: DatabaseMaker) -> None:
    """The policies bind the tables' owner too: a plain update would have moved nothing."""
    made = database("empty")
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_older(made.owner_url))).result()
        thread.submit(lambda: asyncio.run(upgrade(made.owner_url, "chassis"))).result()
    db = Database.create(made.owner_url)
    async with db.transaction(Scope.portal()) as tx:
        rows = await tx.fetch_all(text("SELECT action, customer_id FROM audit_trail"))
    await db.close()
    moved = {row.action: row.customer_id.int == 0 for row in rows}
    assert moved == {"of_the_publisher": True, "of_a_customer": False}


async def test_the_command_finds_the_owner_s_address_in_the_environment(
    database: DatabaseMaker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = database("empty")
    monkeypatch.setenv("LIVRET_OWNER_DATABASE_URL", made.owner_url)
    assert await asyncio.to_thread(main, ["migrate", "catalog"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "catalog: at this version"
    db = Database.create(made.app_url)
    assert await is_current(db, "catalog")
    await db.close()


async def test_a_database_of_a_newer_version_is_told_in_a_line(
    database: DatabaseMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    made = database("catalog")
    db = Database.create(made.owner_url)
    async with db.transaction(Scope.portal()) as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '0099' WHERE version_num LIKE '0%'"))
    await db.close()
    told = ["migrate", "catalog", "--owner-database-url", made.owner_url]
    assert await asyncio.to_thread(main, told) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("livret migrate: the database is of another version: ")


async def test_a_database_that_does_not_answer_is_said_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = "postgresql://livret_owner:secret@127.0.0.1:1/livret_catalog"
    assert await asyncio.to_thread(main, ["migrate", "catalog", "--owner-database-url", nowhere]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("livret migrate: the database cannot be used: ")
