"""The trail as it is read: by whom, of whom, in which order, and as a file."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from chassis import trail
from chassis.audit import Whence, differing, record
from chassis.auth import Caller, Role
from chassis.clock import system_now
from chassis.db import Database, Scope
from chassis.pagination import cursor_after
from tests.chassis.web.conftest import Authority, caller_of

FORMULA = "=HYPERLINK(1)"


@dataclass(frozen=True)
class Reader:
    """Somebody who reads the trail."""

    client: httpx.AsyncClient
    headers: dict[str, str]

    async def get(self, path: str, **asked: Any) -> httpx.Response:
        """The answer to what is asked; `since` and `until` are sent as `from` and `to`."""
        names = {"since": "from", "until": "to"}
        query = {names.get(name, name): str(value) for name, value in asked.items()}
        return await self.client.get(path, params=query, headers=self.headers)

    async def actions(self, **asked: Any) -> list[str]:
        """The actions of one page, in its order."""
        answer = await self.get("/v1/audit", **asked)
        assert answer.status_code == 200, answer.text
        return [line["action"] for line in answer.json()["items"]]


@dataclass(frozen=True)
class World:
    """Two customers, their administrators and the publisher's."""

    ours: Caller
    theirs: Caller
    firm: Reader
    staff: Reader


@pytest.fixture(scope="module")
async def world(client: httpx.AsyncClient, authority: Authority, db: Database) -> World:
    """Five lines of ours, `a` to `e`, one of theirs, one of the publisher's."""
    ours, theirs, staff = caller_of(), caller_of(), caller_of(Role.publisher_admin)
    async with db.transaction(Scope.portal()) as tx:
        for action in "abcde":
            await _record(
                tx, action, ours, subject=f"thing {action in 'ab'}", whence=Whence("192.0.2.1", FORMULA)
            )
        await _record(tx, "theirs", theirs)
        await _record(tx, "staff", staff)
    return World(
        ours,
        theirs,
        Reader(client, authority.headers(ours)),
        Reader(client, authority.headers(staff)),
    )


async def _record(tx: Any, action: str, caller: Caller, **more: Any) -> None:
    await record(
        tx, action, business_at=datetime.fromisoformat("2026-03-01T08:00:00Z"), caller=caller, **more
    )


async def test_an_administrator_reads_its_own_customers_lines_the_newest_first(world: World) -> None:
    assert await world.firm.actions() == ["e", "d", "c", "b", "a"]
    own = await world.firm.actions(customer_id=world.ours.customer_id)
    assert own == ["e", "d", "c", "b", "a"]


async def test_the_query_asks_for_its_own_customer_by_itself(world: World) -> None:
    """Row-level security would hide another's lines as well: it is the second line, not the only one."""
    assert (await trail.wanted_lines(world.ours)).customer_id == world.ours.customer_id


async def test_another_customers_trail_is_not_there(world: World) -> None:
    for customer_id in (world.theirs.customer_id, uuid4()):
        for path in ("/v1/audit", "/v1/audit/export"):
            answer = await world.firm.get(path, customer_id=customer_id)
            assert answer.json()["type"] == "urn:livret:problem:trail-unknown"
            assert answer.status_code == 404


async def test_the_publisher_reads_all_or_one_customers(world: World) -> None:
    assert {"a", "theirs", "staff"} <= set(await world.staff.actions())
    assert await world.staff.actions(customer_id=world.theirs.customer_id) == ["theirs"]
    (own,) = (await world.staff.get("/v1/audit", action="staff")).json()["items"]
    assert (own["customer_id"], own["role"]) == (None, "publisher_admin")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.publisher_admin, Role.firm_admin}))
async def test_nobody_else_reads_it(
    role: Role, client: httpx.AsyncClient, authority: Authority, world: World
) -> None:
    reader = Reader(client, authority.headers(caller_of(role)))
    assert (await reader.get("/v1/audit")).status_code == 403
    assert (await reader.get("/v1/audit/export")).status_code == 403


