"""A browser's session at the real door behind the edge: nobody else's page, cookie or leftover opens it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette

from chassis.edge import COOKIE
from chassis.origin import create_origin
from tests.integration.tenancy.portal import PASSWORD, Portal, opened, session_of
from tests.support.postgres import DatabaseMaker

pytestmark = pytest.mark.xdist_group("safety")

ORIGIN = "https://portal.example"
OWN = {"Origin": ORIGIN}
FOREIGN = [
    "https://evil.example",
    "https://portal.example.evil.example",
    "https://evil.example/https://portal.example",
    "https://portal.example@evil.example",
    "http://portal.example",
    "https://portal.example:8443",
    "https://PORTAL.example.",
    "null",
    "file://",
    "https://",
    "",
    None,
]
ME = "/api/tenancy/v1/me"
LEAVE = "/api/tenancy/v1/sessions/current"
DOOR = "/api/tenancy/v1/sessions"


@dataclass(frozen=True)
class Browser:
    """What reaches the portal behind its edge, and a firm whose administrator may log in."""

    app: Starlette
    slug: str

    def client(self, *cookies: str) -> httpx.AsyncClient:
        """A client that brings these cookies with each request, and keeps none of its own."""
        headers = {"Cookie": "; ".join(cookies)} if cookies else {}
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

    async def log_in(self, *cookies: str) -> str:
        """A session opened from our own page; the cookie that was set."""
        sent = {"portal": self.slug, "identifier": "claire", "password": PASSWORD}
        async with self.client(*cookies) as client:
            answer = await client.post(DOOR, json=sent, headers=OWN)
        assert answer.status_code == 201, answer.text
        return f"{COOKIE}={session_of(answer)}"

    async def status(self, *cookies: str) -> int:
        """How a read with these cookies is answered."""
        async with self.client(*cookies) as client:
            return (await client.get(ME)).status_code

    async def leave(self, *cookies: str) -> None:
        """Logs out."""
        async with self.client(*cookies) as client:
            assert (await client.delete(LEAVE, headers=OWN)).status_code == 204


@pytest.fixture(scope="module")
async def portal(module_database: DatabaseMaker) -> AsyncIterator[Portal]:
    async with opened(module_database("tenancy")) as portal:
        yield portal


@pytest.fixture(scope="module")
async def browser(portal: Portal) -> Browser:
    firm = await portal.new_firm()
    return Browser(create_origin({"tenancy": portal.app}, origin=ORIGIN), firm.slug)


async def test_a_session_is_over_after_logout_also_for_who_kept_its_cookie(
    browser: Browser,
) -> None:
    cookie = await browser.log_in()
    assert await browser.status(cookie) == 200
    await browser.leave(cookie)
    assert await browser.status(cookie) == 401
    assert await browser.status(cookie) == 401


async def test_a_cookie_that_was_put_there_before_is_not_the_session_that_opens(browser: Browser) -> None:
    planted = f"{COOKIE}=planted-by-somebody-else"
    cookie = await browser.log_in(planted)
    assert cookie != planted
    assert await browser.status(planted) == 401


async def test_of_two_different_sessions_at_once_neither_is_believed(browser: Browser) -> None:
    """Somebody may have tossed their own in, to be filled with another's data."""
    own, tossed = await browser.log_in(), await browser.log_in()
    assert await browser.status(own, tossed) == 401
    assert await browser.status(tossed, own) == 401
    assert await browser.status(own, own) == 200
    await browser.leave(own, tossed)
    assert [await browser.status(own), await browser.status(tossed)] == [200, 200]


@pytest.mark.parametrize(
    "form",
    ["livret={}", "__Secure-livret={}", "__host-livret={}", '__Host-livret="{}"', " __Host-livret ={}"],
)
async def test_only_the_exact_cookie_is_a_session(form: str, browser: Browser) -> None:
    """Browsers hold `__Host-` to a secure origin without subdomains; a name that only looks like it, they
    do not.
    """
    token = (await browser.log_in()).partition("=")[2]
    assert await browser.status(form.format(token)) == 401


@pytest.mark.parametrize("origin", FOREIGN, ids=str)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", DOOR),
        ("DELETE", LEAVE),
        ("PUT", "/api/tenancy/v1/me/password"),
        ("POST", "/api/tenancy/v1/companies"),
        ("PATCH", ME),
        ("DELETE", "/api/tenancy/v1/me/sessions"),
    ],
)
async def test_a_foreign_page_changes_nothing_with_a_session(
    method: str, path: str, origin: str | None, browser: Browser
) -> None:
    cookie = await session_kept(browser)
    async with browser.client(cookie) as client:
        headers = {} if origin is None else {"Origin": origin}
        answer = await client.request(method, path, headers=headers, json={})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:livret:problem:foreign-origin")
    assert await browser.status(cookie) == 200


_KEPT: dict[str, str] = {}


async def session_kept(browser: Browser) -> str:
    """One session for all the pages that try it: who logs in too often is asked to wait."""
    if browser.slug not in _KEPT:
        _KEPT[browser.slug] = await browser.log_in()
    return _KEPT[browser.slug]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
async def test_a_form_of_another_page_logs_nobody_in(content_type: str | None, browser: Browser) -> None:
    """Such a request needs no leave of ours: browsers send it, but they say where it comes from."""
    body = b'{"portal":"x","identifier":"y","password":"z"}'
    headers = {"Origin": "https://evil.example"} | ({"Content-Type": content_type} if content_type else {})
    async with browser.client() as client:
        answer = await client.post(DOOR, content=body, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_no_answer_lets_other_origins_read_it(browser: Browser) -> None:
    cookie = await session_kept(browser)
    async with browser.client(cookie) as client:
        read = await client.get(ME, headers={"Origin": "https://evil.example"})
        asked = await client.options(
            ME, headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
        )
    for answer in (read, asked):
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_every_cookie_that_is_set_is_bound_to_this_host_and_out_of_reach_of_scripts(
    browser: Browser,
) -> None:
    sent = {"portal": browser.slug, "identifier": "claire", "password": PASSWORD}
    async with browser.client() as client:
        answer = await client.post(DOOR, json=sent, headers=OWN)
        left = await client.delete(LEAVE, headers=OWN)
    cookies = answer.headers.get_list("set-cookie") + left.headers.get_list("set-cookie")
    assert len(cookies) >= 2
    for cookie in cookies:
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert cookie.startswith("__Host-")
        assert {"httponly", "secure", "samesite=strict", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)


async def test_browsers_are_told_to_come_back_by_tls_where_the_portal_is_secure(browser: Browser) -> None:
    async with browser.client() as client:
        for path in ("/", ME, "/nowhere", DOOR):
            answer = await client.get(path)
            assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


async def test_every_answer_is_data_unless_it_says_otherwise(browser: Browser) -> None:
    """No frame, no script, no guess of a type, nothing kept, nothing told to other places."""
    cookie = await session_kept(browser)
    async with browser.client(cookie) as client:
        answers = [await client.get(path) for path in (ME, "/", "/login", "/nowhere", DOOR, "/livez")]
        answers.append(await client.delete(LEAVE, headers={"Origin": "https://evil.example"}))
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] in ("no-store", "no-cache")
