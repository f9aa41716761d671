"""The trail tells who did what, on whose behalf, from where; nobody changes it afterwards."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.db import Database, Scope
from chassis.unit import MAX_USER_AGENT
from tests.chassis.web.conftest import Authority, caller_of
from tests.support.postgres import ServiceDatabase

_LINES = text("SELECT * FROM audit_trail WHERE credential_id = :credential_id")


@pytest.fixture(scope="module")
async def owner(made: ServiceDatabase) -> AsyncIterator[Database]:
    """The database, as the owner of its tables sees it."""
    db = Database.create(made.owner_url)
    yield db
    await db.close()


async def test_a_deed_leaves_its_line(client: httpx.AsyncClient, authority: Authority, db: Database) -> None:
    caller = replace(caller_of(), on_behalf_of=uuid4())
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = authority.headers(caller) | {
        "Idempotency-Key": "a1",
        "User-Agent": "notes/1",
        "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01",
    }
    made = await client.post("/v1/notes", json={"body": "audited"}, headers=headers)
    async with db.transaction(Scope.portal()) as tx:
        (line,) = await tx.fetch_all(_LINES, {"credential_id": caller.credential_id})
    assert (line.action, line.subject) == ("make_note", made.json()["note_id"])
    assert (line.person_id, line.role, line.on_behalf_of) == (
        caller.person_id,
        "firm_admin",
        caller.on_behalf_of,
    )
    assert (line.customer_id, line.origin, line.user_agent) == (caller.customer_id, "127.0.0.1", "notes/1")
    assert (line.trace_id, line.details) == (trace_id, {"length": 7})


async def test_a_refused_deed_leaves_none(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    caller = caller_of()
    for key in ("b1", "b2"):
        headers = authority.headers(caller) | {"Idempotency-Key": key}
        await client.post("/v1/notes", json={"body": "same"}, headers=headers)
    async with db.transaction(Scope.portal()) as tx:
        assert len(await tx.fetch_all(_LINES, {"credential_id": caller.credential_id})) == 1


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_trail SET action = 'x'", "DELETE FROM audit_trail", "TRUNCATE audit_trail"],
)
async def test_the_application_cannot_change_it(db: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with db.transaction(Scope.portal()) as tx:
            await tx.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_trail SET action = 'x'",
        "DELETE FROM audit_trail",
        "TRUNCATE audit_trail",
        "MERGE INTO audit_trail USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    ],
)
async def test_its_owner_cannot_change_it_either(owner: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="audit trail is append-only"):
        async with owner.transaction(Scope.portal()) as tx:
            await tx.execute(text(statement))


async def test_a_tenant_reads_its_own_lines_only(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    caller = caller_of()
    headers = authority.headers(caller) | {"Idempotency-Key": "c1"}
    await client.post("/v1/notes", json={"body": "mine"}, headers=headers)
    count = text("SELECT count(*) FROM audit_trail")
    async with db.transaction(Scope.customer(uuid4())) as tx:
        assert (await tx.execute(count)).scalar_one() == 0
    async with db.transaction(Scope.customer(caller.customer_id or uuid4())) as tx:
        assert (await tx.execute(count)).scalar_one() == 1


async def test_a_visitor_may_leave_a_line_but_read_none(client: httpx.AsyncClient, db: Database) -> None:
    answer = await client.post("/v1/visits", headers={"User-Agent": "v" * 5000})
    assert (answer.status_code, answer.json()) == (200, {"lines_seen": 0})
    async with db.transaction(Scope.machine()) as tx:
        assert (await tx.execute(text("SELECT count(*) FROM audit_trail"))).scalar_one() == 0
    async with db.transaction(Scope.portal()) as tx:
        found = await tx.fetch_all(
            text("SELECT person_id, length(user_agent) AS length FROM audit_trail WHERE action = 'visit'")
        )
    assert [(row.person_id, row.length) for row in found] == [(None, MAX_USER_AGENT)]
