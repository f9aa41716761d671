"""The whole chain at its full size: import, credentials for all, five activations each, metering's counts.

    python -m tests.bench.chain [--companies 17091] [--bus postgres|kafka|both] [FILE]

Fails unless the month's base agrees to the unit.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from chassis.auth import Role
from chassis.clock import monotonic
from tests.bench.ground import broker, cluster, rate, show
from tests.bench.imports import content_of
from tests.e2e import town as steps
from tests.e2e.town import Town, answered, founded
from tests.support.postgres import TestCluster

SERVICES = ["banking", "invoicing", "payroll", "quotes", "signature"]
COLLABORATIVE = "quotes"


async def run(servers: TestCluster, name: str, address: str, content: bytes) -> None:
    """The chain on one bus, with the seconds of each part."""
    async with founded(servers.make, address) as town:
        customer = await steps.register_firm(town)
        began = monotonic()
        await steps.import_companies(town, customer, content)
        show(f"{name}: import", f"{monotonic() - began:.1f} s")
        companies = await _credentials(town, name, customer)
        await _activations(town, name, customer, companies)
        base = await steps.month_base(town, customer, "2026-03")
    counted = {one["offering_code"]: one["counted"] for one in base["offerings"]}
    if (base["companies_counted"], counted) != (companies, dict.fromkeys(SERVICES, companies)):
        raise AssertionError(f"{companies} companies, and metering counts {base}")
    show(f"{name}: the month agrees to the unit", f"{companies:,} companies", f"{5 * companies:,} services")


async def _credentials(town: Town, name: str, customer: UUID) -> int:
    """For all companies; how many there are."""
    firm = town.of("tenancy", Role.firm_admin, customer)
    began = monotonic()
    given = await answered(firm.post("/v1/credentials/batch", json={"all": True}), 201)
    companies = len(given["items"])
    show(f"{name}: credentials", f"{monotonic() - began:.1f} s")
    await _drained(town, f"{name}: their events known everywhere", 3 * companies)
    return companies


async def _activations(town: Town, name: str, customer: UUID, companies: int) -> None:
    """Five for each company."""
    for code in SERVICES:
        await steps.publish(town, code, collaborative=code == COLLABORATIVE)
    began = monotonic()
    for code in SERVICES:
        if await steps.activate_for_all(town, customer, code) != companies:
            raise AssertionError(f"{code} was not activated for all {companies}")
    show(f"{name}: five activations each", f"{monotonic() - began:.1f} s")
    await _drained(town, f"{name}: their events known to metering", 5 * companies)


async def _drained(town: Town, what: str, events: int) -> None:
    began = monotonic()
    await town.drain(600)
    taken = monotonic() - began
    show(what, f"{taken:.1f} s", f"about {rate(events, taken)}")


async def measure(buses: Sequence[str], content: bytes) -> None:
    """The chain on each of these buses."""
    with cluster() as servers:
        if "postgres" in buses:
            await run(servers, "PostgreSQL bus", "postgres", content)
        if "kafka" in buses:
            with broker() as address:
                await run(servers, "Kafka bus", f"kafka://{address}", content)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.chain", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--companies", type=int, default=17_091)
    parser.add_argument("--bus", choices=["postgres", "kafka", "both"], default="both")
    asked = parser.parse_args(arguments)
    buses = ["postgres", "kafka"] if asked.bus == "both" else [asked.bus]
    asyncio.run(measure(buses, content_of(asked.file, asked.companies)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
