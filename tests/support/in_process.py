"""The whole portal in the test process: every service's API on a database of its own, and a bus between them.

    async with opened(module_database, bus) as portal:
        answer = await portal.client("tenancy", caller).post("/v1/companies", json=…, headers=once())
        await portal.settle()                               # what was said is known to who hears it

Nothing runs by itself: `settle` calls the steps of the workers until nothing moves. Tokens are signed with a
key that only tests hold (`tests.support.callers`).
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx
from fastapi import FastAPI

from chassis import inbox, outbox
from chassis.auth import Caller
from chassis.bus import Bus, Consumer
from chassis.bus.postgres import PostgresBus, prepare
from chassis.db import Database
from chassis.hears import Context, Service
from services.roster import load_all
from tests.support.callers import serving, token_of
from tests.support.postgres import DatabaseMaker

_RECEIVE_SECONDS = 0.5


@dataclass
class Part:
    """One service: its API, its database as its workers see it, and its place in its consumer group."""

    service: Service
    app: FastAPI
    db: Database
    consumer: Consumer | None

    @property
    def context(self) -> Context:
        """What its consumers may know."""
        return Context(self.service.name, self.app.state.clock, self.app.state.settings)

    async def receive(self) -> int:
        """One step of its receiver."""
        if self.consumer is None:
            return 0
        return await inbox.receive_once(self.db, self.consumer, self.service.hears, timeout=_RECEIVE_SECONDS)

    async def work(self) -> int:
        """One step of its workers."""
        return await inbox.work_once(self.db, self.service.hears, self.context)


@dataclass
class InProcessPortal:
    """All services, by name, and what stands between them."""

    parts: Mapping[str, Part]
    bus: Bus
    _clients: dict[tuple[str, Caller | None], httpx.AsyncClient] = field(default_factory=dict)

    def client(self, service: str, caller: Caller | None) -> httpx.AsyncClient:
        """The one client of this caller at this service; None calls without a token."""
        place = (service, caller)
        if place not in self._clients:
            self._clients[place] = httpx.AsyncClient(
                transport=httpx.ASGITransport(self.parts[service].app),
                base_url="http://service",
                headers={"Authorization": f"Bearer {token_of(caller)}"} if caller else {},
                timeout=60,
            )
        return self._clients[place]

    async def settle(self) -> None:
        """Relays, receives and works until nothing is left to do: no outbox row, no lag, no inbox row."""
        while True:
            moved = [await outbox.relay_once(part.db, self.bus) for part in self.parts.values()]
            for part in self.parts.values():
                while await self._lag(part):
                    moved.append(await part.receive())
                while done := await part.work():
                    moved.append(done)
            if not any(moved):
                return

    async def _lag(self, part: Part) -> int:
        topics = part.service.topics()
        return sum((await self.bus.lag(part.service.name, topics)).values()) if topics else 0

    async def close(self) -> None:
        """Gives every connection back."""
        for client in self._clients.values():
            await client.aclose()
        for part in self.parts.values():
            if part.consumer is not None:
                await part.consumer.close()
            await part.db.close()


@asynccontextmanager
async def opened(database: DatabaseMaker, bus: Bus) -> AsyncIterator[InProcessPortal]:
    """The portal, ready: what it heard before is nothing."""
    async with AsyncExitStack() as stack:
        services = load_all()
        await bus.create_topics([service.name for service in services])
        parts = {service.name: await _part(service, database, bus, stack) for service in services}
        portal = InProcessPortal(parts, bus)
        stack.push_async_callback(portal.close)
        yield portal


async def _part(service: Service, database: DatabaseMaker, bus: Bus, stack: AsyncExitStack) -> Part:
    url = database(service.name).app_url
    settings = service.settings_class(service=service.name, database_url=url, pool_size=4)
    api = await stack.enter_async_context(serving(service.create_api(settings)))
    db = Database.create(url, pool_size=4)
    await inbox.register(db, service.hears)
    topics = service.topics()
    return Part(service, api.app, db, bus.consumer(service.name, topics) if topics else None)


@asynccontextmanager
async def postgres_bus(database: DatabaseMaker) -> AsyncIterator[PostgresBus]:
    """A bus on a database of its own."""
    made = database("empty")
    await prepare(made.owner_url)
    bus = PostgresBus(made.app_url)
    try:
        yield bus
    finally:
        await bus.close()
