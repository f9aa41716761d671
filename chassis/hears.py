"""What a service is made of, as one value: its name, its API, what it hears, does on time and acts outside.

A service's `app.py` holds one `SERVICE`; the roster, the worker process, the command line and the documents
read it. What it hears is either a command per event or a declared batch projection.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chassis.clock import Clock
from chassis.settings import Settings
from contracts.events import Event

if TYPE_CHECKING:
    from fastapi import FastAPI

    from chassis.db import Tx
    from chassis.effects import Effect


@dataclass(frozen=True, slots=True)
class Context:
    """What a consumer, a job or a performer may know of the process it runs in."""

    service: str
    clock: Clock
    settings: Settings


@dataclass(frozen=True, slots=True)
class Batch:
    """A projection that takes up to `size` events at once: `async fn(tx, [(event, envelope), …], context)`.

    The events of one key stand in their order; those of different keys in any. They are handled in one
    transaction of the portal's scope. After a failure the same events come again in smaller parts.
    """

    fn: Callable[..., Awaitable[None]]
    size: int = 1000


Handler = Callable[..., Awaitable[None]] | Batch
"""`async fn(tx, event, envelope, context)`, in the scope of the event's customer, or a `Batch`."""

Job = Callable[["Tx", datetime, Context], Awaitable[None]]
"""`async fn(tx, due_at, context)`, in the portal's scope; `due_at` is the business instant it was due."""

Performer = Callable[["Effect", Context], Awaitable[None]]
"""Acts outside, with the effect's idempotency key: `async fn(effect, context)`."""

Resync = Callable[["Tx"], AsyncIterator[Event]]
"""The owner's present state, restated as events: `async def resync(tx): yield CompanyRegistered(…)`."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the portal.

    `every` maps an interval, or a cron line in Paris time (`"0 2 * * *"`), to a job or several. `performers`
    maps a kind of effect to what performs it; `mail` is there without being named.
    """

    name: str
    title: str
    create_api: Callable[[Any], "FastAPI"]
    settings_class: type[Settings] = Settings
    hears: Mapping[type[Event], Handler] = field(default_factory=dict)
    every: Mapping[timedelta | str, Job | Sequence[Job]] = field(default_factory=dict)
    performers: Mapping[str, Performer] = field(default_factory=dict)
    resync: Resync | None = None

    def topics(self) -> list[str]:
        """The topics of those it listens to."""
        return sorted({f"livret.{event.PRODUCER}" for event in self.hears})
