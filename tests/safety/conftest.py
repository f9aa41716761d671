"""A portal with a firm in it, whose services also listen, each at an address of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI

from chassis.serving import configured
from services.tenancy.passwords import Hasher
from tests.e2e.town import founded
from tests.isolation.portal import Portal
from tests.isolation.tenants import Firm, Maker
from tests.support.postgres import DatabaseMaker

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class _Server(uvicorn.Server):
    """A server within the test process, which leaves its signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """The address of an app that has been started already."""
    config = configured(app)
    config.lifespan = "off"
    server = _Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@dataclass(frozen=True)
class Town:
    """The portal, its firm, and where each service listens."""

    portal: Portal
    firm: Firm
    addresses: dict[str, str]


@pytest.fixture(scope="module")
async def town(module_database: DatabaseMaker) -> AsyncIterator[Town]:
    """One firm with everything a firm may have; Argon2id is made cheap, since strangers knock often."""
    async with founded(module_database) as founders:
        portal = Portal(founders)
        maker = Maker(portal)
        await maker.publish()
        firm = await maker.firm("Aubepine")
        portal.app("tenancy").state.hasher = Hasher(4, CHEAP)
        async with _listening_all(portal) as addresses:
            yield Town(portal, firm, addresses)
        await portal.close()


@asynccontextmanager
async def _listening_all(portal: Portal) -> AsyncIterator[dict[str, str]]:
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(listening(portal.app(name))) for name in portal.services}
