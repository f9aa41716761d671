"""The servers and databases of a torture, and what is read from them at its end.

PostgreSQL runs as in production, with fsync: what it acknowledged must survive an immediate restart.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from chassis.bus import open_bus, topic_of
from chassis.bus.postgres import prepare
from chassis.embedded.kafka import EmbeddedKafka
from chassis.embedded.postgres import EmbeddedPostgres
from chassis.migrate import upgrade
from chassis.settings import Settings
from tests.torture.audit import Fact, Verdict, judge
from tests.torture.director import Server
from tests.torture.setup import Setup
from tests.torture.words import CONSUMER, HEARD_TABLES, PRODUCER, SAID_TABLES

_PENDING = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
_UNHANDLED = "SELECT count(*) FROM inbox WHERE state IN ('pending', 'held')"
_TROUBLES = "SELECT state, error, count(*) FROM inbox WHERE state <> 'done' GROUP BY 1, 2"
_NO_UNIQUE_INBOX = "ALTER TABLE inbox DROP CONSTRAINT inbox_event_id_key"
_COUNTERS = (
    "INSERT INTO counter SELECT 'counter-' || number, 0 FROM generate_series(0, {names} - 1) AS number;"
)

SAID, HEARD, BUS = "livret_said", "livret_heard", "livret_bus"


@dataclass(frozen=True, slots=True)
class Stage:
    """Running servers, prepared databases, and the setup that says where they are."""

    setup: Setup
    servers: list[Server]

    @property
    def logs(self) -> Path:
        """Where each process writes what befalls it."""
        return Path(self.setup.home) / "logs"

    def progress(self) -> tuple[int, int]:
        """How many events are committed, and how many effects there are."""
        said = asyncio.run(_rows(self.setup.said_url, "SELECT count(*) FROM said"))
        applied = asyncio.run(_rows(self.setup.heard_url, "SELECT count(*) FROM applied"))
        return said[0][0], applied[0][0]

    def is_quiet(self) -> bool:
        """True when nothing waits: to be published, to be received (doubles too), or to be handled."""
        pending = asyncio.run(_rows(self.setup.said_url, _PENDING))
        unhandled = asyncio.run(_rows(self.setup.heard_url, _UNHANDLED))
        return pending[0][0] == unhandled[0][0] == 0 and asyncio.run(_lag(self.setup)) == 0

    def print_logs(self) -> None:
        """The last lines of every process, and what the inbox says of events it could not handle."""
        for row in asyncio.run(_rows(self.setup.heard_url, _TROUBLES)):
            print(f"  inbox: {row['count']} {row['state']}, {row['error']}")
        for log in sorted(self.logs.glob("*.log")):
            print(f"  {log.name}:", *log.read_text(errors="replace").splitlines()[-4:], sep="\n    ")

    def verdict(self) -> Verdict:
        """The judgement of all that is there now."""
        said = asyncio.run(_rows(self.setup.said_url, "SELECT token, name, n FROM said"))
        applied = asyncio.run(_rows(self.setup.heard_url, "SELECT token, name, n FROM applied"))
        return judge(self._acknowledged(), _facts(said), _facts(applied))

    def _acknowledged(self) -> Iterator[UUID]:
        for log in self.setup.acknowledged.glob("*.log"):
            yield from map(UUID, log.read_text().split())


def _facts(rows: list[Any]) -> Iterator[Fact]:
    return (Fact(row["token"], row["name"], row["n"]) for row in rows)


async def _rows(url: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        rows: list[Any] = await connection.fetch(query)
        return rows
    finally:
        await connection.close()


async def _lag(setup: Setup) -> int:
    bus = open_bus(Settings(bus=setup.bus, bus_database_url=setup.bus_url))
    try:
        return sum((await bus.lag(CONSUMER, [topic_of(PRODUCER)])).values())
    finally:
        await bus.close()


async def _execute(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()


async def _prepare(postgres: EmbeddedPostgres, setup: Setup) -> None:
    """The chassis's tables and our own, the bus and its topic; and the planted fault that is a table's."""
    for database, tables in ((SAID, SAID_TABLES), (HEARD, HEARD_TABLES)):
        await upgrade(postgres.owner_url(database), "chassis")
        await _execute(postgres.owner_url(database), tables)
    await _execute(setup.said_url, _COUNTERS.format(names=setup.names))
    if setup.plant == "no-unique-inbox":
        await _execute(postgres.owner_url(HEARD), _NO_UNIQUE_INBOX)
    await prepare(postgres.owner_url(BUS))
    bus = open_bus(Settings(bus=setup.bus, bus_database_url=setup.bus_url))
    await bus.create_topics([PRODUCER])
    await bus.close()


@contextmanager
def staged(bus: str, *, writers: int, names: int, rate: int, plant: str | None) -> Iterator[Stage]:
    """Servers in a directory of their own, gone afterwards; Kafka only when it is the bus."""
    home = Path(tempfile.mkdtemp(prefix="livret-torture-"))
    home.chmod(0o711)
    for room in ("acknowledged", "logs"):
        (home / room).mkdir()
    postgres = EmbeddedPostgres(home / "postgres", databases=(SAID, HEARD, BUS))
    kafka = EmbeddedKafka(home / "kafka") if bus == "kafka" else None
    servers: list[Server] = [postgres, *([kafka] if kafka else [])]
    try:
        for server in servers:
            server.start()
        setup = Setup(
            bus=f"kafka://{kafka.bootstrap}" if kafka else "postgres",
            said_url=postgres.url(SAID),
            heard_url=postgres.url(HEARD),
            bus_url=postgres.url(BUS),
            home=str(home),
            writers=writers,
            names=names,
            rate=rate,
            plant=plant,
        )
        asyncio.run(_prepare(postgres, setup))
        yield Stage(setup, servers)
    finally:
        for server in reversed(servers):
            server.stop(immediate=True)
        shutil.rmtree(home, ignore_errors=True)
