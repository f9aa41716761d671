"""Programs for the tests: let in by a firm, with keys, and how they ask for a token."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from sqlalchemy import text

from chassis.clock import system_now
from chassis.db import Scope
from chassis.documents import TOKEN_PATH
from services.tenancy.schemas.token_requests import ASSERTION_TYPE
from tests.integration.tenancy.portal import Firm, Portal
from tests.support.callers import once

ISSUER = "http://portal.example"
ENDPOINT = f"{ISSUER}{TOKEN_PATH}"
SCOPES = ["activations:read", "catalog:read", "companies:read"]
PRIVATE = generate_private_key(SECP256R1())
INVALID_CLIENT = (401, "invalid_client")


def public_jwk(private: Any = PRIVATE, **more: str) -> dict[str, str]:
    """The public half of a key, as a program sends it."""
    return {**jwt.algorithms.ECAlgorithm.to_jwk(private.public_key(), as_dict=True), **more}


@dataclass
class Program:
    """A program of a firm."""

    firm: Firm
    client_id: str

    @property
    def portal(self) -> Portal:
        return self.firm.portal

    @property
    def path(self) -> str:
        """Where its firm finds it."""
        return f"/v1/programs/{self.client_id}"

    async def give(self, name: str, **asked: Any) -> dict[str, Any]:
        """Another key; the answer, which holds the secret."""
        answer = await self.firm.admin.post(f"{self.path}/keys", json={"name": name} | asked)
        assert answer.status_code == 201, answer.text
        given: dict[str, Any] = answer.json()
        return given

    async def ask(self, **form: str) -> httpx.Response:
        """Asks for a token with this form."""
        return await token_of(self.portal, **form)

    async def with_secret(self, secret: str, **form: str) -> httpx.Response:
        """Asks for a token by a secret in the form."""
        return await self.ask(client_id=self.client_id, client_secret=secret, **form)

    async def with_assertion(self, assertion: str, **form: str) -> httpx.Response:
        """Asks for a token by an assertion."""
        return await self.ask(client_assertion_type=ASSERTION_TYPE, client_assertion=assertion, **form)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a good assertion says, but for these; None leaves one out."""
        now = int(system_now().timestamp())
        good = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ENDPOINT,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid4()),
        }
        return {name: value for name, value in (good | changes).items() if value is not None}

    def assertion(self, key: Any = PRIVATE, algorithm: str = "ES256", **changes: Any) -> str:
        """A signed assertion."""
        return jwt.encode(self.claims(**changes), key, algorithm=algorithm)

    async def disable_key(self, credential_id: str) -> httpx.Response:
        """Its firm disables one of its keys."""
        path = f"{self.path}/keys/{credential_id}/disablement"
        return await self.firm.admin.post(path, json={"reason": "It leaked."})

    async def key_shown(self, credential_id: str) -> dict[str, Any]:
        """One of its keys, as its firm sees it."""
        shown = (await self.firm.admin.get(self.path)).json()
        return next(key for key in shown["keys"] if key["credential_id"] == credential_id)


async def token_of(portal: Portal, **form: str) -> httpx.Response:
    """The answer to a token request."""
    return await portal.client().post(TOKEN_PATH, data={"grant_type": "client_credentials"} | form)


async def let_in(firm: Firm, *scopes: str) -> Program:
    """A new program of the firm."""
    sent = {"name": "Bookkeeping", "scopes": list(scopes or SCOPES)}
    answer = await firm.admin.post("/v1/programs", json=sent, headers=once())
    assert answer.status_code == 201, answer.text
    return Program(firm, answer.json()["program_id"])


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and error word of a refused token request; what RFC 6749 asks of such an answer holds."""
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.status_code == 401) is ("www-authenticate" in answer.headers)
    return answer.status_code, answer.json()["error"]


async def expire(portal: Portal, credential_id: str, ago: timedelta = timedelta(seconds=1)) -> None:
    """Lets a key's time be over."""
    async with portal.db.transaction(Scope.portal()) as tx:
        await tx.execute(
            text("UPDATE program_key SET expires_at = :at WHERE credential_id = :id"),
            {"at": system_now() - ago, "id": credential_id},
        )
