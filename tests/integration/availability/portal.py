"""Availability with customers and services, as its tests need it: told by events, asked over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from chassis.auth import Role
from chassis.db import Scope
from chassis.hears import Service
from contracts.events import Event, decode
from contracts.events.catalog import ServiceActivated, ServicePublished
from contracts.events.tenancy import CustomerRegistered
from services.availability.app import SERVICE
from tests.support import served
from tests.support.callers import once
from tests.support.postgres import ServiceDatabase
from tests.support.served import Served, problem

__all__ = ["NOW", "STARTED_ON", "Portal", "opened", "outage", "problem", "published", "registered"]

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
"""A Tuesday, ten in the morning in Paris: inside the reference period."""
STARTED_ON = date(2026, 1, 1)


@dataclass
class Portal(Served):
    """Availability, with the steps that its tests share."""

    service: ClassVar[Service] = SERVICE

    @property
    def operations(self) -> httpx.AsyncClient:
        """The publisher's operations."""
        return self.of(Role.operations)

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
    async with served.opened(Portal, database, NOW) as portal:
        yield portal
