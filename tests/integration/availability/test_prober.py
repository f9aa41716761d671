"""The prober of a place is told what to watch, and tells what it found: beside the service, or elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis.clock import system_now
from chassis.db import Database
from chassis.sealing import Sealer
from services.availability.probing.control import Control
from services.availability.probing.desks import DatabaseDesk, RestDesk
from services.availability.probing.prober import Prober
from services.availability.probing.reporting import Reporting
from tests.integration.availability.site import SITE, runner
from tests.integration.availability.watched import (
    PASSWORD,
    SEALING,
    Watched,
    logging_in,
    opened,
    server,
)
from tests.support.postgres import DatabaseMaker, ServiceDatabase


@pytest.fixture(scope="module")
def database(module_database: DatabaseMaker) -> ServiceDatabase:
    return module_database("availability")


@pytest.fixture(scope="module")
async def watched(database: ServiceDatabase) -> AsyncIterator[Watched]:
    async with opened(database) as watched:
        yield watched


@pytest.mark.slow
async def test_a_prober_watches_and_tells_and_an_outage_opens_and_ends(
    watched: Watched, database: ServiceDatabase
) -> None:
    place = await watched.new_place()
    desk = DatabaseDesk(Database.create(database.app_url, pool_size=2), Sealer.of(SEALING), place)
    prober = Prober(place, desk, runner(), Control(), Reporting(place, desk, 1000), at_once=10)
    stop = asyncio.Event()
    async with server(SITE) as port:
        script = logging_in(f"http://127.0.0.1:{port}") | {"timeout_ms": 4_000}
        portal = await watched.new_target(place, script=script, interval_seconds=5)
        running = asyncio.create_task(prober.run(stop))
        await _until(watched, portal, lambda shown: shown["seen_at"] is not None)
    await _until(watched, portal, lambda shown: shown["outage_id"] is not None)
    async with server(SITE, port):
        await _until(watched, portal, lambda shown: shown["outage_id"] is None)
    stop.set()
    await running
    await desk.close()
    (row,) = await watched.outages_of(portal)
    assert (row["source"], row["state"]) == ("probe", "ended")


async def _until(watched: Watched, target_id: UUID, holds: Callable[[dict[str, Any]], bool]) -> None:
    """Waits until a target stands so."""
    async with asyncio.timeout(90):
        while not holds(await watched.found(target_id)):
            await asyncio.sleep(0.1)


async def test_what_a_place_is_handed_holds_its_secrets_and_only_when_it_changed(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place, paused=True)
    answer = await watched.prober.get(f"/v1/places/{place}/assignments")
    (item,) = answer.json()["items"]
    assert (item["target_id"], item["secrets"], item["paused"]) == (str(portal), {"password": PASSWORD}, True)
    known = {"If-None-Match": answer.headers["etag"]}
    again = await watched.prober.get(f"/v1/places/{place}/assignments", headers=known)
    assert (again.status_code, again.content) == (304, b"")


@asynccontextmanager
async def _by_rest(watched: Watched, place: str) -> AsyncIterator[RestDesk]:
    """A desk that speaks to this API; its token is that of the tests' program."""
    bearer = watched.prober.headers["Authorization"].removeprefix("Bearer ")

    async def token(request: Request) -> Response:
        form = await request.form()
        is_known = request.headers["authorization"] == httpx.BasicAuth("id", "secret")._auth_header
        if not is_known or form.get("scope") != "probes:report":
            return JSONResponse({"error": "invalid_client"}, 401)
        return JSONResponse({"access_token": bearer, "expires_in": 600})

    tokens = Starlette(routes=[Route("/token", token, methods=["POST"])])
    mounts = {
        "all://tokens.example": httpx.ASGITransport(tokens),
        "all://service.example": httpx.ASGITransport(watched.api.app),
    }
    client = httpx.AsyncClient(mounts=mounts)
    urls = ("http://service.example", "http://tokens.example/token")
    desk = RestDesk(client, *urls, "id", "secret", place)
    yield desk
    await desk.close()


async def test_a_place_elsewhere_is_assigned_and_tells_over_the_api(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    async with _by_rest(watched, place) as desk:
        (assigned,) = await desk.assignments() or []
        assert (assigned.target_id, assigned.secrets) == (portal, {"password": PASSWORD})
        assert await desk.assignments() is None
        reporting = Reporting(place, desk, 100)
        reporting.add(await runner().run(assigned, system_now()))
        assert await reporting.tell()
    page = (await watched.operations.get(f"/v1/targets/{portal}/results")).json()
    (row,) = page["items"]
    assert (row["outcome"], row["fault"], row["steps"][0]["fault"]) == ("down", "connect", "connect")


async def test_a_place_elsewhere_tells_later_what_is_not_taken_now_and_drops_what_never_is(
    watched: Watched,
) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    async with _by_rest(watched, place) as desk:
        (assigned,) = await desk.assignments() or []
        result = await runner().run(assigned, system_now())
        reporting = Reporting(place, desk, 100)
        reporting.add(result)
        desk.place = "nowhere"
        assert not await reporting.tell()
        desk.place, desk.client_secret, desk._token_until = place, "wrong", 0.0
        assert not await reporting.tell()
        desk.client_secret = "secret"
        assert await reporting.tell()
        desk.place = "not a place"
        reporting.add(result)
        assert await reporting.tell()
        assert (len(reporting), reporting.dropped) == (0, 1)
    page = (await watched.operations.get(f"/v1/targets/{portal}/results")).json()
    assert len(page["items"]) == 1
