"""A ticket's clocks and waits, as they follow from its history. What was said of deadlines stays."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.db import Tx
from services.ticketing.model.clocks import Pause
from services.ticketing.model.histories import ClockKind, ClockRow, ClockState

_PUT_CLOCKS = text("""
    INSERT INTO ticket_clock (customer_id, ticket_id, number, kind, state, starts_at, due_at, limit_seconds,
                              ended_at, elapsed_seconds, net_seconds, warn_at, miss_at)
    SELECT :customer_id, :ticket_id, clocks.*
    FROM unnest(CAST(:numbers AS smallint[]), CAST(:kinds AS text[]), CAST(:states AS text[]),
                CAST(:starts AS timestamptz[]), CAST(:dues AS timestamptz[]), CAST(:limits AS integer[]),
                CAST(:ends AS timestamptz[]), CAST(:elapsed AS integer[]), CAST(:nets AS integer[]),
                CAST(:warns AS timestamptz[]), CAST(:misses AS timestamptz[])) AS clocks
    ON CONFLICT (customer_id, ticket_id, number) DO UPDATE
    SET kind = excluded.kind, state = excluded.state, starts_at = excluded.starts_at,
        due_at = excluded.due_at, limit_seconds = excluded.limit_seconds, ended_at = excluded.ended_at,
        elapsed_seconds = excluded.elapsed_seconds, net_seconds = excluded.net_seconds,
        warn_at = excluded.warn_at, miss_at = excluded.miss_at
""")
_PUT_WAITS = text("""
    INSERT INTO ticket_wait (customer_id, ticket_id, number, since, "until")
    SELECT :customer_id, :ticket_id, waits.*
    FROM unnest(CAST(:numbers AS smallint[]), CAST(:sinces AS timestamptz[]),
                CAST(:untils AS timestamptz[])) AS waits
    ON CONFLICT (customer_id, ticket_id, number) DO UPDATE
    SET since = excluded.since, "until" = excluded.until
""")
_LIST = text("""
    SELECT number, kind, state, starts_at, due_at, limit_seconds, ended_at, elapsed_seconds, net_seconds,
           warn_at, miss_at
    FROM ticket_clock WHERE customer_id = :customer_id AND ticket_id = :ticket_id ORDER BY number
""")


async def save_clocks(tx: Tx, customer_id: UUID, ticket_id: UUID, clocks: Sequence[ClockRow]) -> None:
    """The clocks of a ticket, those there before written anew."""
    if not clocks:
        return
    columns: dict[str, list[Any]] = {
        "numbers": [clock.number for clock in clocks],
        "kinds": [clock.kind.value for clock in clocks],
        "states": [clock.state.value for clock in clocks],
        "starts": [clock.starts_at for clock in clocks],
        "dues": [clock.due_at for clock in clocks],
        "limits": [clock.limit_seconds for clock in clocks],
        "ends": [clock.ended_at for clock in clocks],
        "elapsed": [clock.elapsed_seconds for clock in clocks],
        "nets": [clock.net_seconds for clock in clocks],
        "warns": [clock.warn_at for clock in clocks],
        "misses": [clock.miss_at for clock in clocks],
    }
    await tx.execute(_PUT_CLOCKS, columns | {"customer_id": customer_id, "ticket_id": ticket_id})


async def save_waits(tx: Tx, customer_id: UUID, ticket_id: UUID, waits: Sequence[Pause]) -> None:
    """The waits of a ticket, those there before written anew."""
    if not waits:
        return
    columns: dict[str, list[Any]] = {
        "numbers": list(range(1, len(waits) + 1)),
        "sinces": [wait.since for wait in waits],
        "untils": [wait.until for wait in waits],
    }
    await tx.execute(_PUT_WAITS, columns | {"customer_id": customer_id, "ticket_id": ticket_id})


async def list_clocks(tx: Tx, customer_id: UUID, ticket_id: UUID) -> list[ClockRow]:
    """The clocks of a ticket as they are kept, the take-charge first."""
    rows = await tx.fetch_all(_LIST, {"customer_id": customer_id, "ticket_id": ticket_id})
    return [
        ClockRow(
            number=row.number,
            kind=ClockKind(row.kind),
            state=ClockState(row.state),
            starts_at=row.starts_at,
            due_at=row.due_at,
            limit_seconds=row.limit_seconds,
            ended_at=row.ended_at,
            elapsed_seconds=row.elapsed_seconds,
            net_seconds=row.net_seconds,
            warn_at=row.warn_at,
            miss_at=row.miss_at,
        )
        for row in rows
    ]
