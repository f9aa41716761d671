"""One catalogue for the tests of a module."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.catalog.portal import NOW, Portal
from tests.support.postgres import DatabaseMaker
from tests.support.served import opened


@pytest.fixture(scope="module")
async def portal(module_database: DatabaseMaker) -> AsyncIterator[Portal]:
    """A catalogue with its API, on a database of its own."""
    async with opened(Portal, module_database("catalog"), NOW) as portal:
        yield portal
