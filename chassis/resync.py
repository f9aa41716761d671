"""An owner says its present state again: what a service added later, and a restore, learn from.

The state goes through the outbox as ordinary events with new ids; consumers are idempotent by content. While
it is read nobody else can emit: who has emitted is committed and seen, who has not emits after us. So no
restated event stands behind a newer one that it would undo.
"""

from collections.abc import AsyncIterator

from sqlalchemy import text

from chassis.db import Database, Scope
from chassis.hears import Service
from contracts.events import Event

PART = 1000
_ALONE = text("LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE")


class NothingToSay(Exception):
    """The service owns no state that others follow."""


async def resync(db: Database, service: Service) -> int:
    """Restates the service's present state as events; returns how many were written to the outbox.

    One transaction: what others see is one moment's state, and a failure in between says nothing.
    """
    if service.resync is None:
        raise NothingToSay(f"{service.name} restates nothing")
    count = 0
    async with db.transaction(Scope.portal()) as tx:
        await tx.execute(_ALONE)
        async for part in _parts(service.resync(tx)):
            await tx.emit_many(part)
            count += len(part)
    return count


async def _parts(events: AsyncIterator[Event]) -> AsyncIterator[list[Event]]:
    part: list[Event] = []
    async for event in events:
        part.append(event)
        if len(part) == PART:
            yield part
            part = []
    if part:
        yield part
