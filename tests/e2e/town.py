"""A whole portal in the test process: every service with its API, its database and its worker's steps.

The steps are those that the worker processes loop over; here they are called until nothing moves, or, by
`working`, over and over in the background.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from chassis import inbox, outbox
from chassis.auth import Role
from chassis.bus import Bus, Consumer, open_bus
from chassis.bus.postgres import prepare
from chassis.clock import Clock, monotonic, set_clock
from chassis.db import Database
from chassis.hears import Context, Service
from chassis.jobs import enrol, tick_once
from chassis.settings import Settings
from services.roster import load_all
from tests.support.callers import Api, once, serving
from tests.support.postgres import EMPTY, ServiceDatabase

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
AT_ONCE = 1000


async def _all_of(step: Callable[[], Awaitable[int]]) -> int:
    """Steps until one moves nothing; how much they moved."""
    total = 0
    while moved := await step():
        total += moved
    return total


@dataclass(frozen=True)
class Resident:
    """One service at work."""

    service: Service
    db: Database
    api: Api
    consumer: Consumer
    group: str
    context: Context

    async def step(self, bus: Bus) -> int:
        """One turn of everything its worker does but timed work, each stage as long as it finds something."""
        moved = await _all_of(lambda: outbox.relay_once(self.db, bus, AT_ONCE))
        if self.service.hears:
            heard = self.service.hears
            moved += await _all_of(lambda: inbox.receive_once(self.db, self.consumer, heard, AT_ONCE))
            moved += await _all_of(lambda: inbox.work_once(self.db, heard, self.context, AT_ONCE))
        return moved

    async def waits(self, bus: Bus) -> bool:
        """Whether something is still on its way from it or to it."""
        if (await outbox.standing(self.db)).backlog:
            return True
        return (
            any((await bus.lag(self.group, self.service.topics())).values()) if self.service.hears else False
        )


@dataclass
class Town:
    """The residents, and the bus between them."""

    bus: Bus
    residents: dict[str, Resident]
    clients: dict[tuple[str, Role, UUID | None], httpx.AsyncClient]

    def of(self, service: str, role: Role, customer: UUID | None = None) -> httpx.AsyncClient:
        """The one client of a role at a service."""
        place = (service, role, customer)
        if place not in self.clients:
            self.clients[place] = self.residents[service].api.caller(role, customer_id=customer)
        return self.clients[place]

    async def step(self) -> int:
        """One turn of everybody."""
        return sum([await each.step(self.bus) for each in self.residents.values()])

    async def drain(self, seconds: float = 300) -> None:
        """Turns until nothing moves and nothing is on its way."""
        until = monotonic() + seconds
        while monotonic() < until:
            if await self.step():
                continue
            if not any([await each.waits(self.bus) for each in self.residents.values()]):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"still something on its way after {seconds} s")

    async def tick(self, service: str) -> None:
        """Runs what is due there."""
        resident = self.residents[service]
        await _all_of(lambda: tick_once(resident.db, resident.service.every, resident.context))

    async def set_time(self, at: datetime) -> None:
        """Everybody lives at that instant from now on."""
        for each in self.residents.values():
            await set_clock(each.db, at)
            await each.context.clock.refresh(each.db)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Everybody takes turns in the background; the last turn is taken to its end."""
        over = asyncio.Event()

        async def work() -> None:
            while not over.is_set():
                if not await self.step():
                    await asyncio.sleep(0.01)

        task = asyncio.create_task(work())
        try:
            yield
        finally:
            over.set()
            await task


@asynccontextmanager
async def founded(
    make: Callable[[str], ServiceDatabase], bus_address: str = "postgres"
) -> AsyncIterator[Town]:
    """A portal of all services on new databases, and on a bus: `postgres`, or `kafka://host:port`."""
    log = make(EMPTY)
    await prepare(log.owner_url)
    shared = Settings(bus=bus_address, bus_database_url=log.app_url)
    async with AsyncExitStack() as stack:
        bus = open_bus(shared)
        stack.push_async_callback(bus.close)
        services = load_all()
        await bus.create_topics([each.name for each in services])
        residents = {
            each.name: await stack.enter_async_context(_settled(each, make(each.name), shared, bus))
            for each in services
        }
        town = Town(bus, residents, {})
        await town.set_time(NOW)
        yield town


