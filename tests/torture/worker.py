"""A worker process of either side: relays what the producer said, or receives and handles it.

It is the portal's own runtime with a service of ours.
"""

from collections import Counter
from collections.abc import Sequence

from fastapi import FastAPI
from sqlalchemy import text

from chassis.db import Tx
from chassis.hears import Batch, Context, Handler, Service
from chassis.runtime import run_workers
from chassis.settings import Settings
from contracts.envelope import Envelope
from contracts.events import Event
from tests.torture.setup import Setup
from tests.torture.words import CONSUMER, PRODUCER, Counted, CountingEvent, Tallied

_SEE = text(
    "INSERT INTO seen (name, n) SELECT * FROM unnest(CAST(:names AS text[]), CAST(:more AS bigint[]))"
    " ON CONFLICT (name) DO UPDATE SET n = seen.n + excluded.n RETURNING name, n"
)
_APPLY = text("INSERT INTO applied (token, name, n) VALUES (:token, :name, :n)")


async def counted(tx: Tx, event: Counted, envelope: Envelope, context: Context) -> None:
    """The effect: this token was the nth of its name."""
    await _apply(tx, [event])


async def tallied(tx: Tx, heard: Sequence[tuple[Tallied, Envelope]], context: Context) -> None:
    """The same effect for many."""
    await _apply(tx, [event for event, _ in heard])


async def _apply(tx: Tx, events: Sequence[CountingEvent]) -> None:
    """Names in sorted order: two workers have different names, but a planted fault may give them the same."""
    more = Counter(event.name for event in events)
    parameters = {"names": sorted(more), "more": [more[name] for name in sorted(more)]}
    rows = (await tx.execute(_SEE, parameters)).all()
    last = {row.name: row.n - more[row.name] for row in rows}
    effects = []
    for event in events:
        last[event.name] += 1
        effects.append({"token": event.token, "name": event.name, "n": last[event.name]})
    await tx.execute(_APPLY, effects)


HEARS: dict[type[Event], Handler] = {Counted: counted, Tallied: Batch(tallied)}


def _no_api(settings: Settings) -> FastAPI:
    raise LookupError(f"{settings.service} has no API")


def _service(setup: Setup, role: str) -> tuple[Service, Settings]:
    if role == "producer":
        service, url = Service(PRODUCER, "Says", _no_api), setup.said_url
    else:
        service, url = Service(CONSUMER, "Hears", _no_api, hears=HEARS), setup.heard_url
    return service, Settings(
        service=service.name, database_url=url, bus=setup.bus, bus_database_url=setup.bus_url
    )


async def work(role: str, setup: Setup) -> None:
    """Works until SIGTERM."""
    await run_workers([_service(setup, role)], workers=2)
