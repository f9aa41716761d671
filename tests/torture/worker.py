"""A worker process of either side: relays what the producer said, or receives and handles it.

`python -m tests.torture.worker`, told what to do by TORTURE_SETUP and TORTURE_ROLE. It is the portal's own
runtime with a service of ours.
"""

import asyncio
import os

from fastapi import FastAPI
from sqlalchemy import text

from chassis.db import Tx
from chassis.hears import Context, Service
from chassis.runtime import run_workers
from chassis.settings import Settings
from contracts.envelope import Envelope
from tests.torture import plants
from tests.torture.setup import Setup
from tests.torture.words import CONSUMER, PRODUCER, Counted

_SEE = text(
    "INSERT INTO seen (name, n) VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET n = seen.n + 1 RETURNING n"
)
_APPLY = text("INSERT INTO applied (token, name, n) VALUES (:token, :name, :n)")


async def counted(tx: Tx, event: Counted, envelope: Envelope, context: Context) -> None:
    """The effect: this token was the nth of its name."""
    n = (await tx.execute(_SEE, {"name": event.name})).scalar_one()
    await tx.execute(_APPLY, {"token": event.token, "name": event.name, "n": n})


def _no_api(settings: Settings) -> FastAPI:
    raise LookupError(f"{settings.service} has no API")


def _service(setup: Setup, role: str) -> tuple[Service, Settings]:
    if role == "producer":
        service, url = Service(PRODUCER, "Says", _no_api), setup.said_url
    else:
        service, url = Service(CONSUMER, "Hears", _no_api, hears={Counted: counted}), setup.heard_url
    return service, Settings(
        service=service.name, database_url=url, bus=setup.bus, bus_database_url=setup.bus_url
    )


async def main() -> None:
    """Works until SIGTERM."""
    setup = Setup.read()
    plants.plant(setup.plant)
    await run_workers([_service(setup, os.environ["TORTURE_ROLE"])], workers=2)


if __name__ == "__main__":
    asyncio.run(main())
