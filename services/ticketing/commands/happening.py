"""Whatever happens to a ticket happens here: a line in its history, and all that follows from it.

The row's facts, the clocks and the waits are told anew from the whole history, by the rules that
`livret tickets recompute` uses: nothing is kept that the history would not say.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from services.ticketing.commands.saying import Recorded
from services.ticketing.model.histories import ClockReading, Story
from services.ticketing.model.tickets import Happening, HistoryEntry, Ticket, TicketState
from services.ticketing.rules.history import nearest_due, readings_of
from services.ticketing.rules.stories import story_of
from services.ticketing.store import clocks, history, tickets

FROM_STORY = (
    "state",
    "acknowledged_at",
    "taken_in_charge_at",
    "taken_by",
    "qualified_at",
    "reproduced_at",
    "criticality",
    "provided_at",
    "waiting",
    "left_out",
    "left_out_reason",
    "left_out_at",
    "set_apart",
    "set_apart_reason",
    "set_apart_at",
    "closed_at",
    "closed_by",
)
"""What of a ticket's row its history decides, besides its registration and when it is due."""


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
    """The same, for who says it. A business clock that was set back puts no line before the last."""
    lines = await history.list_history(tx, ticket.customer_id, ticket.ticket_id)
    entry = HistoryEntry(lines[-1].seq + 1, max(now, lines[-1].at), what, by, told)
    await history.append(tx, ticket.customer_id, ticket.ticket_id, [entry])
    story = story_of([*lines, entry])
    readings = readings_of(story, ticket.terms, entry.at) if ticket.terms else ()
    after = as_told(replace(ticket, revision=ticket.revision + 1), story, readings)
    await tickets.save(tx, after)
    await save_derived(tx, after, story, readings)
    return Recorded(ticket, after, entry, readings)


def as_told(ticket: Ticket, story: Story, readings: tuple[ClockReading, ...]) -> Ticket:
    """The ticket with every fact that its history tells. What is over or left out is due nowhere."""
    facts = {name: getattr(story, name) for name in FROM_STORY}
    over = story.state is TicketState.closed or story.left_out is not None
    due = None if over else nearest_due(reading.row for reading in readings)
    return replace(ticket, **facts, nearest_due_at=due)


async def save_derived(tx: Tx, ticket: Ticket, story: Story, readings: tuple[ClockReading, ...]) -> None:
    """The clocks and waits that a ticket's history amounts to."""
    rows = [reading.row for reading in readings]
    await clocks.save_clocks(tx, ticket.customer_id, ticket.ticket_id, rows)
    await clocks.save_waits(tx, ticket.customer_id, ticket.ticket_id, story.waits)
