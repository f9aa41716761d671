"""One request is one transaction, and it has ended before the answer leaves."""

from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from chassis.auth import Role
from chassis.db import Database, Scope
from tests.chassis.web.conftest import Authority, caller_of

_COUNT = text("SELECT count(*) FROM note WHERE body = :body")


async def _count(db: Database, body: str) -> int:
    async with db.transaction(Scope.portal()) as tx:
        count: int = (await tx.execute(_COUNT, {"body": body})).scalar_one()
    return count


async def test_a_constraint_that_fails_at_commit_is_not_answered_with_200(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    headers = authority.headers(caller_of())
    first = await client.post("/v1/plain-notes", json={"body": "deferred"}, headers=headers)
    second = await client.post("/v1/plain-notes", json={"body": "deferred"}, headers=headers)
    assert first.status_code == 200
    assert second.status_code == 500
    assert second.headers["content-type"] == "application/problem+json"
    assert await _count(db, "deferred") == 1


async def test_what_a_request_wrote_can_be_read_when_its_answer_is_there(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    headers = authority.headers(caller_of())
    for number in range(20):
        made = await client.post("/v1/plain-notes", json={"body": f"n{number}"}, headers=headers)
        seen = await client.get("/v1/notes?limit=200", headers=headers)
        assert made.json()["note_id"] in [item["note_id"] for item in seen.json()["items"]]


async def test_a_refusal_rolls_back(client: httpx.AsyncClient, authority: Authority, db: Database) -> None:
    headers = authority.headers(caller_of()) | {"Idempotency-Key": "refused-1"}
    answer = await client.post("/v1/notes/refused", json={"body": "rolled back"}, headers=headers)
    assert answer.status_code == 409
    assert await _count(db, "rolled back") == 0


async def test_a_caller_sees_its_own_customer_and_staff_sees_the_portal(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    ours, theirs = caller_of(), caller_of()
    for caller in (ours, theirs):
        await client.post(
            "/v1/plain-notes", json={"body": f"of {caller.customer_id}"}, headers=authority.headers(caller)
        )

    async def seen_by(role: Role, customer_id: UUID | None) -> set[str]:
        headers = authority.headers(caller_of(role, customer_id))
        items = (await client.get("/v1/notes?limit=200", headers=headers)).json()["items"]
        return {item["body"] for item in items}

    assert await seen_by(Role.firm_collaborator, ours.customer_id) == {f"of {ours.customer_id}"}
    assert {f"of {ours.customer_id}", f"of {theirs.customer_id}"} <= await seen_by(Role.publisher_admin, None)


async def test_reading_cannot_write(client: httpx.AsyncClient, authority: Authority, db: Database) -> None:
    answer = await client.post(
        "/v1/written-while-reading", json={"body": "sly"}, headers=authority.headers(caller_of())
    )
    assert answer.status_code == 500
    assert await _count(db, "sly") == 0


async def test_a_write_says_after_which_event_it_is_known(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    headers = authority.headers(caller_of()) | {"Idempotency-Key": "after-1"}
    made = await client.post("/v1/notes", json={"body": "said"}, headers=headers)
    said = await client.put(f"/v1/said/{uuid4()}", headers=headers)
    silent = await client.post("/v1/plain-notes", json={"body": "silent"}, headers=headers)
    async with db.transaction(Scope.machine()) as tx:
        rows = await tx.fetch_all(text("SELECT type, event_id FROM outbox ORDER BY id DESC LIMIT 2"))
    expected = [f"{row.type}/{row.event_id}" for row in rows]
    assert [said.headers["livret-after"], made.headers["livret-after"]] == expected
    assert "livret-after" not in silent.headers


async def test_a_request_that_builds_on_what_is_not_here_yet_is_told_so(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    async with db.transaction(Scope.machine()) as tx:
        await tx.execute(
            text(
                "INSERT INTO inbox_heard (type) VALUES ('livret.tenancy.CompanyRegistered.v1')"
                " ON CONFLICT DO NOTHING"
            )
        )
    event = "livret.tenancy.CompanyRegistered.v1/0190a2b0-0000-7000-8000-000000000001"
    headers = authority.headers(caller_of()) | {"Livret-After": event}
    answer = await client.get("/v1/notes", headers=headers)
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:livret:problem:not-known-yet"
    assert answer.headers["retry-after"] == "1"
