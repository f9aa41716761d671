"""Taking the next ticket: with 100,000 waiting, beside 100 waiting, and beside a bare claim of the same rows.

    python -m tests.bench.queues [--waiting 100000] [--takes 300]

Taking the next finds it, locks it, assigns it, takes it in charge (judging its clock from its history) and
says so, in one transaction; the bare claim finds, locks and updates a row.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import uuid4

import asyncpg

from chassis.clock import monotonic, system_now
from chassis.db import Database, Scope
from contracts.events.tenancy import CustomerRegistered
from services.ticketing.commands.queue import take_next
from services.ticketing.commands.registration import register_ticket
from services.ticketing.model.tickets import Channel, Description, NewTicket, SupportPlan, TicketKind
from services.ticketing.store.heard import save_customer
from tests.bench.ground import cluster, percentile, show
from tests.support.postgres import ServiceDatabase

PLANS = (SupportPlan.open, SupportPlan.private)
_COPIED = ("ticket", "ticket_history", "ticket_clock")
_BARE = """
    UPDATE ticket SET assigned_to = $1, assigned_at = now(), state = 'in_charge'
    WHERE (customer_id, ticket_id) =
    (SELECT customer_id, ticket_id FROM ticket WHERE queue = $2 AND assigned_to IS NULL AND NOT waiting
     AND state IN ('registered', 'in_charge') AND plan = 'private'
     ORDER BY registered_at, ticket_id LIMIT 1 FOR UPDATE SKIP LOCKED)
"""


async def one_of_each_plan(db: Database) -> None:
    """A ticket of a customer of each plan, registered as any other."""
    now = system_now()
    for plan in PLANS:
        customer = uuid4()
        told = {
            "customer_id": customer,
            "name": f"Cabinet {plan}",
            "kind": "accounting_firm",
            "support_plan": plan,
            "registered_at": now,
            "contract_starts_on": now.date(),
            "term_months": 12,
        }
        new = NewTicket(
            customer, TicketKind.support, Channel.portal, Description("A quote cannot be saved", "It fails.")
        )
        async with db.transaction(Scope.portal()) as tx:
            await save_customer(tx, CustomerRegistered.model_validate(told))
            await register_ticket(tx, new, now)


async def multiply(database: ServiceDatabase, queue: str, waiting: int) -> None:
    """So many copies of those tickets in this queue, with their histories and clocks, a second apart."""
    connection = await asyncpg.connect(database.admin_url)
    await connection.execute("CREATE TEMPORARY TABLE pattern AS SELECT * FROM ticket WHERE queue = 'portal'")
    await connection.execute(
        "CREATE TEMPORARY TABLE wanted AS SELECT n, gen_random_uuid() AS new_id, customer_id, ticket_id"
        " FROM pattern, generate_series(1, $1::int / 2) AS n",
        waiting,
    )
    for table in _COPIED:
        columns = [
            row["attname"]
            for row in await connection.fetch(
                "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0"
                " AND NOT attisdropped ORDER BY attnum",
                table,
            )
        ]
        told = {
            "ticket_id": "wanted.new_id",
            "queue": f"'{queue}'",
            "reference": "left(wanted.new_id::text, 18)",
            "registered_at": "old.registered_at - wanted.n * interval '1 second'",
        }
        values = ", ".join(told.get(name, f'old."{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        await connection.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM wanted"
            f" JOIN {table} AS old USING (customer_id, ticket_id)"
        )
    await connection.execute("DROP TABLE pattern, wanted")
    await connection.execute("ANALYZE")
    await connection.close()


async def timed(takes: int, take: Callable[[], Awaitable[object]]) -> list[float]:
    """The seconds of each take."""
    seconds = []
    for _ in range(takes):
        began = monotonic()
        await take()
        seconds.append(monotonic() - began)
    return seconds


async def measure(waiting: int, takes: int) -> None:
    """All figures of one run."""
    with cluster() as server:
        database = server.make("ticketing")
        db = Database.create(database.app_url, pool_size=2)
        bare = await asyncpg.connect(database.admin_url)
        await one_of_each_plan(db)
        agent = uuid4()

        async def take(queue: str) -> None:
            async with db.transaction(Scope.portal()) as tx:
                await take_next(tx, [queue], agent, system_now())

        figures = {}
        for name, count in (("warm", 2 * takes), ("few", max(100, 2 * takes)), ("many", waiting)):
            await multiply(database, name, count)
            figures[name] = await timed(takes, partial(take, name))
        claims = await timed(takes, lambda: bare.execute(_BARE, agent, "many"))
        await bare.close()
        await db.close()
    report(waiting, max(100, 2 * takes), figures, claims)


def report(waiting: int, few: int, figures: dict[str, list[float]], claims: list[float]) -> None:
    """Prints the figures."""
    base = percentile(figures["few"], 0.5)
    for name, count in (("few", few), ("many", waiting)):
        p50, p99 = (percentile(figures[name], share) * 1000 for share in (0.5, 0.99))
        show(
            f"take next of {count:,} waiting, p50 / p99",
            f"{p50:.1f} / {p99:.1f} ms",
            f"= {p50 / 1000 / base:.2f} x that of {few:,}",
        )
    p50 = percentile(claims, 0.5)
    show(
        f"bare claim of {waiting:,} waiting, p50",
        f"{p50 * 1000:.1f} ms",
        f"take next = {percentile(figures['many'], 0.5) / p50:.1f} x",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Measures; 0."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--takes", type=int, default=300)
    options = parser.parse_args(argv)
    asyncio.run(measure(options.waiting, options.takes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
