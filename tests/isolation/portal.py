"""The portal as these tests ask it: any caller at any service, and what follows from a request."""

from dataclasses import dataclass, field

import httpx
from fastapi import FastAPI

from chassis.auth import Caller
from chassis.db import Database
from tests.e2e.town import Town
from tests.support.callers import token_of


@dataclass
class Portal:
    """A town whose services are asked by callers that a test makes up."""

    town: Town
    _clients: dict[tuple[str, Caller | None], httpx.AsyncClient] = field(default_factory=dict)

    @property
    def services(self) -> list[str]:
        """All services, by name."""
        return list(self.town.residents)

    def app(self, service: str) -> FastAPI:
        """The running API of a service."""
        return self.town.residents[service].api.app

    def db(self, service: str) -> Database:
        """The database of a service, as its workers see it."""
        return self.town.residents[service].db

    def client(self, service: str, caller: Caller | None) -> httpx.AsyncClient:
        """The one client of this caller at this service; None calls without a token."""
        place = (service, caller)
        if place not in self._clients:
            self._clients[place] = httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app(service)),
                base_url="http://service",
                headers={"Authorization": f"Bearer {token_of(caller)}"} if caller else {},
                timeout=60,
            )
        return self._clients[place]

    async def settle(self) -> None:
        """What was said is known to all who hear it."""
        await self.town.drain()

    async def close(self) -> None:
        """Lets the clients go."""
        for client in self._clients.values():
            await client.aclose()
