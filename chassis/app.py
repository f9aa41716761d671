"""What makes a service's routers an API: state, conventions, readiness, documents.

Nothing connects before the lifespan starts, so that the API document of a service can be had without a
database. A service's `create(settings)` is one call of `create_api`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial

from fastapi import APIRouter, FastAPI

from chassis import documents, health, idempotency, operations, problems, reference, trail
from chassis.answers import Answers
from chassis.auth import JWKS_PATH, KeySource, Revocations, TokenVerifier, keys_at
from chassis.bodies import DEFAULT_BYTES, BodyLimit
from chassis.clock import Clock
from chassis.db import Database
from chassis.health import Readiness
from chassis.ratelimit import Quotas
from chassis.settings import Settings
from chassis.telemetry import configure_traces, get_logger

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

FOLLOW_SECONDS = 1.0
HOUSEKEEPING_SECONDS = 600.0
_log = get_logger(__name__)


def create_api(
    service: str,
    settings: Settings,
    *,
    title: str,
    description: str = "",
    routers: Sequence[APIRouter],
    lifespans: Sequence[Lifespan] = (),
    keys: Callable[[FastAPI], KeySource] | None = None,
    larger_bodies: Mapping[str, int] | None = None,
) -> FastAPI:
    """The API of one service: its routers under `/v1`, and what every service has besides.

    `lifespans` are entered after the database, and left before it. `keys` gives tenancy its own keys;
    every other service fetches them from `settings.jwks_url`, or behind the origin. `larger_bodies` are
    the bytes taken by paths (by their beginning) that need more than `DEFAULT_BYTES`.
    """
    app = FastAPI(
        title=title,
        description=description,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=lambda route: route.name,
        lifespan=partial(_lifespan, settings=settings, lifespans=tuple(lifespans)),
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for router in (*routers, trail.router):
        operations.include(app, router)
    health.install(app)
    reference.install(app)
    problems.install(app, service)
    operations.register(app)
    documents.install(app)
    app.add_middleware(BodyLimit, default=DEFAULT_BYTES, larger=larger_bodies)
    app.add_middleware(Answers, service=service)
    _remember(app, service, settings, keys)
    return app


def _remember(
    app: FastAPI, service: str, settings: Settings, keys: Callable[[FastAPI], KeySource] | None
) -> None:
    """The state that dependencies read: nothing in it is global to the process."""
    state = app.state
    state.service, state.settings = service, settings
    state.clock = Clock()
    state.readiness = Readiness(service)
    state.revocations = Revocations(service)
    state.quotas = Quotas(settings.program_quota, settings.program_quota_seconds)
    source = keys(app) if keys else keys_at(settings.jwks_url or f"{settings.origin}/api/tenancy{JWKS_PATH}")
    state.auth = TokenVerifier(source, state.revocations, settings.token_audience)


@asynccontextmanager
async def _lifespan(app: FastAPI, settings: Settings, lifespans: Sequence[Lifespan]) -> AsyncIterator[None]:
    configure_traces(f"livret-{app.state.service}", settings.otlp_endpoint)
    db = Database.create(
        settings.database_url, pool_size=settings.pool_size, application_name=f"{app.state.service}-api"
    )
    app.state.db = db
    async with AsyncExitStack() as stack:
        stack.push_async_callback(db.close)
        for lifespan in lifespans:
            await stack.enter_async_context(lifespan(app))
        await _follow_once(app)
        tasks = [asyncio.create_task(_follow(app)), asyncio.create_task(_keep_house(app))]
        try:
            yield
        finally:
            app.state.readiness.stopping = True
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _follow(app: FastAPI) -> None:
    """Each second: which credentials were disabled, what time the portal lives in, which keys sign."""
    while True:
        await asyncio.sleep(FOLLOW_SECONDS)
        await _follow_once(app)


async def _follow_once(app: FastAPI) -> None:
    state = app.state
    try:
        await state.revocations.refresh(state.db)
        await state.clock.refresh(state.db)
        if state.auth.ring.keys:
            await state.auth.ring.refresh()
    except Exception as fault:  # noqa: BLE001 - the next second tries again; readiness tells meanwhile
        _log.warning("not_followed", fault=type(fault).__name__)


async def _keep_house(app: FastAPI) -> None:
    """Every few minutes: answers that are no longer kept go."""
    while True:
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
        try:
            await idempotency.expire(app.state.db)
        except Exception as fault:  # noqa: BLE001 - nothing is lost: the next round deletes it
            _log.warning("house_not_kept", fault=type(fault).__name__)
