"""Callers of each role for a service's API run in the test process: tokens of a key that only tests hold.

async with serving(create(settings)) as api:
    firm = api.caller(Role.firm_admin, customer_id=customer)
    answer = await firm.get("/v1/activations")
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from fastapi import FastAPI

from chassis.auth import Caller, Role, SigningKey, TokenVerifier, claims_of, sign
from chassis.clock import system_now
from chassis.scopes import scopes_of

KEY = SigningKey("tests", generate_private_key(SECP256R1()))


async def _keys() -> Mapping[str, Any]:
    return {"keys": [KEY.public_jwk()]}


def token_of(caller: Caller) -> str:
    """A bearer token for this caller, good for an hour."""
    return sign(claims_of(caller, system_now(), timedelta(hours=1)), KEY)


@dataclass
class Api:
    """A running API and the clients made for it."""

    app: FastAPI
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def caller(
        self, role: Role, *, customer_id: UUID | None = None, company_id: UUID | None = None
    ) -> httpx.AsyncClient:
        """A client with the token of a new person of this role; of a new program with all its scopes."""
        caller = Caller(uuid4(), uuid4(), role, customer_id, company_id, scopes=scopes_of(role))
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://service",
            headers={"Authorization": f"Bearer {token_of(caller)}"},
            timeout=60,
        )
        self.clients.append(client)
        return client


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[Api]:
    """Starts the app as a server would, accepting the tokens made here."""
    app.state.auth = TokenVerifier(_keys, app.state.revocations)
    api = Api(app)
    async with app.router.lifespan_context(app):
        try:
            yield api
        finally:
            await asyncio.gather(*(client.aclose() for client in api.clients))


def once() -> dict[str, str]:
    """The header that a creating POST needs, with a key of its own."""
    return {"Idempotency-Key": str(uuid4())}
