"""The import of companies: companies a second, against COPY of the same rows into the same table.

    python -m tests.bench.imports [--companies 17091] [FILE]

The import reads the file, judges every line, registers and activates, and says two events a company; COPY
only writes the rows.
"""

import argparse
import asyncio
import gzip
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from chassis.clock import monotonic, system_now
from chassis.db import Database, Scope
from services.tenancy.commands.credentials import Instants
from services.tenancy.commands.customers import register_customer
from services.tenancy.commands.imports import ImportAsked, receive_import, work_import_once
from services.tenancy.model import Address, CustomerKind, NewCustomer, SupportPlan
from tests.bench.ground import against, cluster, rate, show
from tests.e2e.town import companies_csv
from tests.support.postgres import ServiceDatabase


def new_firm() -> NewCustomer:
    """The firm that imports."""
    today = system_now().date()
    return NewCustomer(
        kind=CustomerKind.accounting_firm,
        name="Cabinet Durand",
        siret="73282932000074",
        vat=None,
        address=Address("1 rue de Rivoli", "75001", "Paris"),
        portal="cabinet-durand",
        support_plan=SupportPlan.open,
        support_starts_on=today,
        contract_starts_on=today,
        term_months=12,
        professional_use=True,
    )


async def found_firm(db: Database) -> UUID:
    """Registers it."""
    async with db.transaction(Scope.portal()) as tx:
        return await register_customer(tx, new_firm(), None, system_now())


async def bring_in(db: Database, customer: UUID, content: bytes) -> float:
    """Imports and activates a file, step by step as the worker does; the seconds it took."""
    asked = ImportAsked("companies.csv", content, {}, dry_run=False, activate=True)
    began = monotonic()
    now = system_now()
    async with db.transaction(Scope.customer(customer)) as tx:
        await receive_import(tx, customer, asked, None, Instants(now, now))
    while await work_import_once(db, Instants(now, system_now())):
        pass
    return monotonic() - began


async def copied(database: ServiceDatabase) -> tuple[int, float]:
    """COPY of the companies that are there, into a table like theirs: how many, and the seconds."""
    connection = await asyncpg.connect(database.admin_url)
    rows: list[Any] = await connection.fetch("SELECT * FROM company")
    await connection.execute("CREATE TABLE company_again (LIKE company INCLUDING ALL)")
    records = [tuple(row.values()) for row in rows]
    began = monotonic()
    await connection.copy_records_to_table("company_again", records=records, columns=list(rows[0].keys()))
    taken = monotonic() - began
    await connection.close()
    return len(rows), taken


async def measure(content: bytes) -> None:
    """Both, side by side."""
    with cluster() as servers:
        database = servers.make("tenancy")
        db = Database.create(database.app_url, pool_size=3)
        customer = await found_firm(db)
        imported = await bring_in(db, customer, content)
        await db.close()
        count, copying = await copied(database)
        if count == 0:
            raise AssertionError("nothing was imported")
        compared = against(count / imported, count / copying, f"COPY ({rate(count, copying)})")
        show(f"import of {count:,} companies, activated", rate(count, imported), compared)
        show("  whole import", f"{imported:.1f} s")


def content_of(file: Path | None, companies: int) -> bytes:
    """A file as it lies there (gzip or not), or so many generated companies."""
    if file is None:
        return companies_csv(companies).encode()
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.imports", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--companies", type=int, default=17_091)
    asked = parser.parse_args(arguments)
    asyncio.run(measure(content_of(asked.file, asked.companies)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
