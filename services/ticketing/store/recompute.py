"""Tickets of all customers with their history, clocks and waits, so many at a time; and what is put right."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, tuple_
from sqlalchemy.sql.elements import TextClause

from chassis.db import Tx
from services.ticketing.model.clocks import Pause
from services.ticketing.model.histories import ClockKind, ClockRow, ClockState
from services.ticketing.model.recompute import Kept
from services.ticketing.model.tickets import Ticket
from services.ticketing.store.history import Key, list_histories
from services.ticketing.store.tickets import ticket_of
from services.ticketing.tables.tickets import TICKET

START: Key = (UUID(int=0), UUID(int=0))

_KEY = (TICKET.c.customer_id, TICKET.c.ticket_id)
_THESE = """
    (customer_id, ticket_id) IN (
        SELECT * FROM unnest(CAST(:customers AS uuid[]), CAST(:tickets AS uuid[])))
"""
_CLOCKS = text(f"""
    SELECT customer_id, ticket_id, number, kind, state, starts_at, due_at, limit_seconds, ended_at,
           elapsed_seconds, net_seconds, warn_at, miss_at
    FROM ticket_clock WHERE {_THESE} ORDER BY customer_id, ticket_id, number
""")  # noqa: S608
_WAITS = text(f"""
    SELECT customer_id, ticket_id, since, "until" FROM ticket_wait
    WHERE {_THESE} ORDER BY customer_id, ticket_id, number
""")  # noqa: S608
_DROP_CLOCKS = text("""
    DELETE FROM ticket_clock WHERE customer_id = :customer_id AND ticket_id = :ticket_id AND number > :last
""")
_DROP_WAITS = text("""
    DELETE FROM ticket_wait WHERE customer_id = :customer_id AND ticket_id = :ticket_id AND number > :last
""")


async def list_kept(tx: Tx, after: Key, limit: int) -> list[Kept]:
    """At most `limit` tickets in order of customer and id, those after a key."""
    statement = select(TICKET).where(tuple_(*_KEY) > tuple_(*after)).order_by(*_KEY).limit(limit)
    return await _kept(tx, [ticket_of(row) for row in await tx.fetch_all(statement)])


async def load_kept(tx: Tx, ticket: Ticket) -> Kept:
    """The same of a ticket that is locked."""
    (kept,) = await _kept(tx, [ticket])
    return kept


async def _kept(tx: Tx, found: list[Ticket]) -> list[Kept]:
    histories = await list_histories(tx, found)
    clocks = await _by_ticket(tx, _CLOCKS, found)
    waits = await _by_ticket(tx, _WAITS, found)
    return [
        Kept(
            ticket,
            tuple(histories[key]),
            tuple(
                ClockRow(number, ClockKind(kind), ClockState(state), *others)
                for number, kind, state, *others in clocks[key]
            ),
            tuple(Pause(since, until) for since, until in waits[key]),
        )
        for ticket in found
        for key in [(ticket.customer_id, ticket.ticket_id)]
    ]


async def _by_ticket(tx: Tx, statement: TextClause, found: list[Ticket]) -> dict[Key, list[tuple[Any, ...]]]:
    """The rows of these tickets, without their keys."""
    keys = {
        "customers": [ticket.customer_id for ticket in found],
        "tickets": [ticket.ticket_id for ticket in found],
    }
    rows: dict[Key, list[tuple[Any, ...]]] = defaultdict(list)
    for row in await tx.fetch_all(statement, keys):
        rows[row.customer_id, row.ticket_id].append(tuple(row)[2:])
    return rows


async def drop_beyond(tx: Tx, ticket: Ticket, clocks: int, waits: int) -> None:
    """Takes away the clocks and waits of a ticket that come after so many."""
    key = {"customer_id": ticket.customer_id, "ticket_id": ticket.ticket_id}
    await tx.execute(_DROP_CLOCKS, key | {"last": clocks})
    await tx.execute(_DROP_WAITS, key | {"last": waits})
