"""The weather's export, to a directory and to a bucket of a real S3 server, and its page from there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from chassis.objects import Objects
from services.availability.weather.drawing import drawn
from services.availability.weather.export import store_weather
from services.availability.weather.names import STATE
from services.availability.weather.server import create as create_server
from services.availability.weather.state import WeatherShown
from tests.integration.availability.sky import Sky, clouded, served
from tests.support.objects import ObjectServer
from tests.support.postgres import DatabaseMaker


@pytest.fixture(params=["directory", "bucket"])
async def sky(request: pytest.FixtureRequest, database: DatabaseMaker, tmp_path: Path) -> AsyncIterator[Sky]:
    """A portal of its own over each kind of store."""
    if request.param == "directory":
        store = (tmp_path / "weather").as_uri()
    else:
        store = request.getfixturevalue("bucket") + "/production"
    async with clouded(database("availability"), store) as sky:
        yield sky


@pytest.fixture
async def remote_sky(database: DatabaseMaker, stoppable_objects: ObjectServer) -> AsyncIterator[Sky]:
    """A portal of its own, whose weather goes to a server that the test may end."""
    async with clouded(database("availability"), stoppable_objects.new_bucket()) as sky:
        yield sky


async def everything_at(store: str) -> dict[str, bytes]:
    """What a store holds, by its names."""
    objects = Objects.at(store)
    found = {name: await objects.get(name) async for name in objects.list()}
    return {name: each.content for name, each in found.items() if each is not None}


async def test_the_export_is_a_static_site_and_the_server_answers_the_same(sky: Sky) -> None:
    await sky.portal.open_outage()
    await sky.tell()
    assert await sky.export() == 1

    exported = await everything_at(sky.settings.weather_store)
    weather = WeatherShown.model_validate_json(exported[STATE])
    assert weather == WeatherShown.model_validate((await sky.stranger.get("/v1/weather")).json())
    assert set(exported) == {STATE, *drawn(weather)}
    for name, (content, media_type) in drawn(weather).items():
        assert exported[name] == content
        answer = await served(sky, f"/{name}")
        assert (answer.content, answer.headers["content-type"].split(";")[0]) == (
            content,
            media_type.split(";")[0],
        )


async def test_an_export_that_comes_late_stores_what_is_newest(sky: Sky) -> None:
    await sky.tell()
    await sky.portal.open_outage()
    await sky.tell()

    assert await sky.export() == 2
    found = await Objects.at(sky.settings.weather_store).get(STATE)
    assert found is not None
    assert WeatherShown.model_validate_json(found.content).number == 2


async def test_the_state_is_stored_after_all_that_is_drawn_from_it(sky: Sky) -> None:
    await sky.tell()
    weather = WeatherShown.model_validate((await sky.stranger.get("/v1/weather")).json())
    order: list[str] = []

    class Watched(Objects):
        async def put(self, name: str, content: bytes, media_type: str) -> None:
            order.append(name)
            await super().put(name, content, media_type)

    await store_weather(Watched.at(sky.settings.weather_store), weather)
    assert order[-1] == STATE
    assert order.count(STATE) == 1


async def test_while_the_store_is_away_the_page_answers_and_the_export_is_tried_again(
    remote_sky: Sky, stoppable_objects: ObjectServer
) -> None:
    sky, app = remote_sky, create_server(remote_sky.settings.weather_store)
    await sky.tell()
    await sky.export()
    last = app.state.last
    await last.look()
    first = last.state
    assert first is not None

    stoppable_objects.kill()
    await sky.portal.open_outage()
    await sky.tell()
    assert await sky.export() == 1
    await last.look()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://weather") as client:
        away = await client.get("/weather.json")
    assert (away.status_code, away.json()["number"]) == (200, first.number)

    stoppable_objects.start()
    async with asyncio.timeout(120):
        while last.state == first:
            await sky.export()
            await last.look()
    assert last.state.number == first.number + 1
