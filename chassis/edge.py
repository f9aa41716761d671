"""The edge: where a browser's session cookie becomes a bearer token, and no further in.

Services know tokens only. A request with an `Authorization` of its own passes as it is. One with the cookie
is exchanged at tenancy for a token of 60 seconds, kept here for two: that is how soon a disabled credential
is felt in a browser. As browsers send cookies unasked, an unsafe method must come from our own pages.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import metrics
from chassis.answers import ALWAYS
from chassis.clock import monotonic
from chassis.problems import render
from chassis.refusals import Refusal
from chassis.telemetry import get_logger

COOKIE = "__Host-livret"
EXCHANGE_PATH = "/v1/sessions/exchange"
AUTHORITY_PATHS = ("/api/tenancy/v1/sessions", "/api/tenancy/v1/me/sessions")
"""Where the cookie itself is needed: tenancy's door, which opens and ends sessions, and lists one's own."""

KEPT_SECONDS = 2.0
MAX_KEPT = 10_000
MAX_COOKIE = 200
TRANSPORT_POLICY = "max-age=31536000; includeSubDomains"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Exchange = Callable[[str], Awaitable[str | None]]
"""Gives the bearer token of a session, or None when it is over."""

_log = get_logger(__name__)


class ForeignOrigin(Refusal):
    slug = "foreign-origin"
    status = 403
    sentence = "This request does not come from a page of this portal."


class SessionsUnavailable(Refusal):
    slug = "sessions-unavailable"
    status = 503
    sentence = "Sessions cannot be looked up now."


def exchange_with(client: httpx.AsyncClient) -> Exchange:
    """An exchange by HTTP; the client's base address is tenancy's, in this process or elsewhere."""

    async def exchange(session: str) -> str | None:
        answer = await client.post(EXCHANGE_PATH, headers={"Cookie": f"{COOKIE}={session}"})
        if answer.status_code == 401:
            return None
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token

    return exchange


def exchange_within(tenancy: ASGIApp) -> Exchange:
    """An exchange with the tenancy of this process."""
    transport = httpx.ASGITransport(app=tenancy, raise_app_exceptions=False)
    return exchange_with(httpx.AsyncClient(transport=transport, base_url="http://tenancy"))


@dataclass(slots=True)
class SessionTokens:
    """The tokens of the sessions seen lately. Many requests of one session at once make one exchange."""

    exchange: Exchange
    _kept: dict[bytes, tuple[float, asyncio.Task[str | None]]] = field(default_factory=dict)

    async def token_of(self, session: str) -> str | None:
        """The session's token, at most two seconds old; None when the session is over."""
        name = hashlib.sha256(session.encode()).digest()
        asked_at, task = self._kept.get(name, (float("-inf"), None))
        if task is None or monotonic() - asked_at > KEPT_SECONDS or _failed(task):
            task = asyncio.create_task(self._ask(session))
            self._keep(name, task)
        else:
            metrics.EXCHANGES.labels("cached").inc()
        return await asyncio.shield(task)

    def forget(self, session: str) -> None:
        """What was kept of a session goes: it has just been ended or replaced."""
        self._kept.pop(hashlib.sha256(session.encode()).digest(), None)

    def _keep(self, name: bytes, task: asyncio.Task[str | None]) -> None:
        self._kept.pop(name, None)
        self._kept[name] = (monotonic(), task)
        if len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]

    async def _ask(self, session: str) -> str | None:
        try:
            token = await self.exchange(session)
        except (httpx.HTTPError, KeyError, ValueError) as fault:
            metrics.EXCHANGES.labels("failed").inc()
            _log.warning("session_not_exchanged", fault=type(fault).__name__)
            raise SessionsUnavailable(retry_after=2) from None
        metrics.EXCHANGES.labels("exchanged" if token else "refused").inc()
        return token


def _failed(task: asyncio.Task[str | None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


class EdgeMiddleware:
    """The middleware of the origin. `origin` is the portal's public address, `https://portal.example`."""

    def __init__(self, app: ASGIApp, exchange: Exchange, origin: str) -> None:
        self.app = app
        self.tokens = SessionTokens(exchange)
        self.origin = origin.rstrip("/")
        self.secure = self.origin.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        send = self._with_policies(send)
        headers = Headers(scope=scope)
        session = session_of(headers.getlist("cookie"))
        try:
            authorization = await self._authorization(scope["method"], headers, session)
        except Refusal as refusal:
            await render(refusal)(scope, receive, send)
            return
        inward = dict(scope, headers=_inward(scope, authorization))
        await self.app(inward, receive, self._watch(session, send))

    def _with_policies(self, send: Send) -> Send:
        """What browsers are told of every answer; where the portal is secure, to come back by TLS only."""

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                if self.secure:
                    headers["Strict-Transport-Security"] = TRANSPORT_POLICY
            await send(message)

        return answered

    async def _authorization(self, method: str, headers: Headers, session: str | None) -> str | None:
        """What stands for the caller; None for somebody unknown, whom public routes may answer."""
        if "authorization" in headers:
            return headers["authorization"]
        if method not in _SAFE and (session is not None or "origin" in headers):
            self._require_own_page(headers)
        token = await self.tokens.token_of(session) if session is not None else None
        return f"Bearer {token}" if token else None

    def _require_own_page(self, headers: Headers) -> None:
        """Browsers say where an unsafe request comes from, and pages cannot change what they say."""
        claimed = headers.get("origin", "").rstrip("/")
        if claimed == self.origin:
            return
        parts = urlsplit(claimed)
        schemes = ("https",) if self.secure else ("http", "https")
        if parts.scheme not in schemes or parts.netloc != headers.get("host"):
            raise ForeignOrigin

    def _watch(self, session: str | None, send: Send) -> Send:
        """A session that an answer ends or replaces is forgotten at once."""
        if session is None:
            return send

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                cookies = MutableHeaders(scope=message).getlist("set-cookie")
                if any(cookie.startswith(f"{COOKIE}=") for cookie in cookies):
                    self.tokens.forget(session)
            await send(message)

        return watched


def session_of(cookies: Iterable[str]) -> str | None:
    """The session's token among the cookies of a request.

    None when several different ones are presented: somebody else may have put one of them there.
    """
    found = set()
    for part in ";".join(cookies).split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE and 0 < len(value) <= MAX_COOKIE and value.isascii():
            found.add(value)
    return found.pop() if len(found) == 1 else None


def _inward(scope: Scope, authorization: str | None) -> list[tuple[bytes, bytes]]:
    """The headers that go on: without cookies, except to the authority, and with the caller's token."""
    dropped = {b"authorization"}
    if not scope["path"].startswith(AUTHORITY_PATHS):
        dropped.add(b"cookie")
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in dropped]
    if authorization is not None:
        kept.append((b"authorization", authorization.encode("latin-1")))
    return kept
