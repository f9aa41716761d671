"""The weather's own small server: it answers from the last known state, whatever else is down.

It reads one object every other second, the state that was exported last, and draws everything from it. What
it has read it keeps: it answers while the store is away too. It knows no database and no bus.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis import metrics
from chassis.clock import system_now
from chassis.languages import Language, language_of
from chassis.objects import Objects
from chassis.preconditions import Known, etag_of
from chassis.reference import PAGE_HEADERS
from chassis.telemetry import get_logger
from services.availability.model.weather import Freshness
from services.availability.rules.weather import freshness_of
from services.availability.weather.drawing import HTML, JSON, LATER, SOON, drawn
from services.availability.weather.names import PAGES, STATE
from services.availability.weather.page import page_of
from services.availability.weather.state import WeatherShown

LOOK_SECONDS = 2.0
PATIENCE_SECONDS = 2.0
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = PAGE_HEADERS | {"Content-Security-Policy": CONTENT_POLICY}
_NOTHING = "Aucun état n’est encore connu. / No state is known yet.\n"
_UNKNOWN = "Cette page n’existe pas. / There is no such page.\n"
_log = get_logger(__name__)


@dataclass
class LastKnown:
    """The newest state that could be read from the store at this URL. Who asks never waits for the store."""

    url: str
    state: WeatherShown | None = None
    parts: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)
    """What is drawn from it, fresh."""
    _content: bytes = b""

    async def follow(self) -> None:
        """Looks again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Reads the state once. What was known stays where the store does not answer, or has no state."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await Objects.at(self.url).get(STATE)
            if found is not None and found.content != self._content:
                read = WeatherShown.model_validate_json(found.content)
                self.state, self.parts, self._content = read, drawn(read), found.content
                metrics.WEATHER_TOLD_AT.set(read.told_at.timestamp())
        except Exception as fault:  # noqa: BLE001 - whatever keeps the store from answering, the page answers
            _log.warning("weather_not_read", reason=type(fault).__name__)


@asynccontextmanager
async def _following(app: Starlette) -> AsyncIterator[None]:
    last: LastKnown = app.state.last
    await last.look()
    following = asyncio.create_task(last.follow())
    yield
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


def create(url: str) -> Starlette:
    """The server's app, for the store at `url`; nothing is read before it starts."""
    app = Starlette(
        routes=[
            Route("/", _home),
            Route("/livez", _livez),
            Route("/readyz", _readyz),
            Route("/{name}", _part),
        ],
        lifespan=_following,
    )
    app.state.last = LastKnown(url)
    app.state.apps = {}
    return app


async def _livez(_request: Request) -> Response:
    return JSONResponse({"status": "alive"}, headers={"Cache-Control": "no-store"})


async def _readyz(request: Request) -> Response:
    """Ready as soon as there is a state to answer with, however old."""
    state: WeatherShown | None = request.app.state.last.state
    told = {"status": "ready" if state else "not ready", "told_at": state and state.told_at.isoformat()}
    return JSONResponse(told, 200 if state else 503, headers={"Cache-Control": "no-store"})


async def _home(request: Request) -> Response:
    """The page in the language asked for by `?lang=`, or the one that the browser prefers."""
    asked = request.query_params.get("lang")
    language = language_of(asked if asked in PAGES else request.headers.get("accept-language"))
    answer = _page(request, language)
    answer.headers["Vary"] = "Accept-Language"
    return answer


async def _part(request: Request) -> Response:
    name = request.path_params["name"]
    for language, page in PAGES.items():
        if name == page:
            return _page(request, language)
    last: LastKnown = request.app.state.last
    state = last.state
    if state is None:
        return _nothing()
    if name == STATE:
        shown = state.model_copy(update={"stale": _freshness(state).is_stale})
        return _answer(request, shown.model_dump_json(indent=1).encode(), JSON, state.told_at, SOON)
    if name not in last.parts:
        return Response(_UNKNOWN, HTTPStatus.NOT_FOUND, headers=HEADERS, media_type="text/plain")
    return _answer(request, *last.parts[name], state.changed_at, LATER)


def _page(request: Request, language: Language) -> Response:
    """The page; past the time that its state is good for, it says how old that is."""
    last: LastKnown = request.app.state.last
    state = last.state
    if state is None:
        return _nothing()
    freshness = _freshness(state)
    content = (
        page_of(state, language, freshness.age) if freshness.is_stale else last.parts[PAGES[language]][0]
    )
    answer = _answer(request, content, HTML, state.told_at, SOON)
    answer.headers["Content-Language"] = language
    return answer


def _freshness(state: WeatherShown) -> Freshness:
    return freshness_of(state.told_at, state.good_until, system_now())


def _answer(request: Request, content: bytes, media_type: str, since: datetime, caching: str) -> Response:
    """The content, or a bare 304 for who has it. `Last-Modified` is that of the state: a page that has begun
    to say how old it is has another ETag.
    """
    tag = hashlib.sha256(content).hexdigest()[:32]
    headers = HEADERS | {
        "ETag": etag_of(tag),
        "Last-Modified": format_datetime(since.astimezone(UTC), usegmt=True),
        "Cache-Control": caching,
    }
    if Known(request.headers.get("if-none-match", "")).holds(tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, headers=headers, media_type=media_type)


def _nothing() -> Response:
    headers = HEADERS | {"Retry-After": "10", "Cache-Control": "no-store"}
    return Response(_NOTHING, HTTPStatus.SERVICE_UNAVAILABLE, headers=headers, media_type="text/plain")
