"""Availability with customers and services, as its tests need it: told by events, asked over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from chassis.auth import Role
from chassis.clock import Clock, set_clock
from chassis.db import Database, Scope
from chassis.hears import Batch, Context
from chassis.settings import Settings
from contracts.events import Event, decode
from contracts.events.catalog import ServiceActivated, ServicePublished
from contracts.events.tenancy import CustomerRegistered
from services.availability.app import SERVICE, create
from tests.support.callers import Api, once, serving
from tests.support.postgres import ServiceDatabase

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
"""A Tuesday, ten in the morning in Paris: inside the reference period."""
STARTED_ON = date(2026, 1, 1)


@dataclass
class Portal:
    """Availability's API and database, with the steps that tests share."""

    api: Api
    db: Database
    clients: dict[tuple[Role, UUID | None, UUID | None], httpx.AsyncClient] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """The business time of this service."""
        clock: Clock = self.api.app.state.clock
        return clock

    async def set_time(self, at: datetime) -> None:
        """Every process of this service lives at that instant from now on."""
        await set_clock(self.db, at)
        await self.clock.refresh(self.db)

    def of(self, role: Role, customer: UUID | None = None, company: UUID | None = None) -> httpx.AsyncClient:
        """The one client of this role, customer and company."""
        place = (role, customer, company)
        if place not in self.clients:
            self.clients[place] = self.api.caller(role, customer_id=customer, company_id=company)
        return self.clients[place]

    @property
    def operations(self) -> httpx.AsyncClient:
        """The publisher's operations."""
        return self.of(Role.operations)

    def firm(self, customer: UUID) -> httpx.AsyncClient:
        """That customer's administrator."""
        return self.of(Role.firm_admin, customer)

    async def hear(self, *events: Event) -> None:
        """Hands events to the service's own handlers, as its inbox would."""
        context = Context("availability", self.clock, Settings())
        for event in events:
            handler = SERVICE.hears[type(event)]
            async with self.db.transaction(Scope.portal()) as tx:
                if isinstance(handler, Batch):
                    await handler.fn(tx, [(event, None)], context)
                else:
                    await handler(tx, event, None, context)

    async def new_customer(self, starts_on: date = STARTED_ON) -> UUID:
        """A customer whose contract starts that day."""
        customer = uuid4()
        await self.hear(registered(customer, starts_on))
        return customer

    async def new_offering(self) -> str:
        """A service of the catalogue; returns its code."""
        code = f"offering-{uuid4().hex[:12]}"
        await self.hear(published(code))
        return code

    async def subscribe(self, customer: UUID, code: str, at: datetime = NOW - timedelta(days=30)) -> UUID:
        """The customer has a service in use since that instant; returns the activation."""
        activation = uuid4()
        await self.hear(
            ServiceActivated(
                customer_id=customer,
                company_id=None,
                offering_code=code,
                activation_id=activation,
                activated_at=at,
                collaborative=False,
            )
        )
        return activation

    async def open_outage(self, **changes: Any) -> dict[str, Any]:
        """Operations put an outage of the portal on record, that began an hour ago and goes on."""
        answer = await self.operations.post("/v1/record/outages", json=outage(**changes), headers=once())
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def said(self, subject: object) -> list[Event]:
        """Every event of the outbox about this subject, in order."""
        asked = text("SELECT type, data FROM outbox WHERE subject = :subject ORDER BY id")
        async with self.db.transaction(Scope.machine()) as tx:
            rows = await tx.fetch_all(asked, {"subject": str(subject)})
        return [decode(row.type, row.data.encode()) for row in rows]


def outage(**changes: Any) -> dict[str, Any]:
    """An outage as operations send it: since an hour, for all."""
    starts_at = (NOW - timedelta(hours=1)).isoformat()
    sent = {"title": "Login fails", "starts_at": starts_at, "known_from": "Calls to support since ten."}
    return sent | changes


def registered(customer: UUID, starts_on: date = STARTED_ON) -> CustomerRegistered:
    """A customer has a contract."""
    return CustomerRegistered.model_validate(
        {
            "customer_id": customer,
            "name": "Cabinet Durand",
            "kind": "accounting_firm",
            "support_plan": "open",
            "registered_at": datetime(2026, 1, 1, 9, 0, tzinfo=UTC),
            "contract_starts_on": starts_on,
            "term_months": 12,
        }
    )


def published(code: str, name: str = "Devis Factures") -> ServicePublished:
    """The catalogue has a service."""
    return ServicePublished(
        offering_code=code,
        name=name,
        collaborative=False,
        confirmation_needed=False,
        published_at=datetime(2026, 1, 1, 9, 0, tzinfo=UTC),
    )


@asynccontextmanager
async def opened(database: ServiceDatabase) -> AsyncIterator[Portal]:
    """Availability on this database, at `NOW` and moving on."""
    db = Database.create(database.app_url, pool_size=4)
    await set_clock(db, NOW)
    async with serving(create(Settings(service="availability", database_url=database.app_url))) as api:
        yield Portal(api, db)
    await db.close()


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, slug and clause of a refusal."""
    document = answer.json()
    return answer.status_code, document["type"].rsplit(":", 1)[1], document.get("clause")
