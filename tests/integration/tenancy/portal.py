"""A tenancy with its API on a database of its own, and the steps that its tests share."""

import itertools
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import text

from chassis.auth import Role
from chassis.clock import monotonic, set_clock, system_now
from chassis.db import Database, Scope
from chassis.edge import COOKIE
from chassis.hears import Context
from contracts.events import Event, decode
from services.tenancy import totp
from services.tenancy.api.sessions import DEVICE_COOKIE
from services.tenancy.app import create
from services.tenancy.commands.credentials import Giver, Instants, give_secret
from services.tenancy.commands.people import NewPerson, add_person
from services.tenancy.jobs import go_on_with_imports
from services.tenancy.model import PUBLISHER
from services.tenancy.passwords import Hasher
from services.tenancy.rules.establishments import is_siret
from services.tenancy.settings import TenancySettings
from tests.support.callers import once
from tests.support.postgres import ServiceDatabase

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
PASSWORD = "cheval pile agrafe correcte"
_NUMBERS = itertools.count(1)
_RENEWED_AFTER = 20.0
"""Seconds; a token of a session lives a minute."""


def new_siret() -> str:
    """A SIRET that checks and was not given yet."""
    number = f"{30000000 + next(_NUMBERS)}"
    wanted = (f"{number}{check}0001{last}" for check in range(10) for last in range(10))
    return next(siret for siret in wanted if is_siret(siret))


@dataclass
class Portal:
    """The API, the database, and who has entered."""

    app: FastAPI
    db: Database
    database: ServiceDatabase
    publisher: httpx.AsyncClient = field(init=False)
    authenticator: str = ""
    """The secret of the publisher's administrator's second factor."""
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def at(self) -> Instants:
        """Both clocks now."""
        return Instants(self.app.state.clock.business_now(), self.app.state.clock.system_now())

    def client(self, bearer: str | None = None, address: str = "198.51.100.7") -> httpx.AsyncClient:
        """A client, with a token or without."""
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(address, 40000)),
            base_url="http://tenancy",
            headers={"Authorization": f"Bearer {bearer}"} if bearer else {},
            timeout=60,
        )
        self.clients.append(made)
        return made

    async def log_in(
        self,
        portal: str,
        identifier: str,
        password: str,
        new: str | None = None,
        address: str = "198.51.100.7",
        code: str | None = None,
        device: str | None = None,
    ) -> httpx.Response:
        """Presents an identifier and a password at the door, and what one may have besides."""
        sent = {"portal": portal, "identifier": identifier, "password": password}
        more = {"new_password": new, "code": code}
        return await self.client(address=address).post(
            "/v1/sessions",
            json=sent | {name: value for name, value in more.items() if value},
            headers={"Cookie": f"{DEVICE_COOKIE}={device}"} if device else {},
        )

    async def fresh_code(self, secret: str) -> str:
        """A code of now that was not taken: what was taken lately is forgotten."""
        async with self.db.transaction(Scope.portal()) as tx:
            await tx.execute(text("UPDATE second_factor SET last_step = 0"))
        return totp.code_at(secret, totp.step_at(system_now()))

    async def enter_publisher(self) -> httpx.AsyncClient:
        """A client of the publisher's administrator, who has logged in."""
        code = await self.fresh_code(self.authenticator)
        answer = await self.log_in("publisher", "admin", PASSWORD, code=code)
        assert answer.status_code == 201, answer.text
        return await self.inside(session_of(answer))

    async def enrol(
        self, portal: str, identifier: str, password: str, new: str | None = None
    ) -> tuple[str, httpx.Response]:
        """Begins and confirms a second factor; its secret and the answer to the confirmation."""
        sent = {"portal": portal, "identifier": identifier, "password": password}
        path = "/v1/sessions/second-factor"
        begun = await self.client().post(
            f"{path}/enrolment", json=sent | ({"new_password": new} if new else {})
        )
        assert begun.status_code == 201, begun.text
        secret: str = begun.json()["secret"]
        code = totp.code_at(secret, totp.step_at(system_now()))
        confirmed = await self.client().post(
            f"{path}/confirmation", json=sent | {"password": new or password, "code": code}
        )
        return secret, confirmed

    async def exchange(self, session: str) -> httpx.Response:
        """A session's token for a bearer token."""
        return await self.client().post("/v1/sessions/exchange", headers={"Cookie": f"{COOKIE}={session}"})

    async def inside(self, session: str) -> httpx.AsyncClient:
        """A client of whoever has this session, with a new token in time for as long as the session lasts."""
        exchanged = await self.exchange(session)
        assert exchanged.status_code == 200, exchanged.text
        client = self.client(exchanged.json()["access_token"])
        client.auth = _Session(self, session, client.headers["Authorization"])
        return client

    async def enter(
        self, portal: str, identifier: str, secret: str, new: str | None = PASSWORD
    ) -> httpx.AsyncClient:
        """A client of somebody who has logged in, replacing a one-time secret."""
        answer = await self.log_in(portal, identifier, secret, new)
        assert answer.status_code == 201, answer.text
        return await self.inside(session_of(answer))

    async def new_firm(self, **changes: Any) -> "Firm":
        """A firm with an administrator who has entered."""
        slug = f"cabinet-{next(_NUMBERS)}"
        registered = await self.publisher.post("/v1/customers", json=customer(slug) | changes, headers=once())
        assert registered.status_code == 201, registered.text
        customer_id = registered.json()["customer_id"]
        person = await self.publisher.post(
            f"/v1/customers/{customer_id}/people",
            json={"name": "Claire Moreau", "role": "firm_admin"},
            headers=once(),
        )
        assert person.status_code == 201, person.text
        given = await self.publisher.post(
            f"/v1/customers/{customer_id}/people/{person.json()['person_id']}/credentials",
            json={"identifier": "Claire"},
        )
        assert given.status_code == 201, given.text
        admin = await self.enter(slug, "claire", given.json()["secret"])
        return Firm(self, UUID(customer_id), slug, admin)

    async def said(self, customer: UUID | None = None) -> list[Event]:
        """Every event of the outbox, or of one customer, in order."""
        async with self.db.transaction(Scope.machine()) as tx:
            rows = await tx.fetch_all(text("SELECT type, data FROM outbox ORDER BY id"))
        events = [decode(row.type, row.data.encode()) for row in rows]
        return [event for event in events if customer in (None, getattr(event, "customer_id", None))]

    async def work(self) -> None:
        """Lets the workers go on with imports."""
        context = Context("tenancy", self.app.state.clock, self.app.state.settings)
        async with self.db.transaction(Scope.portal()) as tx:
            await go_on_with_imports(tx, NOW, context)


