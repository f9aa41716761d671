"""What a program is told on its way: the scope that is missing, and what is left of its quota."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from chassis.app import create_api
from chassis.auth import Caller, Role, allowed
from chassis.settings import Settings
from tests.chassis.web.conftest import Authority, caller_of
from tests.support.postgres import DatabaseMaker

QUOTA = 5
Reader = Annotated[Caller, allowed(Role.firm_admin, Role.partner, scope="companies:read")]
router = APIRouter(tags=["things"])


@router.get("/things")
async def list_things(caller: Reader) -> list[str]:
    """Who may, may."""
    return sorted(caller.scopes)


@router.get("/both", dependencies=[allowed(Role.partner, scope="catalog:read")])
async def list_both(caller: Reader) -> list[str]:
    """Who may both, may."""
    return sorted(caller.scopes)


@pytest.fixture(scope="module")
async def scoped(module_database: DatabaseMaker, authority: Authority) -> AsyncIterator[httpx.AsyncClient]:
    """A service that lets programs in, a few times a minute."""
    settings = Settings(
        service="chassis", database_url=module_database("chassis").app_url, program_quota=QUOTA
    )
    app: FastAPI = create_api(
        "chassis", settings, title="Test", routers=[router], keys=lambda _app: authority.jwks
    )
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://things") as client,
    ):
        yield client


def program(*scopes: str) -> Caller:
    """A partner's program with a token for these."""
    return replace(caller_of(Role.partner), scopes=frozenset(scopes))


async def test_the_scopes_of_a_token_are_its_callers(scoped: httpx.AsyncClient, authority: Authority) -> None:
    answer = await scoped.get("/v1/things", headers=authority.headers(program("companies:read", "b")))
    assert (answer.status_code, answer.json()) == (200, ["b", "companies:read"])


async def test_a_program_without_the_scope_is_told_which(
    scoped: httpx.AsyncClient, authority: Authority
) -> None:
    for scopes in ((), ("catalog:read",), ("companies",)):
        answer = await scoped.get("/v1/things", headers=authority.headers(program(*scopes)))
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:livret:problem:insufficient-scope")
        assert answer.headers["www-authenticate"] == (
            'Bearer error="insufficient_scope", scope="companies:read"'
        )


async def test_where_several_scopes_are_asked_for_each_is_needed(
    scoped: httpx.AsyncClient, authority: Authority
) -> None:
    both = ("catalog:read", "companies:read")
    for scopes, status in ((both[:1], 403), (both[1:], 403), (both, 200)):
        answer = await scoped.get("/v1/both", headers=authority.headers(program(*scopes)))
        assert answer.status_code == status


async def test_people_need_no_scope_and_have_no_quota(
    scoped: httpx.AsyncClient, authority: Authority
) -> None:
    headers = authority.headers(caller_of(Role.firm_admin))
    for _ in range(QUOTA + 2):
        answer = await scoped.get("/v1/things", headers=headers)
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers


async def test_a_program_is_told_what_is_left_and_when_to_come_back(
    scoped: httpx.AsyncClient, authority: Authority
) -> None:
    headers, lacking = [
        authority.headers(replace(one, scopes=scopes))
        for one in [program()]
        for scopes in (frozenset({"companies:read"}), frozenset[str]())
    ]
    answers = [await scoped.get("/v1/things", headers=headers) for _ in range(QUOTA - 1)]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=4", "r=3", "r=2", "r=1"]
    assert answers[0].headers["ratelimit-policy"] == f'"program";q={QUOTA};w=60'
    refused = await scoped.get("/v1/things", headers=lacking)
    assert (refused.status_code, refused.headers["ratelimit"].split(";")[1]) == (403, "r=0")
    spent = await scoped.get("/v1/things", headers=headers)
    assert (spent.status_code, spent.json()["type"]) == (429, "urn:livret:problem:quota-spent")
    assert 1 <= int(spent.headers["retry-after"]) <= 60
    assert spent.headers["ratelimit"].startswith('"program";r=0;t=')
    other = await scoped.get("/v1/things", headers=authority.headers(program("companies:read")))
    assert other.status_code == 200
