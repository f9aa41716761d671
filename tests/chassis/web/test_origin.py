"""The portal behind one address: services, pages, and readiness for the whole."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette

from chassis.origin import begin_stopping, create_origin
from chassis.settings import Settings
from tests.chassis.web.conftest import Authority, caller_of
from tests.chassis.web.notes import create_notes, make_tables
from tests.support.postgres import DatabaseMaker

ORIGIN = "http://portal.example"


async def _nobody(_session: str) -> str | None:
    return None


@pytest.fixture(scope="module")
async def portal(module_database: DatabaseMaker, authority: Authority) -> AsyncIterator[Starlette]:
    """Two services of one kind, started by the origin's own lifespan."""
    apps: dict[str, FastAPI] = {}
    for name in ("notes", "memos"):
        made = module_database("chassis")
        await make_tables(made.owner_url)
        apps[name] = create_notes(Settings(service="chassis", database_url=made.app_url), authority.jwks)
    workers: list[str] = []

    async def workers_why_not() -> str | None:
        return workers[0] if workers else None

    portal = create_origin(apps, origin=ORIGIN, exchange=_nobody, checks={"workers": workers_why_not})
    portal.state.test_workers = workers
    async with portal.router.lifespan_context(portal):
        yield portal


@pytest.fixture(scope="module")
async def browser(portal: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=portal, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


async def test_services_stand_under_their_names(browser: httpx.AsyncClient, authority: Authority) -> None:
    headers = authority.headers(caller_of())
    made = await browser.post("/api/notes/v1/plain-notes", json={"body": "here"}, headers=headers)
    assert made.status_code == 200
    here = await browser.get("/api/notes/v1/notes", headers=headers)
    there = await browser.get("/api/memos/v1/notes", headers=headers)
    assert (len(here.json()["items"]), len(there.json()["items"])) == (1, 0)


async def test_the_first_page_leads_to_all_there_is(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/")
    assert page.status_code == 200
    links = set(re.findall(r'href="([^"]+)"', page.text))
    assert {
        "/login",
        "/readyz",
        "/livez",
        "/metrics",
        "/api/notes/reference",
        "/api/memos/openapi.json",
    } <= links
    for link in links:
        assert (await browser.get(link)).status_code == 200, link


async def test_pages_hold_to_a_strict_policy(browser: httpx.AsyncClient) -> None:
    for path in ("/", "/login", "/api/notes/reference"):
        policy = (await browser.get(path)).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


async def test_what_a_page_loads_is_there(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/login")
    for name in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert (await browser.get(name)).status_code == 200, name


async def test_what_is_not_there_is_a_problem(browser: httpx.AsyncClient) -> None:
    for path in ("/nowhere", "/assets/app.py", "/api/nothing/v1/x"):
        answer = await browser.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_service_documents_where_it_stands(browser: httpx.AsyncClient) -> None:
    document = (await browser.get("/api/notes/openapi.json")).json()
    assert document["servers"] == [{"url": "/api/notes"}]


async def test_readiness_is_that_of_every_part(portal: Starlette, browser: httpx.AsyncClient) -> None:
    whole = await browser.get("/readyz")
    assert (whole.status_code, whole.json()["parts"]) == (
        200,
        {"notes": "ready", "memos": "ready", "workers": "ready"},
    )
    portal.state.test_workers.append("no beat for 12 s")
    part = await browser.get("/readyz")
    portal.state.test_workers.clear()
    assert (part.status_code, part.json()["parts"]["workers"]) == (503, "no beat for 12 s")


async def test_a_portal_that_stops_says_so_first(portal: Starlette, browser: httpx.AsyncClient) -> None:
    begin_stopping(portal)
    whole = await browser.get("/readyz")
    alone = await browser.get("/api/notes/readyz")
    alive = await browser.get("/livez")
    for service in portal.state.apps.values():
        service.state.readiness.stopping = False
    portal.state.stopping = False
    assert (whole.status_code, alone.status_code, alive.status_code) == (503, 503, 200)


async def test_tenancys_keys_are_those_of_the_tenancy_beside(
    module_database: DatabaseMaker, authority: Authority
) -> None:
    made = module_database("chassis")
    notes = create_notes(Settings(service="chassis", database_url=made.app_url), authority.jwks)
    tenancy = Starlette()
    asked: list[str] = []

    async def answer(scope: dict[str, object], receive: object, send: object) -> None:
        asked.append(str(scope["path"]))
        raise RuntimeError("not now")

    tenancy.router.default = answer  # type: ignore[assignment]
    create_origin({"notes": notes, "tenancy": tenancy}, origin=ORIGIN)  # type: ignore[dict-item]
    await notes.state.auth.ring.refresh(at_least_seconds=0)
    assert asked == ["/v1/jwks"]