@asynccontextmanager
async def _settled(
    service: Service, database: ServiceDatabase, shared: Settings, bus: Bus
) -> AsyncIterator[Resident]:
    settings = service.settings_class.model_validate(
        shared.model_dump() | {"service": service.name, "database_url": database.app_url}
    )
    db = Database.create(database.app_url, pool_size=4, application_name=f"{service.name}-worker")
    await inbox.register(db, service.hears)
    await enrol(db, service.every, Clock(NOW))
    group = f"{service.name}-{uuid4().hex[:8]}"
    consumer = bus.consumer(group, service.topics())
    async with serving(service.create_api(settings)) as api:
        yield Resident(
            service, db, api, consumer, group, Context(service.name, api.app.state.clock, settings)
        )
    await consumer.close()
    await db.close()


def sirets(count: int) -> Iterator[str]:
    """So many valid SIRETs, each of another SIREN."""
    for number in range(count):
        siren = _with_check_digit(f"{90_000_000 + number}")
        yield _with_check_digit(f"{siren}0001")


def _with_check_digit(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def companies_csv(count: int) -> str:
    """A file of so many companies, as a firm would send it."""
    lines = [f"{siret};Boulangerie {siret};75011" for siret in sirets(count)]
    return "\n".join(["siret;raison_sociale;code_postal", *lines, ""])


async def answered(awaited: Any, status: int) -> Any:
    """The body of an answer that has this status."""
    answer: httpx.Response = await awaited
    assert answer.status_code == status, answer.text
    return answer.json()


async def register_firm(town: Town, portal: str = "cabinet-durand") -> UUID:
    """The publisher registers an accounting firm."""
    body = {
        "kind": "accounting_firm",
        "name": "Cabinet Durand",
        "siret": "73282932000074",
        "address": {"postcode": "75011", "city": "Paris"},
        "portal": portal,
        "support_plan": "open",
        "contract_starts_on": "2026-01-01",
        "professional_use": True,
    }
    publisher = town.of("tenancy", Role.publisher_admin)
    shown = await answered(publisher.post("/v1/customers", json=body, headers=once()), 201)
    return UUID(shown["customer_id"])


async def import_companies(town: Town, customer: UUID, content: bytes) -> dict[str, Any]:
    """The firm sends its file, checked, brought in and activated; the finished import."""
    firm = town.of("tenancy", Role.firm_admin, customer)
    sent = await firm.post(
        "/v1/companies/imports?dry_run=false&activate=true",
        content=content,
        headers=once() | {"Content-Type": "text/csv"},
    )
    assert sent.status_code == 202, sent.text
    path = sent.headers["Location"]
    while (shown := (await firm.get(path)).json())["state"] not in ("done", "failed"):
        await town.tick("tenancy")
        await asyncio.sleep(0.05)
    assert isinstance(shown, dict)
    return shown


async def publish(town: Town, code: str, *, collaborative: bool = False) -> None:
    """The publisher adds a service to the catalogue."""
    publisher = town.of("catalog", Role.publisher_admin)
    body = {"code": code, "name": code.title(), "collaborative": collaborative}
    await answered(publisher.post("/v1/offerings", json=body, headers=once()), 201)


async def activate_for_all(town: Town, customer: UUID, code: str) -> int:
    """The firm activates a service for all its active companies; for how many it did."""
    firm = town.of("catalog", Role.firm_admin, customer)
    order = {"offering_code": code, "all_active_companies": True}
    batch = await answered(firm.post("/v1/activation-batches", json=order, headers=once()), 207)
    changed: int = batch["changed"]
    return changed


async def month_base(town: Town, customer: UUID, month: str) -> dict[str, Any]:
    """What metering counts for the firm."""
    firm = town.of("metering", Role.firm_admin, customer)
    base = await answered(firm.get(f"/v1/months/{month}/base"), 200)
    assert isinstance(base, dict)
    return base
