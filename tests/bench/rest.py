"""A read and a write of tenancy, against bare handlers that issue the same statements on the same machine.

    python -m tests.bench.rest [--seconds 5]

Then the same read while the bus carries 2,000 events a second in another process.
"""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from uuid import UUID, uuid4

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chassis.auth import Caller, Role, SigningKey, claims_of, sign
from chassis.clock import system_now
from chassis.db import Database, Scope
from chassis.embedded.ports import free_port
from services.tenancy.commands.companies import register_company
from services.tenancy.model import NewCompany
from tests.bench.ground import against, cluster, percentile, show
from tests.bench.imports import found_firm
from tests.bench.line import built
from tests.bench.load import Call, Figures, load
from tests.e2e.town import sirets
from tests.support.postgres import ServiceDatabase, TestCluster

ROUNDS = 3
CARRIED = 2_000
DETAILS = orjson.dumps({"name": "Boulangerie Martin", "postcode": "75011", "city": "Paris"})
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Stand:
    """Both servers over one database, and who calls them."""

    ours: int
    bare: int
    company: UUID
    token: str

    def calls(self, method: str) -> tuple[Call, Call]:
        """The request to ours, and the same to the bare one."""
        path, body = f"/v1/companies/{self.company}", DETAILS if method == "PUT" else b""
        headers = {"Authorization": f"Bearer {self.token}", "If-Match": "*"} | JSON
        return (
            Call.make(self.ours, method, path, headers, body),
            Call.make(self.bare, method, path, JSON, body),
        )


@contextmanager
def server(target: str, environment: dict[str, str]) -> Iterator[int]:
    """A uvicorn process of its own, as the product starts them; its port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", target, "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(
        [*command, "--no-access-log", "--loop", "uvloop", "--http", "httptools"],
        env=os.environ | environment,
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


async def listening(port: int) -> None:
    """Until the server answers."""
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError(f"nobody listens at {port}")


async def furnished(database: ServiceDatabase) -> tuple[UUID, UUID]:
    """A firm and one of its companies."""
    db = Database.create(database.app_url, pool_size=1)
    customer = await found_firm(db)
    new = NewCompany(siret=next(sirets(1)), name="Boulangerie Martin", postcode="75011", city="Paris")
    async with db.transaction(Scope.customer(customer)) as tx:
        company = await register_company(tx, customer, new, system_now())
    await db.close()
    return customer, company


async def compare(stand: Stand, what: str, method: str, seconds: float) -> None:
    """Rounds of each in turn, so that both meet the same weather; the medians."""
    ours, bare = stand.calls(method)
    measured: tuple[list[Figures], list[Figures]] = ([], [])
    for call in (ours, bare):
        await load(call, 1)
    for _ in range(ROUNDS):
        for call, figures in ((ours, measured[0]), (bare, measured[1])):
            figures.append(await load(call, seconds))
    rates = [median(one.a_second for one in figures) for figures in measured]
    latencies = [latency for one in measured[0] for latency in one.latencies]
    of = f"the bare handler ({rates[1]:,.0f}/s); aim 0.6"
    show(f"tenancy, {what}", f"{rates[0]:,.0f}/s", against(rates[0], rates[1], of))
    show("  its p99", f"{1000 * percentile(latencies, 0.99):.1f} ms")


async def beside_the_bus(stand: Stand, servers: TestCluster, seconds: float) -> None:
    """The read, while another process carries events over the PostgreSQL bus."""
    places = await built(servers)
    ours, _ = stand.calls("GET")
    carrying = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.carry", places.log, places.said, places.heard),
        *(str(CARRIED), str(seconds + 3)),
        stdout=asyncio.subprocess.PIPE,
    )
    await asyncio.sleep(2)
    figures = await load(ours, seconds, connections=2)
    told, _ = await carrying.communicate()
    show(
        f"tenancy, read while the bus carries {CARRIED:,} events/s",
        f"p99 {1000 * percentile(figures.latencies, 0.99):.1f} ms",
        f"{figures.a_second:,.0f}/s; {told.decode().strip()}",
    )


async def measure(seconds: float) -> None:
    """Everything, in one run."""
    key = SigningKey("bench", generate_private_key(SECP256R1()))
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with cluster() as servers:
        database = servers.make("tenancy")
        customer, company = await furnished(database)
        caller = Caller(uuid4(), uuid4(), Role.firm_admin, customer)
        token = sign(claims_of(caller, system_now(), timedelta(hours=1)), key)
        shared = {"LIVRET_DATABASE_URL": database.app_url, "LIVRET_BENCH_CUSTOMER": str(customer)}
        with (
            server("tests.bench.served:app", shared | {"LIVRET_BENCH_KEY": pem}) as ours,
            server("tests.bench.bare:app", shared) as bare,
        ):
            await asyncio.gather(listening(ours), listening(bare))
            stand = Stand(ours, bare, company, token)
            await compare(stand, "read of a company", "GET", seconds)
            await compare(stand, "correction of a company", "PUT", seconds)
            await beside_the_bus(stand, servers, seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.rest", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    asked = parser.parse_args(arguments)
    asyncio.run(measure(asked.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
