"""A cookie becomes a token at the edge, for our own pages only, and goes no further in."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chassis import edge
from chassis.auth import Caller, Role
from chassis.edge import COOKIE, EdgeMiddleware, exchange_with, session_of
from chassis.origin import create_origin
from tests.chassis.web.conftest import Authority, caller_of

ORIGIN = "http://portal.example"
OWN = {"Origin": ORIGIN}


class Door:
    """Tenancy's door: sessions, and how often it was asked for a token."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.sessions: dict[str, Caller] = {}
        self.asked = 0
        self.broken = False
        self.delay = 0.0

    def open(self, session: str, caller: Caller | None = None) -> dict[str, str]:
        """Opens a session and gives the header of its cookie."""
        self.sessions[session] = caller or caller_of()
        return {"Cookie": f"theme=dark; {COOKIE}={session}; x=y"}

    async def exchange(self, session: str) -> str | None:
        self.asked += 1
        await asyncio.sleep(self.delay)
        if self.broken:
            raise httpx.ConnectError("down")
        caller = self.sessions.get(session)
        return self.authority.headers(caller)["Authorization"].removeprefix("Bearer ") if caller else None


@pytest.fixture
def door(authority: Authority) -> Door:
    return Door(authority)


@pytest.fixture
async def browser(app: FastAPI, door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """Reaches the notes behind the edge; the notes run already."""
    portal = create_origin({"notes": app}, origin=ORIGIN, exchange=door.exchange)
    transport = httpx.ASGITransport(app=portal, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


WHOAMI = "/api/notes/v1/whoami"
HEADERS = "/api/notes/v1/headers"


async def test_a_session_is_its_person(browser: httpx.AsyncClient, door: Door) -> None:
    caller = caller_of()
    answer = await browser.get(WHOAMI, headers=door.open("s1", caller))
    assert answer.json() == {"person_id": str(caller.person_id), "role": "firm_admin"}


async def test_no_cookie_goes_inward(browser: httpx.AsyncClient, door: Door) -> None:
    seen = (await browser.get(HEADERS, headers=door.open("s1"))).json()
    assert seen["cookie"] is None
    assert seen["authorization"].startswith("Bearer ")


async def test_a_session_that_is_over_is_nobody(browser: httpx.AsyncClient) -> None:
    cookie = {"Cookie": f"{COOKIE}=gone"}
    assert (await browser.get(WHOAMI, headers=cookie)).status_code == 401
    assert (await browser.get(HEADERS, headers=cookie)).json()["authorization"] is None


async def test_a_bearer_passes_as_it_is(browser: httpx.AsyncClient, door: Door, authority: Authority) -> None:
    partner = authority.headers(caller_of(Role.firm_collaborator))
    cookie = door.open("s1")
    answer = await browser.get(WHOAMI, headers=cookie | partner)
    assert answer.json()["role"] == "firm_collaborator"
    assert door.asked == 0


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (ORIGIN, 200),
        ("http://portal.example:80", 403),
        ("https://evil.example", 403),
        ("http://portal.example.evil.example", 403),
        ("null", 403),
        (None, 403),
    ],
)
async def test_an_unsafe_method_with_a_cookie_comes_from_our_own_page(
    browser: httpx.AsyncClient, door: Door, origin: str | None, status: int
) -> None:
    headers = door.open("s1") | ({} if origin is None else {"Origin": origin})
    answer = await browser.post(HEADERS, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["type"] == "urn:livret:problem:foreign-origin"
        assert answer.headers["content-type"] == "application/problem+json"
        assert door.asked == 0


async def test_a_foreign_page_cannot_log_anybody_in(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(HEADERS, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


async def test_a_program_without_cookie_or_origin_may_post(browser: httpx.AsyncClient) -> None:
    assert (await browser.post(HEADERS)).status_code == 200


async def test_a_bearer_needs_no_origin(browser: httpx.AsyncClient, authority: Authority) -> None:
    headers = authority.headers(caller_of()) | {"Origin": "https://partner.example"}
    assert (await browser.post(HEADERS, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8080", 200),
        ("http://evil-localhost:8080", 403),
        ("http://localhost:8080.evil.example", 403),
        ("http://localhost", 403),
        ("ftp://localhost:8080", 403),
    ],
)
async def test_one_address_of_the_portal_is_as_good_as_another(
    browser: httpx.AsyncClient, door: Door, origin: str, status: int
) -> None:
    headers = door.open("s1") | {"Host": "localhost:8080", "Origin": origin}
    assert (await browser.post(HEADERS, headers=headers)).status_code == status


async def test_a_secure_portal_takes_nothing_from_a_page_that_is_not(door: Door) -> None:
    async def done(_request: Request) -> Response:
        return Response()

    app = EdgeMiddleware(
        Starlette(routes=[Route("/", done, methods=["POST"])]), door.exchange, "https://portal.example"
    )
    cookie = door.open("s1")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://x") as client:
        for scheme, status in (("https", 200), ("http", 403)):
            headers = cookie | {"Host": "localhost", "Origin": f"{scheme}://localhost"}
            assert (await client.post("/", headers=headers)).status_code == status


async def test_many_requests_at_once_make_one_exchange(
    browser: httpx.AsyncClient, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "monotonic", lambda: 1000.0)
    door.delay = 0.05
    cookie = door.open("s1")
    answers = await asyncio.gather(*(browser.get(WHOAMI, headers=cookie) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert door.asked == 1


async def test_an_ended_session_is_felt_within_two_seconds(
    browser: httpx.AsyncClient, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(edge, "monotonic", lambda: now)
    cookie = door.open("s1")
    assert (await browser.get(WHOAMI, headers=cookie)).status_code == 200
    door.sessions.clear()
    now += 1.9
    assert (await browser.get(WHOAMI, headers=cookie)).status_code == 200
    now += 0.2
    assert (await browser.get(WHOAMI, headers=cookie)).status_code == 401
    assert edge.KEPT_SECONDS == 2.0


async def test_sessions_that_cannot_be_looked_up_are_503_and_tried_again(
    browser: httpx.AsyncClient, door: Door
) -> None:
    cookie = door.open("s1")
    door.broken = True
    answer = await browser.get(WHOAMI, headers=cookie)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["type"] == "urn:livret:problem:sessions-unavailable"
    door.broken = False
    assert (await browser.get(WHOAMI, headers=cookie)).status_code == 200


async def test_what_is_kept_is_bounded(
    browser: httpx.AsyncClient, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "MAX_KEPT", 5)
    tokens = edge.SessionTokens(door.exchange)
    for number in range(50):
        await tokens.token_of(f"guess-{number}")
    assert len(tokens._kept) <= 5


async def test_an_answer_that_sets_the_cookie_makes_the_edge_forget(door: Door) -> None:
    async def log_out(request: Request) -> Response:
        answer = Response(request.headers.get("cookie", ""))
        answer.delete_cookie(COOKIE, secure=True)
        return answer

    inner = Starlette(routes=[Route("/api/tenancy/v1/sessions/current", log_out, methods=["DELETE"])])
    app = EdgeMiddleware(inner, door.exchange, ORIGIN)
    cookie = door.open("s1")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN) as client:
        answer = await client.delete("/api/tenancy/v1/sessions/current", headers=cookie | OWN)
        assert f"{COOKIE}=s1" in answer.text, "the authority needs the session itself"
        door.sessions.clear()
        await client.delete("/api/tenancy/v1/sessions/current", headers=cookie | OWN)
    assert door.asked == 2


async def test_the_exchange_speaks_to_tenancy(authority: Authority) -> None:
    async def exchanged(request: Request) -> Response:
        if request.cookies.get(COOKIE) != "s1":
            return Response(status_code=401)
        return Response('{"access_token": "t", "expires_in": 60}', media_type="application/json")

    tenancy = Starlette(routes=[Route("/v1/sessions/exchange", exchanged, methods=["POST"])])
    transport = httpx.ASGITransport(app=tenancy)
    async with httpx.AsyncClient(transport=transport, base_url="http://tenancy") as client:
        exchange = exchange_with(client)
        assert await exchange("s1") == "t"
        assert await exchange("s2") is None


@pytest.mark.parametrize(
    ("cookie", "session"),
    [
        (f"{COOKIE}=abc", "abc"),
        (f"a=b;{COOKIE}=abc;c=d", "abc"),
        (f'bad"=;; ,{{ ; {COOKIE}=abc', "abc"),
        (f"{COOKIE}=", None),
        (f"x{COOKIE}=abc", None),
        (f"{COOKIE}=abc; {COOKIE}=abc", "abc"),
        (f"{COOKIE}=abc; {COOKIE}=def", None),
        (f"{COOKIE}={'a' * 201}", None),
        ("", None),
    ],
)
def test_the_session_is_found_among_cookies(cookie: str, session: str | None) -> None:
    assert session_of([cookie]) == session
