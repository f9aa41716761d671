"""Who may call what: declared on each route, read back from it, and refused before anything else runs."""

import asyncio
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import text

from chassis.app import create_api
from chassis.auth import (
    Anyone,
    Caller,
    Public,
    Role,
    UndeclaredPermission,
    allowed,
    credential_disabled,
    revoke,
)
from chassis.auth.revocation import REFRESH_SECONDS
from chassis.clock import system_now
from chassis.db import Database, Scope
from chassis.operations import AmbiguousOperation, operations_of
from chassis.scopes import SCOPES
from chassis.settings import Settings
from contracts.envelope import Envelope
from contracts.events import encode
from contracts.events.tenancy import CredentialDisabled
from services.roster import load_all
from tests.chassis.web.conftest import Authority, caller_of


def _api(*routers: APIRouter) -> FastAPI:
    return create_api("chassis", Settings(), title="Test", routers=routers)


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_that_is_not_named_is_refused(
    client: httpx.AsyncClient, authority: Authority, role: Role
) -> None:
    answer = await client.get("/v1/whoami", headers=authority.headers(caller_of(role)))
    named = role in {Role.firm_admin, Role.firm_collaborator, Role.publisher_admin}
    assert answer.status_code == (200 if named else 403)
    if not named:
        assert answer.json()["type"] == "urn:livret:problem:not-allowed"


@pytest.mark.parametrize("authorization", [None, "", "Basic Zm9vOmJhcg==", "Bearer", "Bearer x.y.z"])
async def test_without_a_valid_token_nothing_opens(
    client: httpx.AsyncClient, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = await client.get("/v1/whoami", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_the_role_is_refused_before_the_key_and_the_body_are_looked_at(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    headers = authority.headers(caller_of(Role.company_user))
    answer = await client.post("/v1/notes", json={"wrong": 1}, headers=headers)
    assert answer.status_code == 403


def test_every_operation_can_be_listed_with_its_roles(app: FastAPI) -> None:
    roles = {(each.method, each.path): each.roles for each in operations_of(app)}
    assert roles["POST", "/v1/notes"] == frozenset({Role.firm_admin})
    assert roles["GET", "/v1/whoami"] == frozenset(
        {Role.firm_admin, Role.firm_collaborator, Role.publisher_admin}
    )
    assert roles["POST", "/v1/visits"] is None


def test_a_route_that_declares_nothing_stops_the_start() -> None:
    router = APIRouter()

    @router.get("/open")
    async def forgotten() -> None: ...

    with pytest.raises(UndeclaredPermission, match="forgotten"):
        _api(router)


def test_a_route_cannot_be_public_and_not() -> None:
    router = APIRouter()

    @router.get("/both", dependencies=[Public])
    async def both(caller: Anyone) -> None: ...

    with pytest.raises(UndeclaredPermission, match="both"):
        _api(router)


def test_of_several_permissions_the_roles_common_to_all_hold() -> None:
    router = APIRouter(dependencies=[allowed(Role.firm_admin, Role.billing)])

    @router.get("/narrow")
    async def narrow(caller: Annotated[Caller, allowed(Role.firm_admin, Role.partner)]) -> None: ...

    assert operations_of(_api(router))[0].roles == frozenset({Role.firm_admin})


def test_permissions_that_exclude_each_other_stop_the_start() -> None:
    router = APIRouter(dependencies=[allowed(Role.billing)])

    @router.get("/none")
    async def none(caller: Annotated[Caller, allowed(Role.partner)]) -> None: ...

    with pytest.raises(UndeclaredPermission):
        _api(router)


@pytest.mark.parametrize("role", [Role.partner, Role.machine])
def test_a_route_that_lets_programs_in_without_a_scope_stops_the_start(role: Role) -> None:
    router = APIRouter()

    @router.get("/programs")
    async def unscoped(caller: Annotated[Caller, allowed(Role.firm_admin, role)]) -> None: ...

    with pytest.raises(UndeclaredPermission, match=f"unscoped: lets in a {role} without a scope"):
        _api(router)


@pytest.mark.parametrize("scope", ["companies:reed", "customers:read"])
def test_a_scope_that_no_such_program_can_hold_stops_the_start(scope: str) -> None:
    router = APIRouter()

    @router.get("/programs")
    async def closed(caller: Annotated[Caller, allowed(Role.partner, scope=scope)]) -> None: ...

    with pytest.raises(UndeclaredPermission, match=f"closed: no partner can hold {scope}"):
        _api(router)


def test_a_scope_where_no_program_is_let_in_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="only programs have scopes"):
        allowed(Role.firm_admin, scope="companies:read")


def test_every_scope_opens_something_and_every_operation_of_programs_has_one() -> None:
    apps = [each.create_api(each.settings_class(service=each.name)) for each in load_all()]
    scoped = {scope for app in apps for each in operations_of(app) for scope in each.scopes}
    assert scoped == set(SCOPES)


def test_two_operations_of_one_name_stop_the_start() -> None:
    routers = []
    for path in ("/one", "/two"):
        router = APIRouter()

        async def same(caller: Anyone) -> None: ...

        router.get(path)(same)
        routers.append(router)
    with pytest.raises(AmbiguousOperation, match="same"):
        _api(*routers)


async def _still_enters(client: httpx.AsyncClient, authority: Authority, caller: Caller) -> bool:
    return (await client.get("/v1/whoami", headers=authority.headers(caller))).status_code == 200


async def test_a_disabled_credential_is_heard_and_refused(
    app: FastAPI, client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    caller, other = caller_of(), caller_of()
    assert await _still_enters(client, authority, caller)
    event = CredentialDisabled(
        customer_id=caller.customer_id,
        company_id=None,
        credential_id=caller.credential_id,
        disabled_at=system_now(),
        reason="left the firm",
    )
    envelope = Envelope(
        caller.credential_id,
        event.WIRE,
        "/livret/tenancy",
        event.key(),
        system_now(),
        None,
        None,
        encode(event),
    )
    async with db.transaction(Scope.customer(caller.customer_id or caller.person_id)) as tx:
        await credential_disabled(tx, event, envelope, None)
        await credential_disabled(tx, event, envelope, None)
    await app.state.revocations.refresh(db)
    assert not await _still_enters(client, authority, caller)
    assert await _still_enters(client, authority, other)


async def test_the_running_service_follows_by_itself_each_second(
    client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    caller = caller_of()
    assert await _still_enters(client, authority, caller)
    async with db.transaction(Scope.machine()) as tx:
        await revoke(tx, [caller.credential_id], system_now())
    assert REFRESH_SECONDS == 1
    async with asyncio.timeout(30):
        while await _still_enters(client, authority, caller):
            await asyncio.sleep(0.05)


async def test_what_commits_late_is_seen_by_the_next_whole_look(
    app: FastAPI, client: httpx.AsyncClient, authority: Authority, db: Database
) -> None:
    caller = caller_of()
    await app.state.revocations.refresh(db)
    async with db.transaction(Scope.machine()) as tx:
        await revoke(tx, [caller.credential_id], system_now())
        await tx.execute(
            text("UPDATE revoked SET recorded_at = recorded_at - interval '1 hour' WHERE credential_id = :c"),
            {"c": caller.credential_id},
        )
    app.state.revocations._whole_at = float("-inf")
    await app.state.revocations.refresh(db)
    assert not await _still_enters(client, authority, caller)
