"""The portal behind one address: each service under `/api/<name>`, the edge before them, and plain pages.

`/` leads to all there is. `/readyz` answers for the whole portal. The services are the same apps that also
run alone; here their lifespans are entered together.
"""

import html
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from string import Template

import httpx
from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from chassis import problems
from chassis.auth import JWKS_PATH, keys_at
from chassis.edge import EdgeMiddleware, Exchange, exchange_within
from chassis.reference import PAGE_HEADERS, PageUnknown, asset, page

Check = Callable[[], Awaitable[str | None]]
"""Says why a part of the portal is not ready, or None."""

AUTHORITY_PATH = "/.well-known/oauth-authorization-server"
_ASSETS = frozenset({"pages.css", "login.js"})


def create_origin(
    apps: Mapping[str, FastAPI],
    *,
    origin: str,
    checks: Mapping[str, Check] | None = None,
    exchange: Exchange | None = None,
) -> Starlette:
    """One ASGI app of several services; `origin` is its public address, `http://127.0.0.1:8080`.

    `checks` add parts to readiness that are not services (`workers`). Sessions are exchanged with the
    tenancy among `apps`, unless an `exchange` says otherwise.
    """
    app = Starlette(
        routes=[
            Route("/", _index),
            Route("/login", _login),
            Route("/assets/{name}", _asset),
            Route("/livez", _livez),
            Route("/readyz", _readyz),
            Route("/metrics", _metrics),
            *([Route(AUTHORITY_PATH, _authority)] if "tenancy" in apps else []),
            *(Mount(f"/api/{name}", app=service) for name, service in apps.items()),
        ],
        middleware=[
            Middleware(EdgeMiddleware, exchange=exchange or exchange_within(apps["tenancy"]), origin=origin)
        ],
        exception_handlers=dict.fromkeys(problems.RENDERED, _refused),
        lifespan=_lifespan,
    )
    _share_keys(apps)
    app.state.apps = dict(apps)
    app.state.checks = dict(checks or {})
    app.state.stopping = False
    return app


def _share_keys(apps: Mapping[str, FastAPI]) -> None:
    """Tenancy's keys are fetched from the tenancy of this process, unless settings name another place."""
    if "tenancy" not in apps:
        return
    transport = httpx.ASGITransport(app=apps["tenancy"], raise_app_exceptions=False)
    for name, service in apps.items():
        if name != "tenancy" and not service.state.settings.jwks_url:
            service.state.auth.ring.source = keys_at(f"http://tenancy{JWKS_PATH}", transport)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for service in app.state.apps.values():
            await stack.enter_async_context(service.router.lifespan_context(service))
        yield


def begin_stopping(app: Starlette | FastAPI) -> None:
    """From now on readiness says no, so that no new requests are sent here; those under way go on."""
    for service in getattr(app.state, "apps", {"": app}).values():
        service.state.readiness.stopping = True
    app.state.stopping = True


async def _readyz(request: Request) -> Response:
    """What each part says; ready when all are."""
    state = request.app.state
    parts = {name: await _why_not(service) for name, service in state.apps.items()}
    parts |= {name: await check() for name, check in state.checks.items()}
    ready = not state.stopping and not any(parts.values())
    answer = {
        "status": "ready" if ready else "not ready",
        "parts": {name: reason or "ready" for name, reason in parts.items()},
    }
    return JSONResponse(answer, 200 if ready else 503, headers={"Cache-Control": "no-store"})


async def _why_not(service: FastAPI) -> str | None:
    reason: str | None = await service.state.readiness.why_not(service.state.db)
    return reason


async def _livez(_request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def _metrics(_request: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _authority(request: Request) -> Response:
    """What tenancy says of itself as an authorization server: RFC 8414 wants it at the issuer's own root."""
    found = httpx.ASGITransport(app=request.app.state.apps["tenancy"], root_path="/api/tenancy")
    async with httpx.AsyncClient(transport=found, base_url="http://tenancy") as client:
        answer = await client.get(AUTHORITY_PATH)
    return Response(answer.content, answer.status_code, media_type=answer.headers["content-type"])


async def _index(request: Request) -> Response:
    services = "\n".join(
        _SERVICE.substitute(name=html.escape(name), title=html.escape(service.title))
        for name, service in request.app.state.apps.items()
    )
    content = Template(asset("index.html").decode()).substitute(services=services)
    return Response(content, media_type="text/html; charset=utf-8", headers=PAGE_HEADERS)


_SERVICE = Template(
    '<tr><td>$title</td><td><a href="/api/$name/reference">reference</a></td>'
    '<td><a href="/api/$name/openapi.json">openapi.json</a></td>'
    '<td><a href="/api/$name/readyz">readiness</a></td></tr>'
)


async def _login(_request: Request) -> Response:
    return page("login.html")


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        raise PageUnknown
    return page(name)


async def _refused(_request: Request, error: Exception) -> Response:
    refusal = problems.as_refusal(error)
    if refusal is None:
        raise error
    return problems.render(refusal)
