"""One availability service for the tests of a module."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.availability.portal import Portal, opened
from tests.integration.availability.sky import Sky, clouded
from tests.integration.availability.watched import Watched
from tests.integration.availability.watched import opened as opened_to_watch
from tests.support.postgres import DatabaseMaker


@pytest.fixture(scope="module")
async def portal(module_database: DatabaseMaker) -> AsyncIterator[Portal]:
    """Availability with its API, on a database of its own."""
    async with opened(module_database("availability")) as portal:
        yield portal


@pytest.fixture(scope="module")
async def watched(module_database: DatabaseMaker) -> AsyncIterator[Watched]:
    """The same with a key that seals, for places and targets."""
    async with opened_to_watch(module_database("availability")) as watched:
        yield watched


@pytest.fixture
async def sky(database: DatabaseMaker, tmp_path: Path) -> AsyncIterator[Sky]:
    """A portal of its own, whose weather goes to a directory of its own."""
    async with clouded(database("availability"), (tmp_path / "weather").as_uri()) as sky:
        yield sky
