"""A ticket's history: lines are added and read, and never changed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.db import Tx
from services.ticketing.model.tickets import Happening, HistoryEntry

_APPEND = text("""
    INSERT INTO ticket_history (customer_id, ticket_id, seq, at, what, by, told)
    SELECT :customer_id, :ticket_id, seq, at, what, by, CAST(told AS jsonb)
    FROM unnest(CAST(:seqs AS integer[]), CAST(:instants AS timestamptz[]), CAST(:whats AS text[]),
                CAST(:people AS uuid[]), CAST(:tolds AS text[])) AS lines (seq, at, what, by, told)
""")
_WHOLE = text("""
    SELECT seq, at, what, by, told FROM ticket_history
    WHERE customer_id = :customer_id AND ticket_id = :ticket_id ORDER BY seq
""")
_PAGE = text("""
    SELECT seq, at, what, by, told FROM ticket_history
    WHERE customer_id = :customer_id AND ticket_id = :ticket_id AND seq > :after
      AND NOT (what = ANY(CAST(:hidden AS text[])))
    ORDER BY seq LIMIT :limit
""")


async def append(tx: Tx, customer_id: UUID, ticket_id: UUID, entries: Sequence[HistoryEntry]) -> None:
    """Adds lines at the end. A `seq` that is taken is an error: the ticket was not locked."""
    await tx.execute(
        _APPEND,
        {
            "customer_id": customer_id,
            "ticket_id": ticket_id,
            "seqs": [entry.seq for entry in entries],
            "instants": [entry.at for entry in entries],
            "whats": [entry.what.value for entry in entries],
            "people": [entry.by for entry in entries],
            "tolds": [orjson.dumps(dict(entry.told)).decode() for entry in entries],
        },
    )


async def list_history(tx: Tx, customer_id: UUID, ticket_id: UUID) -> list[HistoryEntry]:
    """The whole history, in order; empty for a ticket that is unknown here."""
    rows = await tx.fetch_all(_WHOLE, {"customer_id": customer_id, "ticket_id": ticket_id})
    return [_entry(row) for row in rows]


async def page_history(
    tx: Tx, customer_id: UUID, ticket_id: UUID, hidden: frozenset[Happening], after: int, limit: int
) -> list[HistoryEntry]:
    """At most `limit` lines after `after`, in order, without those of a hidden kind."""
    asked = {"customer_id": customer_id, "ticket_id": ticket_id, "after": after, "limit": limit}
    rows = await tx.fetch_all(_PAGE, asked | {"hidden": sorted(hidden)})
    return [_entry(row) for row in rows]


def _entry(row: Row[Any]) -> HistoryEntry:
    return HistoryEntry(row.seq, row.at, Happening(row.what), row.by, row.told)
