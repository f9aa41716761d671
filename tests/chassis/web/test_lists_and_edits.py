"""Lists are read by cursor; edits say what they saw."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.pagination import CursorUnreadable, PageRequest, cursor_after
from chassis.preconditions import ChangedMeanwhile, Known, Precondition
from chassis.ratelimit import Allowance
from tests.chassis.web.conftest import Authority, caller_of


async def test_a_list_is_read_to_its_end_without_loss_or_repetition(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    headers = authority.headers(caller_of())
    for number in range(7):
        await client.post("/v1/plain-notes", json={"body": f"n{number}"}, headers=headers)
    seen: list[str] = []
    sizes: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/notes", params=query, headers=headers)).json()
        seen += [item["body"] for item in page["items"]]
        sizes.append(len(page["items"]))
        cursor = page["next_cursor"]
    assert sorted(seen) == [f"n{number}" for number in range(7)]
    assert sizes == [3, 3, 1]


async def test_a_page_that_ends_the_list_exactly_names_no_next_one(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    headers = authority.headers(caller_of())
    for number in range(2):
        await client.post("/v1/plain-notes", json={"body": f"n{number}"}, headers=headers)
    page = (await client.get("/v1/notes?limit=2", headers=headers)).json()
    assert len(page["items"]) == 2
    assert page["next_cursor"] is None


@pytest.mark.parametrize(
    "cursor",
    ["x", "%00", "bnVsbA", "W10", cursor_after("not-a-uuid"), cursor_after(1), cursor_after("a", "b")],
)
async def test_a_cursor_that_we_did_not_give_is_refused(
    client: httpx.AsyncClient, authority: Authority, cursor: str
) -> None:
    answer = await client.get("/v1/notes", params={"cursor": cursor}, headers=authority.headers(caller_of()))
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:livret:problem:cursor-unreadable"


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.integers(-(2**53), 2**53),
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
)
def test_a_cursor_gives_its_sort_key_back(name: str, number: int, id_: UUID, at: datetime, on: date) -> None:
    request = PageRequest(10, cursor_after(name, number, id_, at, on))
    assert request.after(str, int, UUID, datetime, date) == (name, number, id_, at, on)


@pytest.mark.parametrize(
    ("part", "kind"), [("a\0b", str), (True, int), (1, str), ("1", int), ("2026-03-10T09:00:00", datetime)]
)
def test_a_part_that_no_row_can_have_is_refused(part: object, kind: type) -> None:
    with pytest.raises(CursorUnreadable):
        PageRequest(10, cursor_after(part)).after(kind)


@given(st.text(max_size=200))
def test_any_text_is_a_cursor_or_is_refused(cursor: str) -> None:
    try:
        PageRequest(10, cursor).after(str, UUID)
    except CursorUnreadable:
        return


async def test_an_edit_says_what_it_saw(client: httpx.AsyncClient, authority: Authority) -> None:
    headers = authority.headers(caller_of())
    made = await client.post("/v1/plain-notes", json={"body": "draft"}, headers=headers)
    path = f"/v1/notes/{made.json()['note_id']}"

    async def edit(body: str, if_match: str | None) -> httpx.Response:
        condition = {} if if_match is None else {"If-Match": if_match}
        return await client.put(path, json={"body": body}, headers=headers | condition)

    assert (await edit("a", None)).status_code == 428
    first = await edit("a", '"1"')
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    stale = await edit("b", '"1"')
    assert (stale.status_code, stale.headers["etag"]) == (412, '"2"')
    assert (await edit("b", '"1", "2"')).status_code == 200
    assert (await edit("c", "*")).status_code == 200
    unknown = await client.put(
        f"/v1/notes/{uuid4()}", json={"body": "x"}, headers=headers | {"If-Match": "*"}
    )
    assert unknown.status_code == 404


def test_a_weak_tag_matches_nothing() -> None:
    with pytest.raises(ChangedMeanwhile):
        Precondition('W/"1"').require(1)


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        ('"2"', True),
        ('W/"2"', True),
        ('"1", W/"2"', True),
        ("*", True),
        ('"1"', False),
        ("2", False),
        ("", False),
    ],
)
def test_what_one_has_already_is_known_by_its_tag(header: str, holds: bool) -> None:
    assert Known(header).holds(2) is holds


def test_an_allowance_is_told_in_its_fields() -> None:
    fields = Allowance("login", quota=10, window_seconds=60, remaining=-1, reset_seconds=42).headers()
    assert fields == {"RateLimit-Policy": '"login";q=10;w=60', "RateLimit": '"login";r=0;t=42'}
