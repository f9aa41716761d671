"""Alive without dependencies; ready with the database, at this version, and not while stopping."""

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from chassis.db import Database
from chassis.health import Readiness
from chassis.settings import Settings
from tests.chassis.web.conftest import Authority
from tests.chassis.web.notes import create_notes
from tests.support.postgres import DatabaseMaker


async def _ready(app: FastAPI) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://notes") as client:
        assert (await client.get("/livez")).json() == {"status": "alive"}
        return await client.get("/readyz")


async def test_ready_with_its_database(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_without_a_database_it_starts_and_lives_but_is_not_ready(authority: Authority) -> None:
    url = "postgresql://livret_app@127.0.0.1:1/nowhere"
    app = create_notes(Settings(service="chassis", database_url=url), authority.jwks)
    async with app.router.lifespan_context(app):
        answer = await _ready(app)
    assert (answer.status_code, answer.json()["reason"]) == (503, "the database does not answer")


async def test_an_unmigrated_database_is_not_ready_until_it_is_migrated(
    database: DatabaseMaker, authority: Authority
) -> None:
    made = database("chassis")
    owner = Database.create(made.owner_url)

    async def set_version(version: str) -> None:
        async with owner.engine.begin() as connection:
            await connection.execute(text(f"UPDATE alembic_version_chassis SET version_num = '{version}'"))

    async with owner.engine.begin() as connection:
        query = text("SELECT version_num FROM alembic_version_chassis")
        newest: str = (await connection.execute(query)).scalar_one()
    await set_version("0001")
    app = create_notes(Settings(service="chassis", database_url=made.app_url), authority.jwks)
    async with app.router.lifespan_context(app):
        answer = await _ready(app)
        assert (answer.status_code, "migrations" in answer.json()["reason"]) == (503, True)
        await set_version(newest)
        assert (await _ready(app)).status_code == 200
    await owner.close()


async def test_not_ready_while_stopping_though_it_still_answers(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    readiness: Readiness = app.state.readiness
    readiness.stopping = True
    try:
        answer = await client.get("/readyz")
        visit = await client.post("/v1/visits")
    finally:
        readiness.stopping = False
    assert (answer.status_code, answer.json()["reason"]) == (503, "stopping")
    assert visit.status_code == 200


async def test_requests_are_measured_by_template_and_status(client: httpx.AsyncClient) -> None:
    await client.post("/v1/visits")
    await client.request("BREW", "/v1/visits")
    await client.get("/v1/nowhere/42")
    page = (await client.get("/metrics")).text
    labels = (
        'livret_http_request_seconds_count{method="POST",route="/v1/visits",service="chassis",status="200"}'
    )
    assert labels in page
    assert 'route="unmatched"' in page
    assert "nowhere" not in page
    assert "BREW" not in page
