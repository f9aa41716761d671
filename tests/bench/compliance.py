"""The share of tickets taken in charge in time, over more and more tickets of one customer.

    python -m tests.bench.compliance [--most 1000000]

The report is counted anew each time, from the rows as they are. Beside it stands a bare count of the same
tickets in the same run, and how much longer it takes for ten times as many. Then the detailed report of one
month of the thirty-nine, with what was left waiting of all of them.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from sqlalchemy import text

from chassis.clock import monotonic
from chassis.db import Database, Scope
from services.ticketing.compliance import compliance_of
from services.ticketing.rules.report import month_of
from services.ticketing.share_terms import zone
from services.ticketing.store.report import list_groups
from tests.bench.ground import cluster, show
from tests.support.postgres import ServiceDatabase

ROUNDS = 5
LEAST = 10_000
CUSTOMER = UUID(int=7)
NOW = datetime(2026, 3, 27, 10, tzinfo=UTC)
_BARE = text("SELECT count(*) FROM ticket WHERE customer_id = :customer_id")
_TERMS = (
    '{"calendar": "support.open", "frozen_on": "2026-03-27", "take_charge_seconds": 28800,'
    ' "plan_seconds": 43200, "correction_days": 6, "net_decides": false, "booklet": ""}'
)
_SEED = (
    """
    INSERT INTO customer (customer_id, name, kind, registered_at, contract_starts_on)
    VALUES ($1, 'Cabinet Durand', 'accounting_firm', '2023-01-01', '2023-01-01')
    """,
    """
    INSERT INTO plan_period (customer_id, since, plan) VALUES ($1, '2023-01-01', 'open')
    """,
)
_TICKETS = """
    INSERT INTO ticket (customer_id, ticket_id, reference, kind, channel, queue, plan, subject, context,
                        menu_path, terms, state, registered_at, taken_in_charge_at, waiting, left_out,
                        set_apart, revision)
    SELECT $1, gen_random_uuid(), 'T-' || n, 'support', 'portal', 'devis-factures', 'open',
           'The totals of an invoice are wrong', repeat('What was done, and what happened then. ', 8),
           ARRAY['Sales', 'Invoices'], $3::jsonb, CASE WHEN n % 50 = 0 THEN 'registered' ELSE 'closed' END,
           timestamptz '2023-01-01' + n * (interval '1180 days' / $4),
           CASE WHEN n % 50 = 0 THEN NULL
                ELSE timestamptz '2023-01-01 01:00' + n * (interval '1180 days' / $4) END,
           false, CASE WHEN n % 40 = 1 THEN 'out_of_scope' END,
           CASE WHEN n % 60 = 2 THEN 'duty_not_met' END, 1
    FROM generate_series($2::bigint, $4::bigint) AS n
"""
_CLOCKS = """
    INSERT INTO ticket_clock (customer_id, ticket_id, number, kind, state, starts_at, due_at, limit_seconds,
                              ended_at, elapsed_seconds, net_seconds, warn_at, miss_at)
    SELECT customer_id, ticket_id, number, 'take_charge',
           CASE WHEN state = 'registered' THEN 'running'
                WHEN substr(reference, 3)::bigint % 5 = 0 THEN 'missed' ELSE 'kept' END,
           registered_at, registered_at + interval '1 day', 28800, taken_in_charge_at,
           CASE WHEN state = 'closed' THEN 3600 END, CASE WHEN state = 'closed' THEN 3600 END,
           registered_at + interval '20 hours', registered_at + interval '24 hours 1 second'
    FROM ticket CROSS JOIN generate_series(1, 2) AS number
    WHERE customer_id = $1 AND NOT EXISTS (
        SELECT FROM ticket_clock clock
        WHERE clock.customer_id = ticket.customer_id AND clock.ticket_id = ticket.ticket_id)
"""


async def fill(connection: asyncpg.Connection, count: int) -> None:
    """So many tickets of one customer over three years, each with a take-charge clock and another."""
    for statement in _SEED:
        await connection.execute(statement, CUSTOMER)
    await connection.execute(_TICKETS, CUSTOMER, 1, _TERMS, count)
    await connection.execute(_CLOCKS, CUSTOMER)
    await connection.execute("VACUUM ANALYZE ticket, ticket_clock")


async def counted_bare(db: Database) -> float:
    """Seconds of the fastest bare count."""
    taken = []
    for _ in range(ROUNDS):
        async with db.transaction(Scope.customer(CUSTOMER), read_only=True) as tx:
            began = monotonic()
            await tx.fetch_one(_BARE, {"customer_id": CUSTOMER})
            taken.append(monotonic() - began)
    return min(taken)


async def reported(db: Database, count: int) -> float:
    """Seconds of the fastest report."""
    taken = []
    for _ in range(ROUNDS):
        async with db.transaction(Scope.customer(CUSTOMER), read_only=True) as tx:
            began = monotonic()
            found = await compliance_of(tx, CUSTOMER, NOW)
            taken.append(monotonic() - began)
        if sum(one.tickets for year in found.years for one in year.counts) != count:
            raise AssertionError("tickets were left out")
    return min(taken)


async def detailed(db: Database) -> float:
    """Seconds of the fastest detailed report of a month."""
    taken, month = [], month_of("2026-02", zone(), NOW)
    for _ in range(ROUNDS):
        async with db.transaction(Scope.customer(CUSTOMER), read_only=True) as tx:
            began = monotonic()
            await list_groups(tx, CUSTOMER, month, NOW)
            taken.append(monotonic() - began)
    return min(taken)


async def measured(database: ServiceDatabase, count: int, before: float | None) -> float:
    """The figures over so many tickets; the seconds of the report, to compare the next ones with."""
    connection = await asyncpg.connect(database.admin_url)
    await fill(connection, count)
    await connection.close()
    db = Database.create(database.app_url, pool_size=1)
    bare, ours = await counted_bare(db), await reported(db, count)
    grown = "" if before is None else f", {ours / before:.1f} x that of a tenth"
    compared = f"= {ours / bare:.1f} x a bare count ({bare * 1e3:,.1f} ms){grown}"
    show(f"compliance of a customer with {count:,} tickets", f"{ours * 1e3:,.1f} ms", compared)
    show("  a month of them in detail", f"{await detailed(db) * 1e3:,.1f} ms")
    await db.close()
    return ours


async def measure(most: int) -> None:
    """All figures, each in a database of its own."""
    before: float | None = None
    with cluster() as servers:
        count = min(LEAST, most)
        while count <= most:
            database = servers.make("ticketing")
            before = await measured(database, count, before)
            servers.drop(database)
            count *= 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.compliance", description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000)
    asyncio.run(measure(parser.parse_args(arguments).most))
    return 0


if __name__ == "__main__":
    sys.exit(main())
