"""A tenancy whose contracts can be lived through: what is recorded of them, and days that pass."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from chassis.auth import Role
from chassis.clock import set_clock
from chassis.db import Database, Scope
from chassis.hears import Context
from contracts.envelope import Envelope, source_of
from contracts.events import Event, decode, encode
from contracts.events.catalog import DemonstrationEnded
from services.tenancy.app import create
from services.tenancy.consumers import demonstration_ended
from services.tenancy.jobs import go_on_with_contracts
from services.tenancy.settings import TenancySettings
from tests.integration.tenancy.portal import customer, slug_of
from tests.support.callers import Api, once, serving
from tests.support.postgres import ServiceDatabase

TODAY = date(2026, 3, 10)


def noon(day: date) -> datetime:
    """An instant of that day, in Paris too."""
    return datetime.combine(day, time(11), UTC)


@dataclass
class Registry:
    """The API, and the steps that the tests of contracts share. Every test makes customers of its own."""

    api: Api
    clients: dict[tuple[Role, UUID | None], httpx.AsyncClient] = field(default_factory=dict)

    @property
    def db(self) -> Database:
        """The database of this tenancy."""
        db: Database = self.api.app.state.db
        return db

    def of(self, role: Role, customer_id: UUID | None = None) -> httpx.AsyncClient:
        """The one client of a role, at a customer or at the publisher."""
        place = (role, customer_id)
        if place not in self.clients:
            self.clients[place] = self.api.caller(role, customer_id=customer_id)
        return self.clients[place]

    async def live_on(self, day: date) -> None:
        """It is noon of that day."""
        await set_clock(self.db, noon(day))
        await self.api.app.state.clock.refresh(self.db)

    async def customer(self, **changes: Any) -> "Customer":
        """A customer with a contract of twelve months from 31 January 2026, unless changed."""
        sent = customer(f"cabinet-{uuid4().hex[:8]}", **changes)
        answer = await self.of(Role.publisher_admin).post("/v1/customers", json=sent, headers=once())
        assert answer.status_code == 201, answer.text
        return Customer(self, UUID(answer.json()["customer_id"]))

    async def customer_out_of_trial(self) -> "Customer":
        """A customer whose contract began on 10 April 2025 and whose trial has long ended."""
        one = await self.customer(contract_starts_on="2025-04-10")
        await one.end_trial(date(2025, 5, 1))
        return one

    async def renew(self, replicas: int = 1) -> None:
        """Contracts have their turn, in several workers at once."""
        await asyncio.gather(*(self._turn() for _ in range(replicas)))

    async def _turn(self) -> None:
        context = Context("tenancy", self.api.app.state.clock, self.api.app.state.settings)
        async with self.db.transaction(Scope.portal()) as tx:
            await go_on_with_contracts(tx, context.clock.business_now(), context)


@dataclass
class Customer:
    """One customer's contract."""

    registry: Registry
    customer_id: UUID

    @property
    def path(self) -> str:
        """Where the publisher finds the contract."""
        return f"/v1/customers/{self.customer_id}/contract"

    async def record(self, what: str, role: Role = Role.billing, **sent: Any) -> httpx.Response:
        """The publisher records a notice, a price revision or a promotion."""
        return await self.registry.of(role).post(f"{self.path}/{what}", json=sent, headers=once())

    async def notice(self, posted_on: str, party: str = "customer") -> dict[str, Any]:
        """A letter that is taken; the notice as it is shown."""
        answer = await self.record(
            "notices", party=party, letter_reference="1A 123 456 7890 1", posted_on=posted_on
        )
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()["notices"][-1]
        return shown

    async def withdraw(self, notice_id: str, party: str = "customer") -> httpx.Response:
        """The party takes its notice back."""
        return await self.record(f"notices/{notice_id}/withdrawal", party=party, reason="We stay.")

    async def revise(self, notified_on: str, effective_on: str | None = None) -> httpx.Response:
        """Notice of a price revision of two and a half per cent."""
        told: dict[str, Any] = {"effective_on": effective_on} if effective_on else {}
        return await self.record("price-revisions", notified_on=notified_on, percent="2.5", **told)

    async def end_trial(self, day: date) -> None:
        """The catalogue tells that the demonstration has ended."""
        event = DemonstrationEnded(
            customer_id=self.customer_id, company_id=uuid4(), offering_code="ged", ended_at=noon(day)
        )
        told = Envelope(
            uuid4(), event.WIRE, source_of("catalog"), event.key(), noon(day), None, None, encode(event)
        )
        context = Context("tenancy", self.registry.api.app.state.clock, self.registry.api.app.state.settings)
        async with self.registry.db.transaction(Scope.customer(self.customer_id)) as tx:
            await demonstration_ended(tx, event, told, context)

    async def read(self) -> dict[str, Any]:
        """The contract as the firm reads it."""
        answer = await self.registry.of(Role.firm_collaborator, self.customer_id).get("/v1/contract")
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def timeline(self, **query: Any) -> httpx.Response:
        """The firm asks for its dates."""
        headers = {"Accept-Language": query.pop("language", "en")}
        client = self.registry.of(Role.firm_admin, self.customer_id)
        return await client.get("/v1/contract/timeline", params=query, headers=headers)

    async def said(self) -> list[Event]:
        """What tenancy said of this customer's contract, in order."""
        async with self.registry.db.transaction(Scope.machine()) as tx:
            rows = await tx.fetch_all(text("SELECT type, data FROM outbox ORDER BY id"))
        events = [decode(row.type, row.data.encode()) for row in rows]
        mine = [event for event in events if getattr(event, "customer_id", None) == self.customer_id]
        return [event for event in mine if event.WIRE != "livret.tenancy.CustomerRegistered.v1"]


@asynccontextmanager
async def keeping(database: ServiceDatabase) -> AsyncIterator[Registry]:
    """A tenancy on this database."""
    app = create(TenancySettings(database_url=database.app_url, origin="http://portal.example"))
    async with serving(app) as api:
        yield Registry(api)


def refused(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, slug and clause of a refusal."""
    return answer.status_code, slug_of(answer), answer.json()["clause"]