async def test_it_is_read_page_by_page(world: World) -> None:
    seen: list[str] = []
    cursor = None
    while cursor or not seen:
        page = (await world.firm.get("/v1/audit", limit=2, **({"cursor": cursor} if cursor else {}))).json()
        seen += [line["action"] for line in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["e", "d", "c", "b", "a"]


@pytest.mark.parametrize("at", ["2026-03-01T08:00:00", "0001-01-01T00:00:00+14:00"])
async def test_a_cursor_that_this_list_cannot_have_given_is_refused(world: World, at: str) -> None:
    answer = await world.firm.get("/v1/audit", cursor=cursor_after(at, uuid4()))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:livret:problem:cursor-unreadable")


async def test_it_is_filtered(world: World) -> None:
    assert await world.firm.actions(action="c") == ["c"]
    assert await world.firm.actions(subject="thing True") == ["b", "a"]
    assert await world.firm.actions(person_id=world.ours.person_id) == ["e", "d", "c", "b", "a"]
    assert await world.firm.actions(person_id=world.theirs.person_id) == []
    at = {line["action"]: line["at"] for line in (await world.firm.get("/v1/audit")).json()["items"]}
    assert await world.firm.actions(since=at["b"], until=at["d"]) == ["c", "b"]
    assert await world.firm.actions(since=system_now() + timedelta(hours=1)) == []


@pytest.mark.parametrize("instant", ["2026-03-01", "2026-03-01T08:00:00", "0001-01-01T00:00:00+14:00", "x"])
async def test_an_instant_that_cannot_be_told_is_refused(world: World, instant: str) -> None:
    answer = await world.firm.get("/v1/audit", since=instant)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:livret:problem:input-refused")


async def test_the_file_holds_all_in_order_as_cells_that_nothing_runs(world: World) -> None:
    answer = await world.firm.get("/v1/audit/export")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [line["action"] for line in lines] == ["a", "b", "c", "d", "e"]
    assert {line["user_agent"] for line in lines} == {f"'{FORMULA}"}
    assert {UUID(line["customer_id"]) for line in lines} == {world.ours.customer_id}


async def test_the_file_as_json_lines(world: World) -> None:
    answer = await world.firm.get("/v1/audit/export", format="jsonl", action="b")
    (line,) = [json.loads(line) for line in answer.text.splitlines()]
    assert (line["action"], line["user_agent"], line["origin"]) == ("b", FORMULA, "192.0.2.1")


async def test_the_file_is_read_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more lines in hand than one part has; none twice, none left out."""
    sizes: list[int] = []
    read = trail.list_lines

    async def counted(*arguments: Any, **named: Any) -> Any:
        rows = await read(*arguments, **named)
        sizes.append(len(rows))
        return rows

    monkeypatch.setattr(trail, "LINES_AT_ONCE", 2)
    monkeypatch.setattr(trail, "list_lines", counted)
    answer = await world.firm.get("/v1/audit/export", format="jsonl")
    assert [json.loads(line)["action"] for line in answer.text.splitlines()] == ["a", "b", "c", "d", "e"]
    assert sizes == [2, 2, 1]


async def test_what_changed_is_kept_and_nothing_else(
    client: httpx.AsyncClient, authority: Authority, app: FastAPI
) -> None:
    reader = Reader(client, authority.headers(caller_of()))
    made = await client.post("/v1/plain-notes", json={"body": "one"}, headers=reader.headers)
    path = f"/v1/notes/{made.json()['note_id']}"
    await client.put(path, json={"body": "two"}, headers=reader.headers | {"If-Match": "*"})
    (line,) = (await reader.get("/v1/audit", action="change_note")).json()["items"]
    assert (line["before"], line["after"]) == ({"body": "one"}, {"body": "two"})


def test_what_differs_is_told_field_by_field() -> None:
    assert differing({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == ({"b": 2}, {"b": 3, "c": 4})
    assert differing({"a": 1, "gone": 2}, {"a": 1}) == ({"gone": 2}, {})
    assert differing(None, {"a": 1}) == (None, {"a": 1})
    assert differing({"a": 1}, None) == ({"a": 1}, None)
