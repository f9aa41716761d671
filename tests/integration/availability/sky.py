"""A portal with what tells, exports and serves its weather."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sqlalchemy import text

from chassis import effects
from chassis.db import Scope
from chassis.hears import Context
from services.availability.app import SERVICE
from services.availability.jobs import tell_weather
from services.availability.settings import AvailabilitySettings
from services.availability.weather.server import create as create_server
from tests.integration.availability.portal import NOW, Portal, opened
from tests.support.postgres import ServiceDatabase


class Sky:
    """One portal with its exports and the weather's server."""

    def __init__(self, portal: Portal, database: ServiceDatabase, store: str) -> None:
        self.portal = portal
        self.settings = AvailabilitySettings(
            service="availability", database_url=database.app_url, weather_store=store
        )
        self.context = Context("availability", portal.clock, self.settings)
        self.stranger = httpx.AsyncClient(
            transport=httpx.ASGITransport(portal.api.app), base_url="http://service"
        )

    async def tell(self) -> None:
        """The job runs once."""
        async with self.portal.db.transaction(Scope.portal()) as tx:
            await tell_weather(tx, NOW, self.context)

    async def export(self) -> int:
        """What was asked for is exported; how many effects that were."""
        return await effects.perform_once(self.portal.db, SERVICE.performers, self.context)

    async def read(self, client: httpx.AsyncClient | None = None) -> dict[str, Any]:
        """The weather as everybody reads it, told just now."""
        await self.tell()
        answer = await (client or self.stranger).get("/v1/weather")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def number(self) -> int:
        """The number of what was told last."""
        async with self.portal.db.transaction(Scope.machine()) as tx:
            row = await tx.fetch_one(text("SELECT coalesce(max(number), 0) AS number FROM weather"))
        assert row is not None
        return int(row.number)


@asynccontextmanager
async def clouded(database: ServiceDatabase, store: str) -> AsyncIterator[Sky]:
    """A sky over a portal of its own, whose weather goes to the store at that URL."""
    async with opened(database) as portal:
        sky = Sky(portal, database, store)
        yield sky
        await sky.stranger.aclose()


async def served(sky: Sky, path: str, **headers: str) -> httpx.Response:
    """What a new server answers, that knows nothing but the store."""
    app = create_server(sky.settings.weather_store)
    await app.state.last.look()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://weather") as client:
        return await client.get(path, headers=headers)
