"""One tenancy for the tests of a module."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.tenancy.contracts import TODAY, Registry, keeping
from tests.integration.tenancy.letting_in import Program, let_in, public_jwk
from tests.integration.tenancy.portal import Portal, opened
from tests.support.postgres import DatabaseMaker


@pytest.fixture(scope="module")
async def portal(module_database: DatabaseMaker) -> AsyncIterator[Portal]:
    """A tenancy with its API, on a database of its own."""
    async with opened(module_database("tenancy")) as portal:
        yield portal


@pytest.fixture(scope="module")
async def program(portal: Portal) -> Program:
    """A program with a registered public key."""
    program = await let_in(await portal.new_firm())
    await program.give("signing", public_key=public_jwk(kid="mine"))
    return program


@pytest.fixture(scope="module")
async def kept_registry(module_database: DatabaseMaker) -> AsyncIterator[Registry]:
    """A tenancy whose contracts can be lived through."""
    async with keeping(module_database("tenancy")) as registry:
        yield registry


@pytest.fixture
async def registry(kept_registry: Registry) -> Registry:
    """It is 10 March 2026 again; contracts that other tests made have had their turn."""
    await kept_registry.live_on(TODAY)
    return kept_registry
