"""Whatever happens to a ticket happens here: a line in its history, and all that follows from it.

The row's facts, the clocks and the waits are told anew from the whole history, by the rules that
`livret tickets recompute` uses: nothing is kept that the history would not say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from services.ticketing.commands.saying import Recorded
from services.ticketing.model.histories import FROM_STORY, ClockReading, ClockRow, Story
from services.ticketing.model.tickets import Happening, HistoryEntry, Ticket, TicketState
from services.ticketing.rules.history import nearest_due, readings_of
from services.ticketing.rules.stories import story_of
from services.ticketing.store import clocks, history, tickets


@dataclass(frozen=True, slots=True)
class Told:
    """A ticket as its history tells it."""

    ticket: Ticket
    story: Story
    readings: tuple[ClockReading, ...]

    @property
    def clocks(self) -> tuple[ClockRow, ...]:
        return tuple(reading.row for reading in self.readings)


async def happened(
    tx: Tx, ticket: Ticket, what: Happening, by: UUID | None, told: Mapping[str, Any], now: datetime
) -> Ticket:
    """Adds a line to the history of a ticket that is locked, and saves what follows from it.

    Columns that no history tells - assignment, queue - are saved as `ticket` has them.
    """
    return (await record(tx, ticket, what, by, told, now)).ticket


async def record(
    tx: Tx, ticket: Ticket, what: Happening, by: UUID | None, told: Mapping[str, Any], now: datetime
) -> Recorded:
    """The same, for who says it."""
    (recorded,) = await record_all(tx, [ticket], what, by, told, now)
    return recorded


async def record_all(
    tx: Tx, found: Sequence[Ticket], what: Happening, by: UUID | None, told: Mapping[str, Any], now: datetime
) -> list[Recorded]:
    """The same of each of some hundred tickets, with the statements of one.

    A business clock that was set back puts no line before a ticket's last.
    """
    histories = await history.list_histories(tx, found)
    recorded, following = [], []
    for ticket in found:
        lines = histories[ticket.customer_id, ticket.ticket_id]
        entry = HistoryEntry(lines[-1].seq + 1, max(now, lines[-1].at), what, by, told)
        after = told_by(replace(ticket, revision=ticket.revision + 1), [*lines, entry])
        recorded.append(Recorded(ticket, after.ticket, entry, after.readings))
        following.append(after)
    await history.append(tx, [(each.ticket, each.entry) for each in recorded])
    await tickets.save(tx, [after.ticket for after in following])
    await save_derived(tx, following)
    return recorded


def told_by(ticket: Ticket, lines: Sequence[HistoryEntry]) -> Told:
    """What the history says as at its last line: since then only time has gone by."""
    story = story_of(lines)
    readings = readings_of(story, ticket.terms, lines[-1].at) if ticket.terms else ()
    return Told(as_told(ticket, story, readings), story, readings)


def as_told(ticket: Ticket, story: Story, readings: tuple[ClockReading, ...]) -> Ticket:
    """The ticket with every fact that its history tells. What is over or left out is due nowhere."""
    facts = {name: getattr(story, name) for name in FROM_STORY}
    over = story.state is TicketState.closed or story.left_out is not None
    due = None if over else nearest_due(reading.row for reading in readings)
    return replace(ticket, **facts, nearest_due_at=due)


async def save_derived(tx: Tx, following: Sequence[Told]) -> None:
    """The clocks and waits that tickets' histories amount to."""
    await clocks.save_clocks(tx, [(told.ticket, clock) for told in following for clock in told.clocks])
    await clocks.save_waits(tx, [(told.ticket, told.story.waits) for told in following])
