"""How long a disabled credential still opens: from the command that disables it to the first refused request.

    python -m tests.bench.revocation [--rounds 20] [--bus postgres|kafka|both]

A whole portal runs as its own processes. A person's browser asks the catalogue through the edge with its
cookie; a partner's program asks it with its bearer token. Each asks every few milliseconds; the clock starts
when the command is sent to tenancy, at any phase of the seconds in which services look.
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from chassis.clock import monotonic
from chassis.documents import TOKEN_PATH
from chassis.edge import COOKIE
from services.cli.entrance import Entered, entered
from services.demonstration import FIRM_PORTAL, PASSWORD
from tests.bench.ground import percentile, show
from tests.support.portal import running_portal

AT_ONCE = 2
EACH_SECONDS = 0.01
PATIENCE_SECONDS = 30.0
TENANCY = "/api/tenancy/v1"
ASKED = "/api/catalog/v1/catalogue?limit=1"
BOUNDS = {"browser": "bound 2 s", "partner": "bound a few seconds"}

Subject = tuple[dict[str, str], str]
"""The headers of somebody who enters, and the path that disables what they enter with."""
Maker = Callable[[Entered, httpx.AsyncClient], Awaitable[Subject]]


async def _made(firm: Entered, path: str, sent: dict[str, Any]) -> Any:
    return await firm.request("POST", path, json=sent, headers={"Idempotency-Key": str(uuid4())})


async def new_browser(firm: Entered, anybody: httpx.AsyncClient) -> Subject:
    """Somebody of the firm who has logged in."""
    person = await _made(firm, f"{TENANCY}/people", {"name": "Someone", "role": "firm_collaborator"})
    identifier = f"someone-{uuid4().hex}"
    path = f"{TENANCY}/people/{person['person_id']}/credentials"
    given = await firm.request("POST", path, json={"identifier": identifier})
    login = {"portal": FIRM_PORTAL, "identifier": identifier, "password": given["secret"]}
    login["new_password"] = f"Quatre chevaux {uuid4().hex}"
    answer = await anybody.post(f"{TENANCY}/sessions", json=login)
    answer.raise_for_status()
    session = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
    anybody.cookies.clear()
    disable = f"{TENANCY}/credentials/{given['credential_id']}/disablement"
    return {"Cookie": f"{COOKIE}={session}"}, disable


async def new_partner(firm: Entered, anybody: httpx.AsyncClient) -> Subject:
    """A program of the firm that has its token."""
    sent = {"name": "Bookkeeping", "scopes": ["catalog:read"]}
    program = (await _made(firm, f"{TENANCY}/programs", sent))["program_id"]
    keys = f"{TENANCY}/programs/{program}/keys"
    given = await firm.request("POST", keys, json={"name": "first"})
    form = {
        "grant_type": "client_credentials",
        "client_id": program,
        "client_secret": given["client_secret"],
    }
    answer = await anybody.post(f"/api/tenancy{TOKEN_PATH}", data=form)
    answer.raise_for_status()
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return bearer, f"{keys}/{given['credential_id']}/disablement"


async def delay(firm: Entered, anybody: httpx.AsyncClient, make: Maker) -> float:
    """Seconds from the command to the first request that is refused."""
    headers, disable = await make(firm, anybody)
    (await anybody.get(ASKED, headers=headers)).raise_for_status()
    await asyncio.sleep(random.random())
    began = monotonic()
    command = asyncio.create_task(firm.request("POST", disable, json={"reason": "Stolen."}))
    while (status := (await anybody.get(ASKED, headers=headers)).status_code) == 200:
        if monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError(f"still let in after {PATIENCE_SECONDS} s")
        await asyncio.sleep(EACH_SECONDS)
    took = monotonic() - began
    await command
    if status != 401:
        raise AssertionError(f"refused with {status}")
    return took


async def measure(origin: str, bus: str, rounds: int) -> None:
    """Both kinds, a few at a time."""
    turn = asyncio.Semaphore(AT_ONCE)
    async with (
        entered(origin, FIRM_PORTAL, "claire", PASSWORD) as firm,
        httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, timeout=60) as anybody,
    ):

        async def one(make: Maker) -> float:
            async with turn:
                return await delay(firm, anybody, make)

        for kind, make in (("browser", new_browser), ("partner", new_partner)):
            delays = await asyncio.gather(*(one(make) for _ in range(rounds)))
            p50, p99 = (1000 * percentile(delays, share) for share in (0.5, 0.99))
            show(
                f"{bus} bus, {kind}: disabling to first refusal",
                f"p50 {p50:,.0f} ms, p99 {p99:,.0f} ms",
                f"{rounds} times, longest {1000 * max(delays):,.0f} ms; {BOUNDS[kind]}",
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.revocation", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--bus", choices=("postgres", "kafka", "both"), default="both")
    asked = parser.parse_args(arguments)
    for bus in ("postgres", "kafka") if asked.bus == "both" else (asked.bus,):
        home = Path(tempfile.mkdtemp(prefix="livret-bench-portal-"))
        home.chmod(0o711)
        try:
            with running_portal(home / "data", options=["--bus", bus]) as portal:
                asyncio.run(measure(portal.origin, bus, asked.rounds))
        finally:
            shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
