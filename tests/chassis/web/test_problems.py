"""Every "no" is one problem document; nothing of what was sent comes back in it."""

import httpx
import pytest
from sqlalchemy.exc import DBAPIError

from chassis.problems import as_refusal, pointer_of
from chassis.refusals import Pointer, Refusal
from tests.chassis.web.conftest import Authority, caller_of
from tests.chassis.web.notes import TooLate


async def test_a_refusal_becomes_its_document(client: httpx.AsyncClient, authority: Authority) -> None:
    headers = authority.headers(caller_of()) | {"Idempotency-Key": "p1"}
    answer = await client.post("/v1/notes/refused", json={"body": "x"}, headers=headers)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "7"
    trace_id = answer.json().pop("trace_id")
    assert len(trace_id) == 32
    assert answer.json() == {
        "type": "urn:livret:problem:too-late",
        "title": "This comes too late.",
        "status": 409,
        "detail": "It was due yesterday.",
        "clause": "13.2-e",
        "article": "13.2",
        "trace_id": trace_id,
        "errors": [{"pointer": "/body", "message": "late"}],
    }


@pytest.mark.parametrize(
    ("clause", "article"), [("13.2-e", "13.2"), ("4-a", "4"), ("15-f", "15"), (None, None)]
)
def test_the_article_is_that_of_the_clause(clause: str | None, article: str | None) -> None:
    kind = type("Some", (Refusal,), {"slug": "some", "clause": clause})
    assert kind().article == article


@pytest.mark.parametrize("members", [{"slug": "Not A Slug"}, {"slug": "fine", "status": 200}])
def test_a_refusal_without_a_slug_or_an_error_status_is_not_defined(members: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        type("Wrong", (Refusal,), members)


async def test_wrong_shapes_are_pointed_at_and_not_echoed(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    headers = authority.headers(caller_of())
    answer = await client.post("/v1/plain-notes", json={"body": ["hunter2"]}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:livret:problem:input-refused"
    assert answer.json()["errors"][0]["pointer"] == "/body"
    assert "hunter2" not in answer.text


async def test_query_parts_are_pointed_at_by_their_place(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    answer = await client.get("/v1/notes?limit=0", headers=authority.headers(caller_of()))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "query/limit"


@pytest.mark.parametrize(
    ("place", "pointer"),
    [
        (("body", "companies", 3, "siret"), "/companies/3/siret"),
        (("body", "a/b~c"), "/a~1b~0c"),
        (("path", "note_id"), "path/note_id"),
        ((), ""),
    ],
)
def test_places_become_json_pointers(place: tuple[str | int, ...], pointer: str) -> None:
    assert pointer_of(place) == pointer


@pytest.mark.parametrize("body", [b"{", b'{"body": "\xff"}', b"[" * 100_000])
async def test_an_unreadable_body_is_the_callers_fault(
    client: httpx.AsyncClient, authority: Authority, body: bytes
) -> None:
    headers = authority.headers(caller_of()) | {"Content-Type": "application/json"}
    answer = await client.post("/v1/plain-notes", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_text_that_cannot_be_stored_is_the_callers_fault(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    answer = await client.post(
        "/v1/plain-notes", json={"body": "a\x00b"}, headers=authority.headers(caller_of())
    )
    assert answer.status_code == 422
    surrogate = await client.post(
        "/v1/plain-notes",
        content=b'{"body": "\\ud800"}',
        headers=authority.headers(caller_of()) | {"Content-Type": "application/json"},
    )
    assert surrogate.status_code == 422


async def test_a_fault_tells_its_trace_and_nothing_else(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    headers = authority.headers(caller_of()) | {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}
    answer = await client.get("/v1/fault", headers=headers)
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:livret:problem:fault"
    assert answer.json()["trace_id"] == trace_id
    assert "sel" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [("GET", "/nowhere", 404, "not-found"), ("PATCH", "/livez", 405, "method-not-allowed")],
)
async def test_what_the_framework_refuses_is_a_problem_too(
    client: httpx.AsyncClient, method: str, path: str, status: int, slug: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:livret:problem:{slug}")
    assert answer.headers["content-type"] == "application/problem+json"


class _Lost(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "status"),
    [("08006", 503), ("57P01", 503), ("53300", 503), ("40P01", 503), ("22021", 422), ("23505", None)],
)
def test_database_errors_are_told_apart(sqlstate: str, status: int | None) -> None:
    refusal = as_refusal(DBAPIError("SELECT 1", {}, _Lost(sqlstate)))
    assert (refusal.status if refusal else None) == status


def test_refusals_carry_what_they_are_given() -> None:
    refusal = TooLate(errors=[Pointer("/a", "b")])
    assert str(refusal) == "This comes too late."
    assert refusal.errors == (Pointer("/a", "b"),)
