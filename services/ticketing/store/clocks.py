"""A ticket's clocks and waits, as they follow from its history. What was said of deadlines stays."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from chassis.db import Tx
from services.ticketing.model.clocks import Pause
from services.ticketing.model.histories import ClockRow
from services.ticketing.model.tickets import Ticket

_PUT_CLOCKS = text("""
    INSERT INTO ticket_clock (customer_id, ticket_id, number, kind, state, starts_at, due_at, limit_seconds,
                              ended_at, elapsed_seconds, net_seconds, warn_at, miss_at)
    SELECT *
    FROM unnest(CAST(:customers AS uuid[]), CAST(:tickets AS uuid[]), CAST(:numbers AS smallint[]),
                CAST(:kinds AS text[]), CAST(:states AS text[]), CAST(:starts AS timestamptz[]),
                CAST(:dues AS timestamptz[]), CAST(:limits AS integer[]), CAST(:ends AS timestamptz[]),
                CAST(:elapsed AS integer[]), CAST(:nets AS integer[]), CAST(:warns AS timestamptz[]),
                CAST(:misses AS timestamptz[]))
    ON CONFLICT (customer_id, ticket_id, number) DO UPDATE
    SET kind = excluded.kind, state = excluded.state, starts_at = excluded.starts_at,
        due_at = excluded.due_at, limit_seconds = excluded.limit_seconds, ended_at = excluded.ended_at,
        elapsed_seconds = excluded.elapsed_seconds, net_seconds = excluded.net_seconds,
        warn_at = excluded.warn_at, miss_at = excluded.miss_at
""")
_PUT_WAITS = text("""
    INSERT INTO ticket_wait (customer_id, ticket_id, number, since, "until")
    SELECT *
    FROM unnest(CAST(:customers AS uuid[]), CAST(:tickets AS uuid[]), CAST(:numbers AS smallint[]),
                CAST(:sinces AS timestamptz[]), CAST(:untils AS timestamptz[]))
    ON CONFLICT (customer_id, ticket_id, number) DO UPDATE
    SET since = excluded.since, "until" = excluded.until
""")


async def save_clocks(tx: Tx, clocks: Sequence[tuple[Ticket, ClockRow]]) -> None:
    """Clocks of tickets, those there before written anew."""
    if not clocks:
        return
    columns: dict[str, list[Any]] = {
        "customers": [ticket.customer_id for ticket, _ in clocks],
        "tickets": [ticket.ticket_id for ticket, _ in clocks],
        "numbers": [clock.number for _, clock in clocks],
        "kinds": [clock.kind.value for _, clock in clocks],
        "states": [clock.state.value for _, clock in clocks],
        "starts": [clock.starts_at for _, clock in clocks],
        "dues": [clock.due_at for _, clock in clocks],
        "limits": [clock.limit_seconds for _, clock in clocks],
        "ends": [clock.ended_at for _, clock in clocks],
        "elapsed": [clock.elapsed_seconds for _, clock in clocks],
        "nets": [clock.net_seconds for _, clock in clocks],
        "warns": [clock.warn_at for _, clock in clocks],
        "misses": [clock.miss_at for _, clock in clocks],
    }
    await tx.execute(_PUT_CLOCKS, columns)


async def save_waits(tx: Tx, waits: Sequence[tuple[Ticket, tuple[Pause, ...]]]) -> None:
    """The waits of each of these tickets, those there before written anew."""
    numbered = [
        (ticket, number, wait)
        for ticket, all_of_it in waits
        for number, wait in enumerate(all_of_it, start=1)
    ]
    if not numbered:
        return
    columns: dict[str, list[Any]] = {
        "customers": [ticket.customer_id for ticket, _, _ in numbered],
        "tickets": [ticket.ticket_id for ticket, _, _ in numbered],
        "numbers": [number for _, number, _ in numbered],
        "sinces": [wait.since for _, _, wait in numbered],
        "untils": [wait.until for _, _, wait in numbered],
    }
    await tx.execute(_PUT_WAITS, columns)
