"""A portal with a firm in it, whose services also listen, each at an address of its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher

from services.tenancy.passwords import Hasher
from tests.e2e.town import founded
from tests.isolation.firms import Firm
from tests.isolation.portal import Portal
from tests.isolation.tenants import Maker
from tests.support.listening import listening
from tests.support.postgres import DatabaseMaker

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


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
