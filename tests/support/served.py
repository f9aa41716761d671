"""One service in the test process: its API, its database, its business time, and the events it hears.

@dataclass
class Portal(Served):
    service: ClassVar[Service] = SERVICE

async with opened(Portal, module_database("catalog"), NOW) as portal:
    await portal.hear(event)
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, TypeVar
from uuid import UUID

import httpx
from sqlalchemy import text

from chassis.auth import Role
from chassis.clock import Clock, set_clock
from chassis.db import Database, Scope
from chassis.hears import Batch, Context, Service
from chassis.settings import Settings
from contracts.events import Event, decode
from tests.support.callers import Api, serving
from tests.support.postgres import ServiceDatabase


@dataclass
class Served:
    """A service's API and database, with the steps that all tests of services share."""

    service: ClassVar[Service]

    api: Api
    db: Database
    clients: dict[tuple[Role, UUID | None, UUID | None], httpx.AsyncClient] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """The business time of this service."""
        clock: Clock = self.api.app.state.clock
        return clock

    async def set_time(self, at: datetime, rate: int = 1) -> None:
        """Every process of this service lives at that instant from now on; with rate 0 time stands still."""
        await set_clock(self.db, at, rate)
        await self.clock.refresh(self.db)

    def of(self, role: Role, customer: UUID | None = None, company: UUID | None = None) -> httpx.AsyncClient:
        """The one client of this role, customer and company."""
        place = (role, customer, company)
        if place not in self.clients:
            self.clients[place] = self.api.caller(role, customer_id=customer, company_id=company)
        return self.clients[place]

    def firm(self, customer: UUID) -> httpx.AsyncClient:
        """That customer's administrator."""
        return self.of(Role.firm_admin, customer)

    async def hear(self, *events: Event) -> None:
        """Hands events to the service's own handlers in the order given, as its inbox would."""
        context = Context(self.service.name, self.clock, Settings())
        for event in events:
            handler = self.service.hears[type(event)]
            async with self.db.transaction(Scope.portal()) as tx:
                if isinstance(handler, Batch):
                    await handler.fn(tx, [(event, None)], context)
                else:
                    await handler(tx, event, None, context)

    async def all_said(self) -> list[Event]:
        """Every event of the outbox, in order."""
        async with self.db.transaction(Scope.machine()) as tx:
            rows = await tx.fetch_all(text("SELECT type, data FROM outbox ORDER BY id"))
        return [decode(row.type, row.data.encode()) for row in rows]

    async def said(self, customer: UUID) -> list[Event]:
        """Those that name this customer."""
        return [event for event in await self.all_said() if getattr(event, "customer_id", None) == customer]


S = TypeVar("S", bound=Served)


@asynccontextmanager
async def opened(kind: type[S], database: ServiceDatabase, at: datetime, rate: int = 1) -> AsyncIterator[S]:
    """The service on this database, living at that instant; with rate 0 time stands still."""
    db = Database.create(database.app_url, pool_size=4)
    try:
        await set_clock(db, at, rate)
        settings = Settings(service=kind.service.name, database_url=database.app_url)
        async with serving(kind.service.create_api(settings)) as api:
            yield kind(api, db)
    finally:
        await db.close()


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, slug and clause of a refusal."""
    document = answer.json()
    return answer.status_code, document["type"].rsplit(":", 1)[1], document.get("clause")
