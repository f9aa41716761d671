"""Ticketing with customers in it, as its tests need it: told by events, asked over HTTP."""

from collections.abc import AsyncIterator
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
from contracts.events.catalog import ServicePublished
from contracts.events.tenancy import CompanyRegistered, CustomerRegistered
from services.ticketing.app import SERVICE, create
from tests.support.callers import Api, once, serving
from tests.support.postgres import ServiceDatabase

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Paris: open for every plan."""
DESCRIPTION = {
    "subject": "The quote cannot be saved",
    "context": "After a new line was added to a quote.",
    "error_message": "E-1207: line refused",
    "menu_path": ["Sales", "Quotes", "New"],
    "feature": "create a quote",
}
CONTACT = {"name": "Claire Durand", "email": "claire@cabinet.example", "phone": "+33 3 87 00 00 00"}


@dataclass
class Portal:
    """Ticketing's API and database, with the steps that tests share."""

    api: Api
    db: Database
    clients: dict[tuple[Role, UUID | None, UUID | None], httpx.AsyncClient] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """The business time of this service."""
        clock: Clock = self.api.app.state.clock
        return clock

    async def set_time(self, at: datetime, rate: int = 0) -> None:
        """Every process of this service lives at that instant from now on; it stands still unless told."""
        await set_clock(self.db, at, rate)
        await self.clock.refresh(self.db)

    def of(self, role: Role, customer: UUID | None = None, company: UUID | None = None) -> httpx.AsyncClient:
        """The one client of this role, customer and company."""
        place = (role, customer, company)
        if place not in self.clients:
            self.clients[place] = self.api.caller(role, customer_id=customer, company_id=company)
        return self.clients[place]

    @property
    def agent(self) -> httpx.AsyncClient:
        """A support agent."""
        return self.of(Role.support_agent)

    def firm(self, customer: UUID) -> httpx.AsyncClient:
        """That customer's administrator."""
        return self.of(Role.firm_admin, customer)

    async def hear(self, *events: Event) -> None:
        """Hands events to the service's own handlers, as its inbox would."""
        context = Context("ticketing", self.clock, Settings())
        for event in events:
            handler = SERVICE.hears[type(event)]
            async with self.db.transaction(Scope.portal()) as tx:
                if isinstance(handler, Batch):
                    await handler.fn(tx, [(event, None)], context)
                else:
                    await handler(tx, event, None, context)

    async def new_customer(self, plan: str = "open", kind: str = "accounting_firm") -> UUID:
        """A customer of that support plan, known since 2026-01-01."""
        customer = uuid4()
        await self.hear(registered(customer, plan, kind))
        return customer

    async def new_company(self, customer: UUID) -> UUID:
        """A company of that customer."""
        company = uuid4()
        await self.hear(
            CompanyRegistered(
                customer_id=customer,
                company_id=company,
                siret="73282932000074",
                name="Boulangerie Martin",
                registered_at=NOW,
            )
        )
        return company

    async def new_product(self, *essential: str) -> str:
        """A product of the catalogue with these essential features; returns its code."""
        code = f"product-{uuid4().hex[:12]}"
        await self.hear(
            ServicePublished(
                offering_code=code,
                name="Devis Factures",
                collaborative=False,
                confirmation_needed=False,
                published_at=NOW,
                essential_features=list(essential),
            )
        )
        return code

    async def ask(self, customer: UUID, **changes: Any) -> httpx.Response:
        """The customer's administrator registers a ticket in its space; the answer as it is."""
        return await self.firm(customer).post("/v1/tickets", json=asked(**changes), headers=once())

    async def register(self, customer: UUID, **changes: Any) -> dict[str, Any]:
        """A ticket that was registered so, as it is shown to its customer."""
        answer = await self.ask(customer, **changes)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def act(self, ticket: dict[str, Any], deed: str, **body: Any) -> httpx.Response:
        """The agent does something to a ticket as it is now; the answer as it is."""
        place = f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}"
        read = await self.agent.get(place)
        headers = {"If-Match": read.headers.get("ETag", "*")}
        return await self.agent.post(f"{place}/{deed}", json=body or None, headers=headers)

    async def read(self, ticket: dict[str, Any]) -> dict[str, Any]:
        """The ticket as the publisher's staff sees it now."""
        answer = await self.agent.get(f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def said(self, customer: UUID) -> list[Event]:
        """Every event of the outbox that names this customer, in order."""
        async with self.db.transaction(Scope.machine()) as tx:
            rows = await tx.fetch_all(text("SELECT type, data FROM outbox ORDER BY id"))
        events = [decode(row.type, row.data.encode()) for row in rows]
        return [event for event in events if getattr(event, "customer_id", None) == customer]


def asked(**changes: Any) -> dict[str, Any]:
    """The body of a registration, with these fields changed."""
    return {"description": DESCRIPTION, "contact": CONTACT} | changes


def registered(customer: UUID, plan: str = "open", kind: str = "accounting_firm") -> CustomerRegistered:
    """A customer has a contract."""
    return CustomerRegistered.model_validate(
        {
            "customer_id": customer,
            "name": "Cabinet Durand",
            "kind": kind,
            "support_plan": plan,
            "registered_at": datetime(2026, 1, 1, tzinfo=UTC),
            "contract_starts_on": "2026-01-01",
            "term_months": 12,
        }
    )


@asynccontextmanager
async def opened(database: ServiceDatabase) -> AsyncIterator[Portal]:
    """Ticketing on this database, standing still at `NOW`."""
    db = Database.create(database.app_url, pool_size=4)
    await set_clock(db, NOW, 0)
    async with serving(create(Settings(service="ticketing", database_url=database.app_url))) as api:
        yield Portal(api, db)
    await db.close()


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, slug and clause of a refusal."""
    document = answer.json()
    return answer.status_code, document["type"].rsplit(":", 1)[1], document.get("clause")
