"""Logins: how many a second, and what they do to other requests of the same process.

    python -m tests.bench.logins [--seconds 5]

Each works an Argon2id, in a thread, a few at once: a read beside them waits for a core, not for a turn.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import orjson
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import text

from chassis.auth import Caller, Role, SigningKey, claims_of, sign
from chassis.clock import system_now
from chassis.db import Database, Scope
from services.tenancy.commands.credentials import Giver, Instants, give_secret
from services.tenancy.commands.people import NewPerson, add_person
from services.tenancy.passwords import LANES
from services.tenancy.store.sessions import find_by_credential, save_password
from tests.bench.ground import cluster, percentile, show
from tests.bench.load import Call, Figures, load
from tests.bench.rest import JSON, furnished, listening, server

PASSWORD = "cheval pile agrafe correcte"
AT_ONCE = 4
READERS = 2


async def admitted(db: Database, customer: UUID) -> bytes:
    """Somebody of the firm who has a password; what it presents at the door."""
    now = system_now()
    at = Instants(now, now)
    async with db.transaction(Scope.customer(customer)) as tx:
        admin = NewPerson("Claire Moreau", Role.firm_admin)
        person = await add_person(tx, customer, admin, Role.publisher_admin, now)
        given = await give_secret(tx, customer, person, "claire", Giver(Role.publisher_admin), at)
        entrant = await find_by_credential(tx, customer, given.credential_id)
        assert entrant is not None
        await save_password(tx, entrant, PasswordHasher(parallelism=LANES).hash(PASSWORD), now)
    return orjson.dumps({"portal": entrant.portal, "identifier": "claire", "password": PASSWORD})


async def anew(db: Database) -> None:
    """The tries so far are forgotten: all come from one address."""
    async with db.transaction(Scope.machine()) as tx:
        await tx.execute(text("DELETE FROM attempt"))


async def compare(db: Database, read: Call, login: Call, seconds: float) -> None:
    """Reads alone, logins alone, then both."""
    await load(read, 1, READERS)
    alone = await load(read, seconds, READERS)
    await anew(db)
    entered = await load(login, seconds, AT_ONCE)
    await anew(db)
    beside, entering = await asyncio.gather(load(read, seconds, READERS), load(login, seconds, AT_ONCE))
    show("logins, nothing else", f"{entered.a_second:,.1f}/s", f"p50 {_milliseconds(entered, 0.5)}")
    show("read of a company, nothing else", f"p99 {_milliseconds(alone, 0.99)}", f"{alone.a_second:,.0f}/s")
    show(
        "read of a company beside continuous logins",
        f"p99 {_milliseconds(beside, 0.99)}",
        f"{beside.a_second:,.0f}/s, with {entering.a_second:,.1f} logins/s",
    )


def _milliseconds(figures: Figures, share: float) -> str:
    return f"{1000 * percentile(figures.latencies, share):.1f} ms"


async def measure(seconds: float) -> None:
    """Everything, in one run."""
    key = SigningKey("bench", generate_private_key(SECP256R1()))
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with cluster() as servers:
        database = servers.make("tenancy")
        customer, company = await furnished(database)
        db = Database.create(database.app_url, pool_size=1)
        presented = await admitted(db, customer)
        caller = Caller(uuid4(), uuid4(), Role.firm_admin, customer)
        bearer = {"Authorization": f"Bearer {sign(claims_of(caller, system_now(), timedelta(hours=1)), key)}"}
        environment = {"LIVRET_DATABASE_URL": database.app_url, "LIVRET_BENCH_KEY": pem}
        with server("tests.bench.served:app", environment) as port:
            await listening(port)
            read = Call.make(port, "GET", f"/v1/companies/{company}", bearer)
            login = Call.make(port, "POST", "/v1/sessions", JSON, presented)
            await compare(db, read, login, seconds)
        await db.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.logins", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    asked = parser.parse_args(arguments)
    asyncio.run(measure(asked.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
