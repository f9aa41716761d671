"""Everything that follows from tickets' histories, told anew and compared with what is kept of it.

The history alone is believed, with the terms frozen at the registration. Nothing else decides a clock, a wait
or a fact of the ticket's row, so that nothing may differ.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from chassis import audit
from chassis.db import Database, Scope, Tx
from services.ticketing.commands.happening import Told, save_derived, told_by
from services.ticketing.model.clocks import Pause
from services.ticketing.model.histories import FROM_STORY, ClockRow
from services.ticketing.model.recompute import Difference, Kept
from services.ticketing.model.tickets import Happening, Ticket
from services.ticketing.store import recompute as store
from services.ticketing.store import tickets

AT_ONCE = 500
DERIVED = ("registered_at", *FROM_STORY, "nearest_due_at")
"""The fields of a ticket's row that its history decides."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How many tickets were looked at in one step, where they differ, and how many were repaired."""

    tickets: int
    differences: tuple[Difference, ...]
    repaired: int


async def recompute(db: Database, *, repair: bool, now: datetime) -> AsyncIterator[Looked]:
    """Looks at every ticket, some hundreds at a time; where one differs it is locked and looked at again.

    Changes nothing unless it is to repair: then each ticket becomes what its history says, in a transaction
    of its own with a line of the audit trail.
    """
    after = store.START
    while True:
        async with db.transaction(Scope.portal(), read_only=True) as tx:
            part = await store.list_kept(tx, after, AT_ONCE)
        if not part:
            return
        found: list[Difference] = []
        repaired = 0
        for kept in part:
            if not differences(kept):
                continue
            async with db.transaction(Scope.portal()) as tx:
                again = await _locked(tx, kept.ticket)
                differing = differences(again)
                if repair and differing and _begins(again):
                    await _repair(tx, again, differing, now)
                    repaired += 1
            found += differing
        yield Looked(len(part), tuple(found), repaired)
        after = (part[-1].ticket.customer_id, part[-1].ticket.ticket_id)


async def _locked(tx: Tx, ticket: Ticket) -> Kept:
    """A ticket that nobody changes meanwhile."""
    return await store.load_kept(tx, await tickets.lock_ticket(tx, ticket.customer_id, ticket.ticket_id))


async def _repair(tx: Tx, kept: Kept, differing: Sequence[Difference], now: datetime) -> None:
    """Keeps what the history says, and says so on the trail."""
    told = told_by(kept.ticket, kept.history)
    await tickets.save(tx, [told.ticket])
    await save_derived(tx, [told])
    await store.drop_beyond(tx, told.ticket, len(told.readings), len(told.story.waits))
    await audit.record(
        tx,
        "repair_ticket",
        business_at=now,
        customer_id=kept.ticket.customer_id,
        subject=str(kept.ticket.ticket_id),
        before={one.field: _plain(one.stored) for one in differing},
        after={one.field: _plain(one.recomputed) for one in differing},
    )


def differences(kept: Kept) -> tuple[Difference, ...]:
    """Where a ticket's row, clocks and waits say otherwise than its history; a history that does not begin
    with a registration says nothing, and is the difference itself.
    """
    ticket = kept.ticket
    compared: list[tuple[str, object, object]]
    if not _begins(kept):
        first = kept.history[0].what if kept.history else None
        compared = [("history", first, Happening.registered)]
    else:
        compared = list(_all_compared(kept, told_by(ticket, kept.history)))
    return tuple(
        Difference(ticket.customer_id, ticket.ticket_id, ticket.reference, name, stored, recomputed)
        for name, stored, recomputed in compared
        if stored != recomputed
    )


def _begins(kept: Kept) -> bool:
    return bool(kept.history) and kept.history[0].what is Happening.registered


def _all_compared(kept: Kept, told: Told) -> Iterator[tuple[str, object, object]]:
    for name in DERIVED:
        yield name, getattr(kept.ticket, name), _value(told, name)
    yield from _compared("clock", kept.clocks, told.clocks)
    yield from _compared("wait", kept.waits, told.story.waits)


def _value(told: Told, name: str) -> object:
    return told.story.registered_at if name == "registered_at" else getattr(told.ticket, name)


def _compared(
    kind: str, stored: Sequence[ClockRow | Pause], recomputed: Sequence[ClockRow | Pause]
) -> Iterator[tuple[str, object, object]]:
    """Field by field; one that is on one side only, whole."""
    for place in range(max(len(stored), len(recomputed))):
        name = f"{kind} {place + 1}"
        if place >= len(stored):
            yield name, None, asdict(recomputed[place])
        elif place >= len(recomputed):
            yield name, asdict(stored[place]), None
        else:
            one, two = stored[place], recomputed[place]
            for each in fields(one):
                yield f"{name} {each.name}", getattr(one, each.name), getattr(two, each.name)


def _plain(value: Any) -> Any:
    """As JSON takes it."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
