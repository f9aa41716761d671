"""The weather's server: its languages and its age, and what it answers while the store is away."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest
from prometheus_client import REGISTRY

from chassis.objects import Objects
from services.availability.weather import server
from services.availability.weather.names import STATE
from services.availability.weather.server import LastKnown
from services.availability.weather.server import create as create_server
from services.availability.weather.state import WeatherShown
from tests.integration.availability.sky import Sky, served


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/", "en-GB,en;q=0.9", "en"),
        ("/", "de", "fr"),
        ("/?lang=en", "fr", "en"),
        ("/?lang=fr", "en", "fr"),
        ("/?lang=xx", "en", "en"),
        ("/index.en.html", "fr", "en"),
        ("/index.html", "en", "fr"),
    ],
)
async def test_the_page_is_in_the_language_asked_for(
    sky: Sky, path: str, accepted: str, language: str
) -> None:
    await sky.tell()
    await sky.export()

    answer = await served(sky, path, **{"Accept-Language": accepted})
    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}">' in answer.text
    assert ("vary" in answer.headers) is path.startswith("/?") or path == "/"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "script" not in policy


async def test_past_its_time_the_server_says_how_old_its_state_is(sky: Sky) -> None:
    await sky.tell()
    await sky.export()
    fresh = await served(sky, "/weather.json")
    assert fresh.json()["stale"] is False

    objects = Objects.at(sky.settings.weather_store)
    weather = WeatherShown.model_validate(fresh.json())
    aged = weather.model_copy(
        update={name: getattr(weather, name) - timedelta(minutes=42) for name in ("told_at", "good_until")}
    )
    await objects.put(STATE, aged.model_dump_json().encode(), "application/json")

    stale = await served(sky, "/weather.json")
    assert stale.json()["stale"] is True
    page = await served(sky, "/?lang=en")
    assert "Updates stopped 42 minutes ago" in page.text
    assert (await served(sky, "/readyz")).status_code == 200


async def test_how_old_its_state_is_can_be_measured(sky: Sky) -> None:
    await sky.tell()
    await sky.export()
    told_at = (await served(sky, "/weather.json")).json()["told_at"]

    measured = REGISTRY.get_sample_value("livret_weather_told_timestamp_seconds")
    assert measured == datetime.fromisoformat(told_at).timestamp()


async def test_the_server_keeps_what_it_read_while_the_store_is_away(sky: Sky) -> None:
    await sky.tell()
    await sky.export()
    app = create_server(sky.settings.weather_store)
    last = app.state.last
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://weather") as client:
        await last.look()
        before = await client.get("/weather.json")
        await Objects.at(sky.settings.weather_store).put(STATE, b"{ half", "application/json")
        await last.look()
        damaged = await client.get("/weather.json")
        last.url = "nowhere:"
        await last.look()
        away = await client.get("/maintenance.ics")

    assert before.json() == damaged.json()
    assert away.status_code == 200
    assert away.headers["cache-control"] == "public, max-age=300"


async def test_the_server_answers_304_and_404_and_head(sky: Sky) -> None:
    await sky.tell()
    await sky.export()
    for path in ("/", "/weather.json", "/maintenance.ics", "/weather.atom"):
        first = await served(sky, path)
        again = await served(sky, path, **{"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["last-modified"] == first.headers["last-modified"]
    for path in ("/nothing", "/../weather.json", "/%2e%2e%2fetc%2fpasswd"):
        assert (await served(sky, path)).status_code in (200, 404)
        assert "root:" not in (await served(sky, path)).text


async def test_what_is_exported_later_is_seen_without_being_asked_for(
    sky: Sky, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LOOK_SECONDS", 0.01)
    app = create_server(sky.settings.weather_store)
    async with app.router.lifespan_context(app):
        assert (await served(sky, "/readyz")).status_code == 503
        last: LastKnown = app.state.last
        await sky.tell()
        await sky.export()
        async with asyncio.timeout(20):
            while last.state is None:
                await asyncio.sleep(0.01)
    assert last.parts
