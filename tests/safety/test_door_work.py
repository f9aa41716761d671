"""A refused login works as much for an account that is not as for one that is: its time tells nothing.

Counted here; measured by `python -m tests.bench.secrecy`.
"""

from collections.abc import AsyncIterator

import pytest

from services.tenancy.passwords import Hasher
from tests.integration.tenancy.portal import PASSWORD, Firm, Portal, opened, slug_of
from tests.support.postgres import DatabaseMaker

pytestmark = pytest.mark.xdist_group("safety")


class Counting(Hasher):
    """Counts the Argon2id computations, of which it works none."""

    worked = 0

    def _verified(self, kept: str, presented: str) -> bool:
        self.worked += 1
        return False


@pytest.fixture(scope="module")
async def portal(module_database: DatabaseMaker) -> AsyncIterator[Portal]:
    async with opened(module_database("tenancy")) as portal:
        yield portal


@pytest.fixture(scope="module")
async def firm(portal: Portal) -> Firm:
    return await portal.new_firm()


@pytest.mark.parametrize(
    ("slug", "identifier"),
    [
        (None, "claire"),
        (None, "nobody"),
        ("no-such-portal", "claire"),
        (None, "a b"),
        ("é", "\u2028"),
        ("x", "x"),
    ],
)
async def test_each_refused_login_works_one_argon2id(
    slug: str | None, identifier: str, portal: Portal, firm: Firm
) -> None:
    counting, working = Counting(1), portal.app.state.hasher
    portal.app.state.hasher = counting
    try:
        answer = await portal.log_in(slug or firm.slug, identifier, PASSWORD + " and more")
    finally:
        portal.app.state.hasher = working
    assert (answer.status_code, slug_of(answer)) == (401, "credentials-refused")
    assert counting.worked == 1
