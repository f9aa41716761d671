"""A portal of all services, on each bus."""

from collections.abc import AsyncIterator

import pytest

from tests.e2e.town import Town, founded
from tests.support.postgres import DatabaseMaker


@pytest.fixture(
    scope="module",
    params=["postgres", pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.xdist_group("kafka")])],
)
def bus_address(request: pytest.FixtureRequest) -> str:
    """Each bus in turn."""
    if request.param == "postgres":
        return "postgres"
    return f"kafka://{request.getfixturevalue('kafka')}"


@pytest.fixture(scope="module")
async def town(module_database: DatabaseMaker, bus_address: str) -> AsyncIterator[Town]:
    """All services at work, on one bus."""
    async with founded(module_database, bus_address) as town:
        yield town