@dataclass
class _Session(httpx.Auth):
    """A session in use: what the edge brings for a browser, however long a module's tests take."""

    portal: Portal
    session: str
    bearer: str
    renewed_at: float = field(default_factory=monotonic)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if monotonic() - self.renewed_at > _RENEWED_AFTER:
            exchanged = await self.portal.exchange(self.session)
            if exchanged.status_code == 200:
                self.bearer = f"Bearer {exchanged.json()['access_token']}"
                self.renewed_at = monotonic()
        request.headers["Authorization"] = self.bearer
        yield request


@dataclass
class Firm:
    """A customer and its administrator."""

    portal: Portal
    customer_id: UUID
    slug: str
    admin: httpx.AsyncClient

    async def new_company(self, **changes: Any) -> str:
        """Registers a company; gives its id."""
        answer = await self.admin.post("/v1/companies", json=company(**changes), headers=once())
        assert answer.status_code == 201, answer.text
        company_id: str = answer.json()["company_id"]
        return company_id

    async def new_person(self, role: str, company_id: str | None = None) -> httpx.AsyncClient:
        """Somebody of the firm or of a company, who has entered."""
        identifier = f"someone-{next(_NUMBERS)}"
        sent = {"name": "Someone", "role": role, "company_id": company_id}
        person = await self.admin.post("/v1/people", json=sent, headers=once())
        assert person.status_code == 201, person.text
        given = await self.admin.post(
            f"/v1/people/{person.json()['person_id']}/credentials", json={"identifier": identifier}
        )
        assert given.status_code == 201, given.text
        return await self.portal.enter(self.slug, identifier, given.json()["secret"])

    async def said(self) -> list[Event]:
        """What tenancy said of this customer."""
        return await self.portal.said(self.customer_id)


def customer(slug: str, **changes: Any) -> dict[str, Any]:
    """A registration."""
    return {
        "kind": "accounting_firm",
        "name": "Cabinet Moreau",
        "siret": new_siret(),
        "address": {"street": "1 rue Haute", "postcode": "57000", "city": "Metz"},
        "portal": slug,
        "support_plan": "open",
        "contract_starts_on": date(2026, 1, 31).isoformat(),
        "term_months": 12,
        "professional_use": True,
    } | changes


def company(**changes: Any) -> dict[str, Any]:
    """An establishment."""
    return {
        "siret": new_siret(),
        "name": "Boulangerie Martin",
        "postcode": "57000",
        "city": "Metz",
    } | changes


def session_of(answer: httpx.Response) -> str:
    """The session's token, from the cookie that was set."""
    value = answer.headers["set-cookie"].split(";")[0]
    name, _, token = value.partition("=")
    assert name == COOKIE
    return str(token)


def slug_of(answer: httpx.Response) -> str:
    """Which refusal an answer is."""
    problem: str = answer.json()["type"]
    return problem.removeprefix("urn:livret:problem:")


@asynccontextmanager
async def opened(database: ServiceDatabase) -> AsyncIterator[Portal]:
    """A tenancy on this database; Argon2id is made cheap, since many people enter here."""
    app = create(TenancySettings(database_url=database.app_url, origin="http://portal.example"))
    async with app.router.lifespan_context(app):
        db = app.state.db
        await set_clock(db, NOW)
        await app.state.clock.refresh(db)
        app.state.hasher = Hasher(4, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        portal = Portal(app, db, database)
        portal.publisher = await _publisher(portal)
        yield portal
        for client in portal.clients:
            await client.aclose()


async def _publisher(portal: Portal) -> httpx.AsyncClient:
    at = portal.at()
    async with portal.db.transaction(Scope.portal()) as tx:
        admin = NewPerson("Administrator", Role.publisher_admin)
        person_id = await add_person(tx, PUBLISHER, admin, Role.publisher_admin, at.business)
        giver = Giver(Role.publisher_admin)
        given = await give_secret(tx, PUBLISHER, person_id, "admin", giver, at)
    portal.authenticator, confirmed = await portal.enrol("publisher", "admin", given.secret, PASSWORD)
    assert confirmed.status_code == 201, confirmed.text
    return await portal.inside(session_of(confirmed))
