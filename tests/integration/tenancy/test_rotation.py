"""Keys that sign tokens are replaced without a token being refused that was good."""

import jwt
from sqlalchemy import text

from chassis.clock import system_now
from chassis.db import Scope
from services.tenancy.tokens import Keys, rotate_key
from tests.integration.tenancy.letting_in import Program, let_in
from tests.integration.tenancy.portal import Portal


async def test_tokens_outlive_the_rotation_of_keys_until_the_old_one_is_retired(portal: Portal) -> None:
    """The new key is shown before it signs; what the old one signed is good as long as it is shown."""
    program = await let_in(await portal.new_firm())
    secret = (await program.give("first"))["client_secret"]
    first = await bearer_of(program, secret)
    new = await rotate_key(portal.db, portal.app.state.sealer)
    await look_again(portal)
    assert await answered(portal, first) == 200, "shown beside the new one, which does not sign yet"
    await sign_with(portal, new)
    second = await bearer_of(program, secret)
    assert kid_of(second) == new != kid_of(first)
    assert [await answered(portal, each) for each in (first, second)] == [200, 200]
    await retire(portal, kid_of(first))
    assert [await answered(portal, each) for each in (first, second)] == [401, 200]


async def bearer_of(program: Program, secret: str) -> str:
    """A new token."""
    token: str = (await program.with_secret(secret)).json()["access_token"]
    return token


def kid_of(bearer: str) -> str:
    """Which key signed a token."""
    kid: str = jwt.get_unverified_header(bearer)["kid"]
    return kid


async def answered(portal: Portal, bearer: str) -> int:
    """How a request with this token is answered."""
    return (await portal.client(bearer).get("/v1/companies")).status_code


async def look_again(portal: Portal) -> None:
    """The service reads its keys, and the verifier the service's: what a few seconds bring about."""
    portal.app.state.keys = Keys(portal.db, portal.app.state.sealer)
    await portal.app.state.auth.ring.refresh(0)


async def sign_with(portal: Portal, kid: str) -> None:
    """Ten minutes later: the new key signs."""
    async with portal.db.transaction(Scope.machine()) as tx:
        statement = text("UPDATE signing_key SET signs_from = :at WHERE kid = :kid")
        await tx.execute(statement, {"at": system_now(), "kid": kid})
    await look_again(portal)


async def retire(portal: Portal, kid: str) -> None:
    """Half an hour after that: the old key is no longer shown."""
    async with portal.db.transaction(Scope.machine()) as tx:
        statement = text("UPDATE signing_key SET retired_at = :at WHERE kid = :kid")
        await tx.execute(statement, {"at": system_now(), "kid": kid})
    await look_again(portal)
