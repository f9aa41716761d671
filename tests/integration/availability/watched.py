"""What is watched, as its tests need it: places that tell, servers to look at, the outages that follow."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn
from sqlalchemy import text

from chassis.auth import Role
from chassis.clock import set_clock, system_now
from chassis.db import Database, Scope
from chassis.sealing import new_key
from services.availability.app import create
from services.availability.settings import AvailabilitySettings
from tests.integration.availability.portal import NOW, Portal
from tests.support.callers import once, serving
from tests.support.postgres import ServiceDatabase

SEALING = new_key()
PASSWORD = "cheval pile agrafe correcte"
INTERVAL = 30


def logging_in(url: str = "http://127.0.0.1:9", **changes: Any) -> dict[str, Any]:
    """A script that reaches a portal and logs in to it."""
    login = {
        "name": "log in",
        "method": "POST",
        "url": f"{url}/login",
        "form": {"user": "probe", "password": "{{secret:password}}"},
        "expect": {"contains": ["Welcome"]},
        "logs_in": True,
    }
    return {"steps": [{"name": "reach", "url": f"{url}/"}, login | changes]}


def target(*places: str, **changes: Any) -> dict[str, Any]:
    """A target as operations send it: each failure counts, one place is enough."""
    sent = {
        "name": "Portal",
        "script": logging_in(),
        "places": list(places),
        "interval_seconds": INTERVAL,
        "in_a_row": 1,
        "secrets": {"password": PASSWORD},
    }
    return sent | changes


@dataclass
class Watched(Portal):
    """Availability with places and targets."""

    began_at: datetime = field(default_factory=system_now)

    @property
    def prober(self) -> httpx.AsyncClient:
        """A program that may report."""
        return self.of(Role.machine)

    async def new_place(self, **changes: Any) -> str:
        """A place; returns its code."""
        code = f"place-{uuid4().hex[:12]}"
        answer = await self.operations.put(f"/v1/places/{code}", json={"name": "Paris"} | changes)
        assert answer.status_code == 200, answer.text
        return code

    async def new_target(self, *places: str, **changes: Any) -> UUID:
        """A target; returns its id."""
        sent = target(*places, **changes)
        answer = await self.operations.post("/v1/targets", json=sent, headers=once())
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["target_id"])

    async def found(self, target_id: UUID) -> dict[str, Any]:
        """How a target stands, from the list."""
        page: dict[str, Any] = {"next_cursor": ""}
        while page["next_cursor"] is not None:
            asked = {"limit": "200"} | ({"cursor": page["next_cursor"]} if page["next_cursor"] else {})
            page = (await self.operations.get("/v1/targets", params=asked)).json()
            for item in page["items"]:
                if item["target"]["target_id"] == str(target_id):
                    standing: dict[str, Any] = item
                    return standing
        raise LookupError(target_id)

    async def outages_of(self, target_id: UUID) -> list[dict[str, Any]]:
        """What is on record of a target, the earliest first, bounds in seconds before now of real time."""
        page = (await self.operations.get("/v1/record/outages", params={"limit": 200})).json()
        rows = [row for row in page["items"] if row["source_key"] == str(target_id)]
        return sorted(rows, key=lambda row: row["starts_at"])

    async def bounds(self, target_id: UUID) -> list[tuple[int | None, int | None]]:
        """The outages of a target, in seconds before the story's end."""
        rows = await self.outages_of(target_id)
        return [(self.ago(row["starts_at"]), self.ago(row["ends_at"])) for row in rows]

    async def rows(self, asked: str) -> Sequence[Any]:
        """What stands in the tables."""
        async with self.db.transaction(Scope.portal()) as tx:
            return await tx.fetch_all(text(asked))

    def ago(self, instant: str | None) -> int | None:
        """How many seconds of the test's story before its end an instant of the record lies, which has whole
        seconds.
        """
        if instant is None:
            return None
        end = self.clock.business_at(self.began_at).replace(microsecond=0)
        return round((end - datetime.fromisoformat(instant)).total_seconds())

    async def tell(
        self,
        place: str,
        results: Sequence[dict[str, Any]],
        *,
        told_until: datetime | None = None,
        **changes: Any,
    ) -> httpx.Response:
        """A place reports."""
        sent = {
            "sent_at": system_now().isoformat(),
            "told_until": (told_until or system_now()).isoformat(),
            "results": list(results),
        }
        return await self.prober.post(f"/v1/places/{place}/reports", json=sent | changes)

    def result(self, target_id: UUID, ago: int, outcome: str, revision: int = 1) -> dict[str, Any]:
        """A run so many seconds before the story's end."""
        at = (self.began_at - timedelta(seconds=ago)).isoformat()
        step = {"name": "reach", "took_ms": 12}
        failed = step | {"fault": "status", "status": 503, "detail": "answered 503"}
        told = {
            "target_id": str(target_id),
            "revision": revision,
            "planned_at": at,
            "started_at": at,
            "outcome": outcome,
        }
        fault = {"fault": "no_network"} if outcome == "prober_fault" else {}
        return told | fault | {"steps": [step] if outcome == "up" else [failed]}

    async def story(
        self, place: str, target_id: UUID, outcomes: str, first: int, every: int = INTERVAL
    ) -> None:
        """A place tells a run a letter, the first so many seconds ago: + up, - down, ? cannot tell."""
        names = {"+": "up", "-": "down", "?": "prober_fault"}
        results = [
            self.result(target_id, first - number * every, names[letter])
            for number, letter in enumerate(outcomes)
        ]
        following = self.began_at - timedelta(seconds=first - len(outcomes) * every)
        answer = await self.tell(place, results, told_until=min(following, system_now()))
        assert answer.status_code == 200, answer.text


@asynccontextmanager
async def opened(database: ServiceDatabase) -> AsyncIterator[Watched]:
    """Availability on this database, with a key that seals."""
    db = Database.create(database.app_url, pool_size=4)
    await set_clock(db, NOW)
    settings = AvailabilitySettings(database_url=database.app_url, sealing_keys=SEALING)
    async with serving(create(settings)) as api:
        yield Watched(api, db)
    await db.close()


@asynccontextmanager
async def server(app: Any, port: int = 0, **options: Any) -> AsyncIterator[int]:
    """A real HTTP server of this process, on a free port unless one is named; gives its port."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    config = uvicorn.Config(app, log_level="critical", lifespan="off", **options)
    running = uvicorn.Server(config)
    running.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(running.serve(sockets=[listener]))
    while not running.started:
        await asyncio.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        running.should_exit = True
        running.force_exit = True
        await task
        listener.close()
