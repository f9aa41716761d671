"""The notes service, started on a database of its own, and callers of it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from fastapi import FastAPI

from chassis.auth import Caller, Role, SigningKey, claims_of, sign
from chassis.clock import system_now
from chassis.db import Database
from chassis.settings import Settings
from tests.chassis.web.notes import create_notes, make_tables
from tests.support.postgres import DatabaseMaker, ServiceDatabase


def new_key(kid: str) -> SigningKey:
    """A signing key."""
    return SigningKey(kid, generate_private_key(SECP256R1()))


@dataclass(slots=True)
class Authority:
    """What tenancy is in life: a key, and tokens signed with it."""

    key: SigningKey

    async def jwks(self) -> Mapping[str, Any]:
        """The public keys."""
        return {"keys": [self.key.public_jwk()]}

    def headers(self, caller: Caller, lifetime: timedelta = timedelta(hours=1)) -> dict[str, str]:
        """The header of a fresh token."""
        return {"Authorization": f"Bearer {sign(claims_of(caller, system_now(), lifetime), self.key)}"}


def caller_of(role: Role = Role.firm_admin, customer_id: UUID | None = None) -> Caller:
    """Somebody of this role; of a customer of their own when none is named."""
    is_staff = role in {Role.publisher_admin, Role.support_agent, Role.operations, Role.billing}
    return Caller(uuid4(), uuid4(), role, None if is_staff else customer_id or uuid4())


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(new_key("first"))


@pytest.fixture(scope="module")
def made(module_database: DatabaseMaker) -> ServiceDatabase:
    """The service's database and how each role reaches it."""
    return module_database("chassis")


@pytest.fixture(scope="module")
async def app(made: ServiceDatabase, authority: Authority) -> AsyncIterator[FastAPI]:
    """The service, running."""
    await make_tables(made.owner_url)
    app = create_notes(Settings(service="chassis", database_url=made.app_url), authority.jwks)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="module")
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a token."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://notes") as client:
        yield client


@pytest.fixture(scope="module")
def db(app: FastAPI) -> Database:
    """The service's database."""
    db: Database = app.state.db
    return db
