"""A catalogue with a firm in it, as its tests need it: told by events, asked over HTTP."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
from contracts.events.tenancy import CompanyActivated, CompanyRegistered, CustomerRegistered
from services.catalog.app import SERVICE, create
from tests.support.callers import Api, once, serving
from tests.support.postgres import ServiceDatabase

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
TERMS = {"kind": "backup", "version": 1, "text": "Backups are kept ten days, in three copies."}
NAMED = {"kind": "backup", "version": 1}


@dataclass
class Portal:
    """The catalogue's API and database, with the steps that tests share."""

    api: Api
    db: Database
    clients: dict[tuple[Role, UUID | None, UUID | None], httpx.AsyncClient] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """The business time of this catalogue."""
        clock: Clock = self.api.app.state.clock
        return clock

    async def set_time(self, at: datetime) -> None:
        """Every process of this catalogue lives at that instant from now on."""
        await set_clock(self.db, at)
        await self.clock.refresh(self.db)

    def of(self, role: Role, customer: UUID | None = None, company: UUID | None = None) -> httpx.AsyncClient:
        """The one client of this role, customer and company."""
        place = (role, customer, company)
        if place not in self.clients:
            self.clients[place] = self.api.caller(role, customer_id=customer, company_id=company)
        return self.clients[place]

    @property
    def publisher(self) -> httpx.AsyncClient:
        """The publisher's administrator."""
        return self.of(Role.publisher_admin)

    def firm(self, customer: UUID) -> httpx.AsyncClient:
        """That customer's administrator."""
        return self.of(Role.firm_admin, customer)

    async def hear(self, *events: Event) -> None:
        """Hands events to the service's own handlers, as its inbox would."""
        context = Context("catalog", self.clock, Settings())
        for event in events:
            handler = SERVICE.hears[type(event)]
            async with self.db.transaction(Scope.portal()) as tx:
                if isinstance(handler, Batch):
                    await handler.fn(tx, [(event, None)], context)
                else:
                    await handler(tx, event, None, context)

    async def new_firm(self, companies: int = 1, kind: str = "accounting_firm") -> tuple[UUID, list[UUID]]:
        """A customer with so many active companies."""
        customer, ids = uuid4(), [uuid4() for _ in range(companies)]
        await self.hear(registered(customer, kind))
        for company in ids:
            await self.hear(
                CompanyRegistered(
                    customer_id=customer,
                    company_id=company,
                    siret="73282932000074",
                    name="Boulangerie",
                    registered_at=NOW,
                ),
                CompanyActivated(customer_id=customer, company_id=company, activated_at=NOW),
            )
        return customer, ids

    async def publish(self, **changes: Any) -> str:
        """A new offering; returns its code."""
        code = f"offering-{uuid4().hex[:12]}"
        offering = {"code": code, "name": "Devis Factures", "collaborative": False} | changes
        answer = await self.publisher.post("/v1/offerings", json=offering, headers=once())
        assert answer.status_code == 201, answer.text
        return code

    async def activate(
        self, customer: UUID, code: str, company: UUID | None = None, acknowledged: Sequence[object] = ()
    ) -> httpx.Response:
        """A customer's administrator activates an offering for one company, or for the customer."""
        order = {"offering_code": code, "company_id": str(company) if company else None}
        return await self.firm(customer).post(
            "/v1/activations", json=order | {"acknowledged": list(acknowledged)}, headers=once()
        )

    async def said(self, customer: UUID) -> list[Event]:
        """Every event of the outbox that names this customer, in order."""
        async with self.db.transaction(Scope.machine()) as tx:
            rows = await tx.fetch_all(text("SELECT type, data FROM outbox ORDER BY id"))
        events = [decode(row.type, row.data.encode()) for row in rows]
        return [event for event in events if getattr(event, "customer_id", None) == customer]


def registered(customer: UUID, kind: str = "accounting_firm") -> CustomerRegistered:
    """A customer has a contract."""
    return CustomerRegistered.model_validate(
        {
            "customer_id": customer,
            "name": "Cabinet Durand",
            "kind": kind,
            "support_plan": "open",
            "registered_at": NOW,
            "contract_starts_on": NOW.date(),
            "term_months": 12,
        }
    )


@asynccontextmanager
async def opened(database: ServiceDatabase) -> AsyncIterator[Portal]:
    """A catalogue on this database, at `NOW` and moving on."""
    db = Database.create(database.app_url, pool_size=4)
    await set_clock(db, NOW)
    async with serving(create(Settings(service="catalog", database_url=database.app_url))) as api:
        yield Portal(api, db)
    await db.close()


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, slug and clause of a refusal."""
    document = answer.json()
    return answer.status_code, document["type"].rsplit(":", 1)[1], document.get("clause")
