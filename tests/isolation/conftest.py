"""One portal for the tests of a module, empty at first."""

from collections.abc import AsyncIterator

import pytest

from tests.support.in_process import InProcessPortal, opened, postgres_bus
from tests.support.postgres import DatabaseMaker


@pytest.fixture(scope="module")
async def portal(module_database: DatabaseMaker) -> AsyncIterator[InProcessPortal]:
    """Every service, each on a new database."""
    async with postgres_bus(module_database) as bus, opened(module_database, bus) as portal:
        yield portal
