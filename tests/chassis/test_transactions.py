"""A transaction sees its scope's rows only; the migrations leave the application's role no tables."""

import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis.clock import Clock, set_clock
from chassis.db import Database, Scope, tenant_policy
from chassis.migrate import is_current, upgrade
from tests.support.postgres import DatabaseMaker, ServiceDatabase

OURS, THEIRS = uuid4(), uuid4()
_NOTES = text("SELECT customer_id FROM note ORDER BY customer_id")


async def _as_owner(database: ServiceDatabase, statements: list[str]) -> None:
    owner = Database.create(database.owner_url)
    async with owner.engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await owner.close()


@pytest.fixture
async def notes(database: DatabaseMaker) -> AsyncIterator[Database]:
    """A database with one tenant table, and a row of each of two tenants."""
    made = database("chassis")
    await _as_owner(made, ["CREATE TABLE note (customer_id uuid NOT NULL)", *tenant_policy("note")])
    db = Database.create(made.app_url)
    async with db.transaction(Scope.portal()) as tx:
        await tx.execute(text("INSERT INTO note VALUES (:c)"), [{"c": OURS}, {"c": THEIRS}])
    yield db
    await db.close()


async def _seen(db: Database, scope: Scope) -> set[UUID]:
    async with db.transaction(scope) as tx:
        return {row.customer_id for row in await tx.fetch_all(_NOTES)}


async def test_each_scope_sees_its_rows(notes: Database) -> None:
    assert await _seen(notes, Scope.customer(OURS)) == {OURS}
    assert await _seen(notes, Scope.portal()) == {OURS, THEIRS}
    assert await _seen(notes, Scope.machine()) == set()


async def test_a_pooled_connection_keeps_nothing_of_the_transaction_before(notes: Database) -> None:
    await _seen(notes, Scope.customer(OURS))
    async with notes.engine.connect() as connection:
        assert (await connection.execute(_NOTES)).all() == []


async def test_another_tenants_row_cannot_be_written(notes: Database) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with notes.transaction(Scope.customer(OURS)) as tx:
            await tx.execute(text("INSERT INTO note VALUES (:c)"), {"c": THEIRS})


async def test_an_error_in_the_block_leaves_nothing(notes: Database) -> None:
    async def delete_and_fail() -> None:
        async with notes.transaction(Scope.customer(OURS)) as tx:
            await tx.execute(text("DELETE FROM note"))
            raise RuntimeError("after the delete")

    with pytest.raises(RuntimeError, match="after the delete"):
        await delete_and_fail()
    assert await _seen(notes, Scope.customer(OURS)) == {OURS}


async def test_an_error_tells_none_of_the_values_that_it_refuses(database: DatabaseMaker) -> None:
    made, secret = database("chassis"), uuid4().hex
    await _as_owner(made, ["CREATE TABLE word (said text PRIMARY KEY)"])
    db = Database.create(made.app_url)
    with pytest.raises(IntegrityError) as refused:
        async with db.transaction(Scope.machine()) as tx:
            await tx.execute(text("INSERT INTO word VALUES (:said), (:said)"), {"said": secret})
    await db.close()
    told = "".join(traceback.format_exception(refused.value))
    assert "word_pkey" in told
    assert secret not in told


async def test_the_applications_role_makes_no_tables(notes: Database) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with notes.transaction(Scope.machine()) as tx:
            await tx.execute(text("CREATE TABLE mine (id int)"))


async def test_a_database_is_current_after_its_migration_only(database: DatabaseMaker) -> None:
    made = database("empty")
    db = Database.create(made.app_url)
    assert not await is_current(db, "chassis")
    await upgrade(made.owner_url, "chassis")
    assert await is_current(db, "chassis")
    await upgrade(made.owner_url, "chassis")
    assert await is_current(db, "chassis")
    await db.close()


async def test_one_clock_for_all_processes_of_a_database(notes: Database) -> None:
    at = datetime(2027, 1, 31, 23, 59, tzinfo=UTC)
    await set_clock(notes, at)
    clock = await Clock.load(notes)
    assert timedelta(0) <= clock.business_now() - at < timedelta(minutes=1)
    await set_clock(notes, None)
    await clock.refresh(notes)
    assert clock.origin_business is None


async def test_a_clock_is_not_set_to_a_local_time(notes: Database) -> None:
    with pytest.raises(ValueError, match="needs an offset"):
        await set_clock(notes, datetime(2027, 1, 1))  # noqa: DTZ001 - the point of the test
