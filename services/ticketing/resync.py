"""Ticketing's tickets and suspensions, said again from their histories; and what is planned, as it stands."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import UUID

from chassis.db import Tx
from contracts.events import Event
from services.ticketing.commands.happening import as_told
from services.ticketing.commands.saying import Recorded, said_of
from services.ticketing.commands.suspensions import resumed, suspended
from services.ticketing.model.tickets import HistoryEntry, Ticket
from services.ticketing.rules.history import readings_of
from services.ticketing.rules.stories import story_of
from services.ticketing.store import history, listing, schedule, suspensions

_PAGE = 500
_START = (UUID(int=0), UUID(int=0))


async def resync(tx: Tx) -> AsyncIterator[Event]:
    """What was said of every ticket, in its order, every suspension with its end, and all that is planned.

    That a deadline approached or was missed is a moment, not a state: it is not said again.
    """
    after = _START
    while page := await listing.list_everywhere(tx, after, _PAGE):
        for ticket in page:
            lines = await history.list_history(tx, ticket.customer_id, ticket.ticket_id)
            for event in said_again(ticket, lines):
                yield event
        after = (page[-1].customer_id, page[-1].ticket_id)
    async for event in _suspensions(tx):
        yield event
    async for event in _planned(tx):
        yield event


def said_again(ticket: Ticket, lines: list[HistoryEntry]) -> Iterator[Event]:
    """What each line of a ticket's history made ticketing say."""
    before = replace(ticket, provided_at=None, criticality=None)
    for count, entry in enumerate(lines, start=1):
        story = story_of(lines[:count])
        readings = readings_of(story, ticket.terms, entry.at) if ticket.terms else ()
        after = as_told(ticket, story, readings)
        yield from said_of(Recorded(before, after, entry, readings))
        before = after


async def _suspensions(tx: Tx) -> AsyncIterator[Event]:
    after = _START
    while page := await suspensions.list_everywhere(tx, after, _PAGE):
        for suspension in page:
            yield suspended(suspension)
            if suspension.until is not None:
                yield resumed(suspension)
        after = (page[-1].customer_id, page[-1].suspension_id)


async def _planned(tx: Tx) -> AsyncIterator[Event]:
    after = _START
    while page := await schedule.list_everywhere(tx, after, _PAGE):
        for event in page:
            yield event
        after = (page[-1].customer_id, page[-1].intervention_id)
