"""How a command enters the portal as a person does: by its door, then with a token renewed as it expires."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx

from chassis.edge import COOKIE

RENEWED_BEFORE_SECONDS = 20


class Refused(httpx.HTTPError):
    """The portal said no; the message is the problem's own."""


@dataclass(slots=True)
class Entered:
    """A session, and requests in its name. The cookie is `Secure`: over plain HTTP it is carried by hand."""

    client: httpx.AsyncClient
    session: str
    token: str = ""
    token_until: float = 0.0

    async def request(self, method: str, path: str, **options: Any) -> Any:
        """The JSON of the answer. Raises Refused with the portal's words."""
        answer = await self.send(method, path, **options)
        return answer.json() if answer.content else None

    async def download(self, path: str) -> bytes:
        """The bytes of a file."""
        return (await self.send("GET", path)).content

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer, a token being renewed before it expires."""
        if monotonic() > self.token_until:
            await self._renew()
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return _accepted(await self.client.request(method, path, headers=headers, **options))

    async def _renew(self) -> None:
        answer = _accepted(
            await self.client.post(
                "/api/tenancy/v1/sessions/exchange", headers={"Cookie": f"{COOKIE}={self.session}"}
            )
        ).json()
        self.token = answer["access_token"]
        self.token_until = monotonic() + answer["expires_in"] - RENEWED_BEFORE_SECONDS


@asynccontextmanager
async def entered(
    origin: str, portal: str, identifier: str, password: str, code: str | None = None
) -> AsyncIterator[Entered]:
    """Somebody who has logged in, with the code of a second factor if need be; it ends with the block."""
    async with httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, timeout=120) as client:
        presented = {"portal": portal, "identifier": identifier, "password": password, "code": code}
        answer = _accepted(await client.post("/api/tenancy/v1/sessions", json=presented))
        session = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
        client.cookies.clear()
        try:
            yield Entered(client, session)
        finally:
            await client.delete("/api/tenancy/v1/sessions/current", headers={"Cookie": f"{COOKIE}={session}"})


def _accepted(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
        words = f"{problem['title']} {problem.get('detail') or ''}".strip()
    except (ValueError, KeyError, TypeError):
        words = f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}"
    raise Refused(words)
