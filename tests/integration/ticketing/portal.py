"""Ticketing with customers in it, as its tests need it: told by events, asked over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import httpx

from chassis.auth import Role
from chassis.hears import Service
from contracts.events.catalog import ServicePublished
from contracts.events.tenancy import CompanyRegistered, CustomerRegistered
from services.ticketing.app import SERVICE
from tests.support import served
from tests.support.callers import once
from tests.support.postgres import ServiceDatabase
from tests.support.served import Served, problem

__all__ = ["CONTACT", "DESCRIPTION", "NOW", "Portal", "asked", "opened", "problem", "registered"]

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
class Portal(Served):
    """Ticketing, with the steps that its tests share."""

    service: ClassVar[Service] = SERVICE

    async def set_time(self, at: datetime, rate: int = 0) -> None:
        """Every process of this service lives at that instant from now on; it stands still unless told."""
        await super().set_time(at, rate)

    @property
    def agent(self) -> httpx.AsyncClient:
        """A support agent."""
        return self.of(Role.support_agent)

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
    async with served.opened(Portal, database, NOW, rate=0) as portal:
        yield portal
