"""A POST sent twice under one key is done once and answered twice alike."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis import idempotency
from chassis.auth import Caller, Role
from chassis.clock import system_now
from chassis.db import Database, Scope
from tests.chassis.web.conftest import Authority, caller_of
from tests.chassis.web.notes import door

_NOTES = text("SELECT count(*) FROM note WHERE customer_id = :customer_id")


async def _notes(db: Database, caller: Caller) -> int:
    async with db.transaction(Scope.portal()) as tx:
        count: int = (await tx.execute(_NOTES, {"customer_id": caller.customer_id})).scalar_one()
    return count


def _slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).removeprefix("urn:livret:problem:")


async def test_the_same_request_twice_is_done_once(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    caller = caller_of()
    headers = authority.headers(caller) | {"Idempotency-Key": "k1"}
    first = await client.post("/v1/notes", json={"body": "one"}, headers=headers)
    second = await client.post("/v1/notes", json={"body": "one"}, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    for name in ("location", "livret-after", "content-type"):
        assert second.headers[name] == first.headers[name]
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert await _notes(db, caller) == 1


async def test_another_payload_under_the_same_key_is_refused(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    caller = caller_of()
    headers = authority.headers(caller) | {"Idempotency-Key": "k1"}
    await client.post("/v1/notes", json={"body": "one"}, headers=headers)
    other = await client.post("/v1/notes", json={"body": "two"}, headers=headers)
    assert (other.status_code, _slug(other)) == (422, "idempotency-key-reused")
    assert await _notes(db, caller) == 1


@pytest.mark.parametrize("address", ["/v1/notes?dry_run=1", "/v1/notes/slow"])
async def test_another_address_under_the_same_key_is_refused(
    client: httpx.AsyncClient, authority: Authority, db: Database, address: str
) -> None:
    caller = caller_of()
    headers = authority.headers(caller) | {"Idempotency-Key": "k1"}
    await client.post("/v1/notes", json={"body": "one"}, headers=headers)
    other = await client.post(address, json={"body": "one"}, headers=headers)
    assert (other.status_code, _slug(other)) == (422, "idempotency-key-reused")
    assert await _notes(db, caller) == 1


@pytest.mark.parametrize("key", [None, "", "a" * 256, "tab\there"])
async def test_a_missing_or_unusable_key_is_refused(
    client: httpx.AsyncClient, authority: Authority, db: Database, key: str | None
) -> None:
    caller = caller_of()
    headers = authority.headers(caller) | ({} if key is None else {"Idempotency-Key": key})
    answer = await client.post("/v1/notes", json={"body": "one"}, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["pointer"].lower() == "header/idempotency-key"
    assert await _notes(db, caller) == 0


async def test_a_missing_key_is_400(client: httpx.AsyncClient, authority: Authority) -> None:
    answer = await client.post("/v1/notes", json={"body": "one"}, headers=authority.headers(caller_of()))
    assert (answer.status_code, _slug(answer)) == (400, "idempotency-key-missing")


async def test_a_key_belongs_to_its_caller(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    ours = caller_of()
    colleague = caller_of(Role.firm_admin, ours.customer_id)
    for caller, body in ((ours, "mine"), (colleague, "hers"), (caller_of(), "theirs")):
        headers = authority.headers(caller) | {"Idempotency-Key": "shared"}
        answer = await client.post("/v1/notes", json={"body": body}, headers=headers)
        assert answer.json()["body"] == body
    assert await _notes(db, ours) == 2


async def test_a_second_request_while_the_first_works_is_refused(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    headers = authority.headers(caller_of()) | {"Idempotency-Key": "slow"}
    door.entered.clear()
    door.open.clear()
    first = asyncio.create_task(client.post("/v1/notes/slow", json={"body": "one"}, headers=headers))
    await door.entered.wait()
    second = await client.post("/v1/notes/slow", json={"body": "one"}, headers=headers)
    calls = door.calls
    door.open.set()
    assert (second.status_code, _slug(second)) == (409, "request-in-flight")
    assert second.headers["retry-after"] == "1"
    assert (await first).status_code == 201
    third = await client.post("/v1/notes/slow", json={"body": "one"}, headers=headers)
    assert third.content == (await first).content
    assert door.calls == calls


async def test_a_refused_request_keeps_no_answer(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    headers = authority.headers(caller_of()) | {"Idempotency-Key": "again"}
    for _ in range(2):
        answer = await client.post("/v1/notes/refused", json={"body": "one"}, headers=headers)
        assert (answer.status_code, _slug(answer)) == (409, "too-late")
        assert "idempotent-replayed" not in answer.headers


async def test_work_that_fails_at_commit_leaves_no_answer_behind(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    caller = caller_of()
    for key, status in (("c1", 201), ("c2", 500), ("c2", 500)):
        headers = authority.headers(caller) | {"Idempotency-Key": key}
        answer = await client.post("/v1/notes", json={"body": "unique"}, headers=headers)
        assert answer.status_code == status
    async with db.transaction(Scope.portal()) as tx:
        kept = await tx.fetch_all(
            text("SELECT key FROM idempotent_answer WHERE credential_id = :c"), {"c": caller.credential_id}
        )
    assert [row.key for row in kept] == ["c1"]


async def test_the_answer_is_asked_again_of_the_permission(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    caller = caller_of()
    demoted = Caller(caller.person_id, caller.credential_id, Role.firm_collaborator, caller.customer_id)
    key = {"Idempotency-Key": "demoted"}
    await client.post("/v1/notes", json={"body": "x"}, headers=authority.headers(caller) | key)
    answer = await client.post("/v1/notes", json={"body": "x"}, headers=authority.headers(demoted) | key)
    assert answer.status_code == 403


async def test_answers_are_kept_for_more_than_a_day_and_then_go(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    caller = caller_of()
    for key in ("young", "old"):
        headers = authority.headers(caller) | {"Idempotency-Key": key}
        await client.post("/v1/notes", json={"body": key}, headers=headers)
    ages = {"young": timedelta(hours=24, minutes=1), "old": idempotency.KEPT + timedelta(minutes=1)}
    async with db.transaction(Scope.portal()) as tx:
        for key, age in ages.items():
            await tx.execute(
                text("UPDATE idempotent_answer SET answered_at = :at WHERE key = :key"),
                {"at": system_now() - age, "key": key},
            )
    assert await idempotency.expire(db) == 1
    async with db.transaction(Scope.portal()) as tx:
        kept = await tx.fetch_all(
            text("SELECT key FROM idempotent_answer WHERE credential_id = :c"), {"c": caller.credential_id}
        )
    assert [row.key for row in kept] == ["young"]


async def test_another_tenant_sees_no_answers(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    headers = authority.headers(caller_of()) | {"Idempotency-Key": str(uuid4())}
    await client.post("/v1/notes", json={"body": "private"}, headers=headers)
    async with db.transaction(Scope.customer(uuid4())) as tx:
        assert (await tx.execute(text("SELECT count(*) FROM idempotent_answer"))).scalar_one() == 0
