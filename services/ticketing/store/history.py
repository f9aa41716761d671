"""A ticket's history: lines are added and read, and never changed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.db import Tx
from services.ticketing.model.tickets import Happening, HistoryEntry, Ticket

Key = tuple[UUID, UUID]
"""A ticket's customer and its own id."""

_APPEND = text("""
    INSERT INTO ticket_history (customer_id, ticket_id, seq, at, what, by, told)
    SELECT customer_id, ticket_id, seq, at, what, by, CAST(told AS jsonb)
    FROM unnest(CAST(:customers AS uuid[]), CAST(:tickets AS uuid[]), CAST(:seqs AS integer[]),
                CAST(:instants AS timestamptz[]), CAST(:whats AS text[]), CAST(:people AS uuid[]),
                CAST(:tolds AS text[])) AS lines (customer_id, ticket_id, seq, at, what, by, told)
""")
_WHOLE = text("""
    SELECT seq, at, what, by, told FROM ticket_history
    WHERE customer_id = :customer_id AND ticket_id = :ticket_id ORDER BY seq
""")
_WHOLE_OF_THESE = text("""
    SELECT customer_id, ticket_id, seq, at, what, by, told FROM ticket_history
    WHERE (customer_id, ticket_id) IN (
        SELECT * FROM unnest(CAST(:customers AS uuid[]), CAST(:tickets AS uuid[])))
    ORDER BY customer_id, ticket_id, seq
""")
_PAGE = text("""
    SELECT seq, at, what, by, told FROM ticket_history
    WHERE customer_id = :customer_id AND ticket_id = :ticket_id AND seq > :after
      AND NOT (what = ANY(CAST(:hidden AS text[])))
    ORDER BY seq LIMIT :limit
""")


async def append(tx: Tx, entries: Sequence[tuple[Ticket, HistoryEntry]]) -> None:
    """Adds lines at the end of tickets' histories. A `seq` that is taken is an error: one was not locked."""
    await tx.execute(
        _APPEND,
        {
            "customers": [ticket.customer_id for ticket, _ in entries],
            "tickets": [ticket.ticket_id for ticket, _ in entries],
            "seqs": [entry.seq for _, entry in entries],
            "instants": [entry.at for _, entry in entries],
            "whats": [entry.what.value for _, entry in entries],
            "people": [entry.by for _, entry in entries],
            "tolds": [orjson.dumps(dict(entry.told)).decode() for _, entry in entries],
        },
    )


async def list_history(tx: Tx, customer_id: UUID, ticket_id: UUID) -> list[HistoryEntry]:
    """The whole history, in order; empty for a ticket that is unknown here."""
    rows = await tx.fetch_all(_WHOLE, {"customer_id": customer_id, "ticket_id": ticket_id})
    return [_entry(row) for row in rows]


async def list_histories(tx: Tx, found: Sequence[Ticket]) -> Mapping[Key, list[HistoryEntry]]:
    """The whole history of each of these tickets, in order."""
    keys = {
        "customers": [ticket.customer_id for ticket in found],
        "tickets": [ticket.ticket_id for ticket in found],
    }
    histories: dict[Key, list[HistoryEntry]] = defaultdict(list)
    for row in await tx.fetch_all(_WHOLE_OF_THESE, keys):
        histories[row.customer_id, row.ticket_id].append(_entry(row))
    return histories


async def page_history(
    tx: Tx, customer_id: UUID, ticket_id: UUID, hidden: frozenset[Happening], after: int, limit: int
) -> list[HistoryEntry]:
    """At most `limit` lines after `after`, in order, without those of a hidden kind."""
    asked = {"customer_id": customer_id, "ticket_id": ticket_id, "after": after, "limit": limit}
    rows = await tx.fetch_all(_PAGE, asked | {"hidden": sorted(hidden)})
    return [_entry(row) for row in rows]


def _entry(row: Row[Any]) -> HistoryEntry:
    return HistoryEntry(row.seq, row.at, Happening(row.what), row.by, row.told)
