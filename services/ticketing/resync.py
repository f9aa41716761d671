"""Ticketing's tickets and suspensions, said again from their histories; and what is planned, as it stands."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from chassis.db import Tx
from contracts.events import Event
from services.ticketing.commands.happening import as_told
from services.ticketing.commands.saying import Recorded, is_said, said_of
from services.ticketing.commands.suspensions import resumed, suspended
from services.ticketing.model.tickets import HistoryEntry, Ticket
from services.ticketing.rules.history import readings_of
from services.ticketing.rules.stories import stories_of
from services.ticketing.store import schedule, suspensions
from services.ticketing.store.recompute import list_kept

_PAGE = 500
_START = (UUID(int=0), UUID(int=0))


async def resync(tx: Tx) -> AsyncIterator[Event]:
    """What was said of every ticket, in its order, every suspension with its end, and all that is planned.

    That a deadline approached or was missed is a moment, not a state: it is not said again.
    """
    after = _START
    while page := await list_kept(tx, after, _PAGE):
        for kept in page:
            for event in said_again(kept.ticket, kept.history):
                yield event
        after = (page[-1].ticket.customer_id, page[-1].ticket.ticket_id)
    async for event in _suspensions(tx):
        yield event
    async for event in _planned(tx):
        yield event


def said_again(ticket: Ticket, lines: Sequence[HistoryEntry]) -> Iterator[Event]:
    """What each line of a ticket's history made ticketing say."""
    before = replace(ticket, provided_at=None, criticality=None)
    for entry, story in zip(lines, stories_of(lines), strict=True):
        readings = readings_of(story, ticket.terms, entry.at) if ticket.terms and is_said(entry.what) else ()
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
