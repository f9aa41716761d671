"""A month's close for all customers: closings a second, against COPY of the same rows into the same table.

    python -m tests.bench.closing [--customers 10000]

Closing reckons the month, freezes its evidence, writes a row and says an event for each customer, by the
service's own command; COPY only writes the rows. Then a correction that touches everybody is reviewed, and a
commitment that everybody loses is said.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import text

from chassis.clock import monotonic
from chassis.db import Database, Scope, Tx
from services.availability.commands.months import close_due, say_lost
from services.availability.commands.outages import open_outage
from services.availability.commands.reviews import review_closed
from services.availability.model.records import NewOutage, OutageSource
from tests.bench.ground import against, cluster, rate, show
from tests.support.postgres import ServiceDatabase

MAY_FIRST = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
DURING, AFTER = datetime(2026, 5, 29, 12, 0, tzinfo=UTC), datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
OUTAGES, NAMED = 40, 100
"""Outages of the month for all, and customers whom one more names each."""
CUSTOMERS = text("""
    INSERT INTO customer (customer_id, name, registered_at, contract_starts_on)
    SELECT customer_id, 'Cabinet', :registered_at, :starts_on
    FROM unnest(CAST(:customers AS uuid[])) AS made (customer_id)
""")

Command = Callable[[Tx, datetime], Awaitable[int]]


async def settle(db: Database, customers: Sequence[UUID]) -> None:
    """The customers, and what was down in May."""
    async with db.transaction(Scope.portal()) as tx:
        told = {"customers": list(customers), "registered_at": MAY_FIRST, "starts_on": date(2026, 5, 1)}
        await tx.execute(CUSTOMERS, told)
        for number in range(OUTAGES):
            await down(tx, MAY_FIRST + timedelta(hours=13 * number), None)
        for number, customer in enumerate(customers[:NAMED]):
            await down(tx, MAY_FIRST + timedelta(days=1, minutes=number), (customer,))


async def down(
    tx: Tx, since: datetime, customers: tuple[UUID, ...] | None, length: timedelta = timedelta(minutes=1)
) -> None:
    """An outage."""
    new = NewOutage("Down", OutageSource.operations, since, since + length, customers=customers)
    await open_outage(tx, new, AFTER)


async def timed(db: Database, command: Command, now: datetime, expected: int) -> float:
    """The seconds that a command takes, which must do that much."""
    began = monotonic()
    async with db.transaction(Scope.portal()) as tx:
        done = await command(tx, now)
    taken = monotonic() - began
    if done != expected:
        raise AssertionError(f"{command.__name__} did {done}, not {expected}")
    return taken


async def copied(database: ServiceDatabase) -> float:
    """The seconds of COPY of the rows that closing has written, into a table like theirs."""
    connection = await asyncpg.connect(database.admin_url)
    rows: list[Any] = await connection.fetch("SELECT * FROM month_close")
    await connection.execute("CREATE TABLE closed_again (LIKE month_close INCLUDING ALL)")
    records = [tuple(row.values()) for row in rows]
    began = monotonic()
    await connection.copy_records_to_table("closed_again", records=records, columns=list(rows[0].keys()))
    taken = monotonic() - began
    await connection.close()
    return taken


async def measure(count: int) -> None:
    """All figures."""
    customers = [uuid4() for _ in range(count)]
    with cluster() as servers:
        database = servers.make("availability")
        db = Database.create(database.app_url, pool_size=2)
        await settle(db, customers)
        closing = await timed(db, close_due, AFTER, count)
        copying = await copied(database)
        compared = against(count / closing, count / copying, f"COPY ({rate(count, copying)})")
        show(f"a month closed for {count:,} customers", rate(count, closing), compared)
        show("  whole close", f"{closing:.2f} s")
        await timed(db, review_closed, AFTER, 0)
        async with db.transaction(Scope.portal()) as tx:
            await down(tx, DURING - timedelta(hours=3), None, timedelta(hours=3))
        revising = await timed(db, review_closed, AFTER, count)
        show("  revised after a correction that touches everybody", f"{revising:.2f} s")
        june = AFTER + timedelta(hours=8)
        async with db.transaction(Scope.portal()) as tx:
            new = NewOutage("Down", OutageSource.operations, AFTER, june)
            await open_outage(tx, new, june)
        saying = await timed(db, say_lost, june, count)
        show("  said of everybody that the commitment is lost", f"{saying:.2f} s")
        quiet = await timed(db, say_lost, june, 0)
        show("  looked at again with nothing new", f"{quiet * 1e3:,.0f} ms")
        await db.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.closing", description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    asyncio.run(measure(parser.parse_args(arguments).customers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
