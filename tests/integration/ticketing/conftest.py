"""One ticketing service for the tests of a module."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.ticketing.planning import serve_nobody_else
from tests.integration.ticketing.portal import NOW, Portal, opened
from tests.support.postgres import DatabaseMaker


@pytest.fixture(scope="module")
async def portal(module_database: DatabaseMaker) -> AsyncIterator[Portal]:
    """Ticketing with its API, on a database of its own."""
    async with opened(module_database("ticketing")) as portal:
        yield portal


@pytest.fixture
async def one_day(portal: Portal) -> AsyncIterator[None]:
    """It is `NOW`, and no technician of the tests before is there."""
    await portal.set_time(NOW)
    await serve_nobody_else(portal)
    yield
    await portal.set_time(NOW)
