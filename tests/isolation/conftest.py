"""One portal for the tests of a module, empty at first."""

from collections.abc import AsyncIterator

import pytest

from tests.e2e.town import founded
from tests.isolation.portal import Portal
from tests.support.postgres import DatabaseMaker


@pytest.fixture(scope="module")
async def portal(module_database: DatabaseMaker) -> AsyncIterator[Portal]:
    """Every service, each on a new database."""
    async with founded(module_database) as town:
        portal = Portal(town)
        yield portal
        await portal.close()
