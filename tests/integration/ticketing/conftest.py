"""One ticketing service for the tests of a module."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.ticketing.portal import Portal, opened
from tests.support.postgres import DatabaseMaker


@pytest.fixture(scope="module")
async def portal(module_database: DatabaseMaker) -> AsyncIterator[Portal]:
    """Ticketing with its API, on a database of its own."""
    async with opened(module_database("ticketing")) as portal:
        yield portal
