"""Tickets registered through the command, against a bare insert of the same row.

    python -m tests.bench.ticketing [--tickets 2000]

Each ticket is a transaction of its own. The command looks up the customer, its plan and suspension, freezes
the terms, writes the ticket, two lines of history and a clock, and says two events; the bare insert writes
the ticket's row. Both in turn, one after another and by several at once.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from chassis.clock import monotonic, system_now
from chassis.db import Database, Scope
from contracts.events.tenancy import CustomerRegistered
from services.ticketing.commands.registration import register_ticket
from services.ticketing.model.tickets import Channel, Contact, Description, NewTicket, TicketKind
from services.ticketing.store.heard import save_customer
from services.ticketing.store.tickets import find_ticket, save_new
from tests.bench.ground import against, cluster, rate, show

CUSTOMER = UUID(int=7)
AT_ONCE = 4
NEW = NewTicket(
    customer_id=CUSTOMER,
    kind=TicketKind.support,
    channel=Channel.portal,
    description=Description("The quote cannot be saved", "After a new line.", "E-1207", ("Sales", "Quotes")),
    contact=Contact(name="Claire Durand"),
)

Once = Callable[[], Awaitable[None]]


async def found_customer(db: Database) -> None:
    """Somebody on plan open."""
    event = CustomerRegistered.model_validate(
        {
            "customer_id": CUSTOMER,
            "name": "Cabinet Durand",
            "kind": "accounting_firm",
            "support_plan": "open",
            "registered_at": "2026-01-01T00:00:00Z",
            "contract_starts_on": "2026-01-01",
            "term_months": 12,
        }
    )
    async with db.transaction(Scope.customer(CUSTOMER)) as tx:
        await save_customer(tx, event)


def through_the_command(db: Database) -> Once:
    """Registers one."""

    async def once() -> None:
        async with db.transaction(Scope.customer(CUSTOMER)) as tx:
            await register_ticket(tx, NEW, system_now())

    return once


async def bare(db: Database) -> Once:
    """Inserts the row of a ticket that was registered, under other keys."""
    async with db.transaction(Scope.customer(CUSTOMER)) as tx:
        made = await register_ticket(tx, NEW, system_now())
        ticket = await find_ticket(tx, CUSTOMER, made.ticket_id)
    if ticket is None:
        raise AssertionError("the ticket is not there")

    async def once() -> None:
        async with db.transaction(Scope.customer(CUSTOMER)) as tx:
            key = uuid4()
            await save_new(tx, replace(ticket, ticket_id=key, reference=str(key)))

    return once


async def timed(once: Once, tickets: int, at_once: int) -> float:
    """Seconds for so many, by so many at once."""

    async def some() -> None:
        for _ in range(tickets // at_once):
            await once()

    began = monotonic()
    await asyncio.gather(*(some() for _ in range(at_once)))
    return monotonic() - began


async def measure(tickets: int) -> None:
    """Both, side by side."""
    with cluster() as servers:
        db = Database.create(servers.make("ticketing").app_url, pool_size=AT_ONCE)
        await found_customer(db)
        command, insert = through_the_command(db), await bare(db)
        await timed(command, 50, 1)
        for at_once in (1, AT_ONCE):
            registered = await timed(command, tickets, at_once)
            inserted = await timed(insert, tickets, at_once)
            compared = against(
                tickets / registered, tickets / inserted, f"a bare insert ({rate(tickets, inserted)})"
            )
            how = "one after another" if at_once == 1 else f"{at_once} at once"
            show(f"tickets registered, {how}", rate(tickets, registered), compared)
        await db.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.ticketing", description=__doc__)
    parser.add_argument("--tickets", type=int, default=2_000)
    asyncio.run(measure(parser.parse_args(arguments).tickets))
    return 0


if __name__ == "__main__":
    sys.exit(main())
