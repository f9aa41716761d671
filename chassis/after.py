"""Reading one's own writes across services: `Livret-After: <type>/<event id>[, …]`.

A write's answer names the events it said; a request that brings the header back waits until the inbox of the
service it asks has handled them. An event this service does not hear is not waited for.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text

from chassis.clock import monotonic
from chassis.refusals import Pointer, Refusal
from contracts.envelope import Envelope

if TYPE_CHECKING:
    from chassis.db import Database

HEADER = "Livret-After"
WAIT_SECONDS = 2.0
MAX_EVENTS = 10
_POLL_SECONDS = 0.02
_ONE = re.compile(r"\s*(livret\.[a-z]+\.\w+\.v\d+)/([0-9a-fA-F-]{36})\s*", re.ASCII)
_MISSING = text(
    "SELECT count(*) FROM unnest(CAST(:types AS text[]), CAST(:ids AS uuid[])) AS asked (type, event_id)"
    " WHERE EXISTS (SELECT FROM inbox_heard WHERE inbox_heard.type = asked.type)"
    " AND NOT EXISTS (SELECT FROM inbox WHERE inbox.event_id = asked.event_id"
    " AND state IN ('done', 'discarded'))"
)


class NotKnownYet(Refusal):
    slug = "not-known-yet"
    status = 409
    sentence = "What this request builds on has not reached this service yet; ask again in a moment."


class AfterUnreadable(Refusal):
    slug = "after-unreadable"
    status = 400
    sentence = f"{HEADER} holds up to {MAX_EVENTS} items of the form <type>/<event id>, parted by commas."


@dataclass(frozen=True, slots=True)
class Awaited:
    """An event that a request builds on."""

    type: str
    event_id: UUID


def header_of(emitted: Sequence[Envelope]) -> str | None:
    """The header for what a transaction said: of each type the last, since it comes after the others."""
    last = {envelope.type: envelope for envelope in emitted}
    newest = list(last.values())[-MAX_EVENTS:]
    return ", ".join(f"{each.type}/{each.id}" for each in newest) or None


def parse(header: str) -> list[Awaited]:
    """The events that a header names. Raises AfterUnreadable."""
    matches = [_ONE.fullmatch(item) for item in header.split(",")]
    try:
        awaited = [Awaited(each[1], UUID(each[2])) for each in matches if each is not None]
    except ValueError:
        awaited = []
    if not 0 < len(matches) == len(awaited) <= MAX_EVENTS:
        raise AfterUnreadable(errors=[Pointer("header/livret-after", AfterUnreadable.sentence)])
    return awaited


async def handled(db: "Database", awaited: Iterable[Awaited]) -> bool:
    """Whether this service has handled all of these that it hears."""
    asked = list(awaited)
    parameters = {"types": [each.type for each in asked], "ids": [each.event_id for each in asked]}
    async with db.engine.connect() as connection:
        return (await connection.execute(_MISSING, parameters)).scalar() == 0


async def require_known(db: "Database", header: str | None, wait_seconds: float = WAIT_SECONDS) -> None:
    """Waits for what the header names; NotKnownYet when it has not been handled in time."""
    if not header:
        return
    awaited, until = parse(header), monotonic() + wait_seconds
    while not await handled(db, awaited):
        if monotonic() >= until:
            raise NotKnownYet(retry_after=1)
        await asyncio.sleep(_POLL_SECONDS)
