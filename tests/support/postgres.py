"""A real PostgreSQL for the tests: one cluster per test process, one migrated database per asking.

    async def test_x(database: DatabaseMaker) -> None:
        tenancy = database("tenancy")          # migrated, empty, dropped after the test
        db = Database.create(tenancy.app_url, …)

Each service is migrated once, into a template; a database is a copy of it (some 30 ms). `module_database`
gives databases that last for the whole module. The cluster does not wait for the disk.
"""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from chassis.embedded.account import CannotRun
from chassis.embedded.cluster import OWNER
from chassis.embedded.postgres import EmbeddedPostgres
from tests.support.presence import missing_part

EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """One database and how each role reaches it (`postgresql://…` addresses)."""

    name: str
    app_url: str
    owner_url: str
    admin_url: str


DatabaseMaker = Callable[[str], ServiceDatabase]


class TestCluster:
    """A PostgreSQL server with a migrated template for each service asked for."""

    __test__ = False

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server
        self._templates: set[str] = set()
        self._numbers = itertools.count(1)

    def make(self, service: str) -> ServiceDatabase:
        """A new database at the newest version of `service`; of `chassis` its tables alone; `empty`: none."""
        self._require_template(service)
        name = f"test_{service}_{next(self._numbers)}"
        self._create(name, template=f"template_{service}")
        return self.of(name)

    def drop(self, database: ServiceDatabase) -> None:
        """Remove it, whoever is still connected."""
        self.server.administer("postgres", f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE);")

    def of(self, name: str) -> ServiceDatabase:
        """The addresses of a database by its name."""
        server = self.server
        return ServiceDatabase(name, server.url(name), server.owner_url(name), server.admin_url(name))

    def _require_template(self, service: str) -> None:
        if service in self._templates:
            return
        name = f"template_{service}"
        self.server.administer("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")
        self._create(name, template="template1")
        if service != EMPTY:
            _migrate(self.server.owner_url(name), service)
        self._templates.add(service)

    def _create(self, name: str, template: str) -> None:
        self.server.administer("postgres", f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER};")


def _migrate(owner_url: str, service: str) -> None:
    """In a thread of its own: the test's event loop may be the one of this thread."""
    from chassis.migrate import upgrade  # pure tests load this module too, and need no SQL library

    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(upgrade(owner_url, service))).result()


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestCluster]:
    """The cluster of this test process; it ends with it, however it ends."""
    home = Path(tempfile.mkdtemp(prefix="livret-test-postgres-"))
    home.chmod(0o711)
    try:
        server = EmbeddedPostgres(home / "cluster", fsync=False)
        server.start()
    except CannotRun as refused:
        missing_part(str(refused))
    yield TestCluster(server)
    server.stop(immediate=True)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def database(postgres: TestCluster) -> Iterator[DatabaseMaker]:
    """Makes databases for one test: `database("tenancy")`."""
    yield from _making(postgres)


@pytest.fixture(scope="module")
def module_database(postgres: TestCluster) -> Iterator[DatabaseMaker]:
    """Makes databases that last for the tests of one module."""
    yield from _making(postgres)


def _making(postgres: TestCluster) -> Iterator[DatabaseMaker]:
    made: list[ServiceDatabase] = []

    def make(service: str) -> ServiceDatabase:
        made.append(postgres.make(service))
        return made[-1]

    yield make
    for each in made:
        postgres.drop(each)
