"""A partner's program is let in by its firm and calls other services; disabled, it is out there too.

Here every service verifies with tenancy's own keys, as in life: tokens come from the token endpoint.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from chassis.auth import JWKS_PATH, Role, TokenVerifier, keys_at
from chassis.clock import monotonic
from chassis.documents import TOKEN_PATH
from tests.e2e import town as steps
from tests.e2e.town import Town, answered
from tests.support.callers import once

_NUMBERS = itertools.count(1)
PATIENCE_SECONDS = 60.0
"""A second or two on a machine that has nothing else to do."""


@dataclass
class Program:
    """A program with a key, and where its token opens something: the catalogue and metering."""

    customer: str
    client_id: str
    credential_id: str
    token: str
    catalog: httpx.AsyncClient
    metering: httpx.AsyncClient


@pytest.fixture
async def program(town: Town) -> AsyncIterator[Program]:
    """A firm's program, let in through the doors, with a token."""
    apps = {name: resident.api.app for name, resident in town.residents.items()}
    transport = httpx.ASGITransport(apps["tenancy"])
    before = {name: apps[name].state.auth for name in ("catalog", "metering")}
    for name in before:
        source = keys_at(f"http://tenancy{JWKS_PATH}", transport)
        apps[name].state.auth = TokenVerifier(source, apps[name].state.revocations)
    made = await _let_in(town, transport)
    clients = [_client(apps[name], made["token"]) for name in ("catalog", "metering")]
    yield Program(**made, catalog=clients[0], metering=clients[1])
    for client in clients:
        await client.aclose()
    for name, verifier in before.items():
        apps[name].state.auth = verifier


def _client(app: FastAPI, token: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service", headers=headers)


async def _let_in(town: Town, transport: httpx.ASGITransport) -> dict[str, str]:
    customer = await steps.register_firm(town, portal=f"cabinet-{next(_NUMBERS)}")
    await town.drain()
    firm = town.of("tenancy", Role.firm_admin, customer)
    sent = {"name": "Bookkeeping", "scopes": ["catalog:read", "metering:read"]}
    made = await answered(firm.post("/v1/programs", json=sent, headers=once()), 201)
    client_id = made["program_id"]
    given = await answered(firm.post(f"/v1/programs/{client_id}/keys", json={"name": "first"}), 201)
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": given["client_secret"],
    }
    async with httpx.AsyncClient(transport=transport, base_url="http://tenancy") as client:
        token = await answered(client.post(TOKEN_PATH, data=form), 200)
    return {
        "customer": str(customer),
        "client_id": client_id,
        "credential_id": given["credential_id"],
        "token": token["access_token"],
    }


async def _disable(town: Town, program: Program) -> None:
    path = f"/v1/programs/{program.client_id}/keys/{program.credential_id}/disablement"
    firm = town.of("tenancy", Role.firm_admin, UUID(program.customer))
    assert (await firm.post(path, json={"reason": "It leaked."})).status_code == 204


async def _until_refused(client: httpx.AsyncClient, path: str) -> httpx.Response:
    until = monotonic() + PATIENCE_SECONDS
    while (answer := await client.get(path)).status_code == 200:
        assert monotonic() < until, f"still let in after {PATIENCE_SECONDS} s"
        await asyncio.sleep(0.02)
    return answer


async def test_a_program_calls_the_services_that_its_scopes_open(program: Program) -> None:
    assert (await program.catalog.get("/v1/catalogue")).status_code == 200
    assert (await program.metering.get("/v1/months/2026-03/base")).status_code == 200
    refused = await program.catalog.get("/v1/activations")
    assert refused.status_code == 403
    assert 'scope="activations:read"' in refused.headers["www-authenticate"]


async def test_a_disabled_key_is_refused_everywhere_within_seconds(town: Town, program: Program) -> None:
    assert (await program.catalog.get("/v1/catalogue")).status_code == 200
    async with town.working():
        await _disable(town, program)
        catalog = await _until_refused(program.catalog, "/v1/catalogue")
        metering = await _until_refused(program.metering, "/v1/months/2026-03/base")
    for answer in (catalog, metering):
        assert answer.status_code == 401
        assert answer.json()["type"] == "urn:livret:problem:token-refused"
        assert answer.json()["detail"] == "Its credential was disabled."
