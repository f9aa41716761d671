"""A probe on each bus."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from chassis import inbox
from chassis.db import Database
from tests.chassis.delivery.carriers import Carrier, KafkaCarrier, PostgresCarrier
from tests.chassis.delivery.probe import Probe, make_tables
from tests.support.postgres import DatabaseMaker, TestCluster

BUSES = ("postgres", "kafka")
MakeProbe = Callable[[], Awaitable[Probe]]


@pytest.fixture(
    params=[pytest.param(bus, marks=[getattr(pytest.mark, bus)] if bus == "kafka" else []) for bus in BUSES]
)
async def carrier(request: pytest.FixtureRequest, postgres: TestCluster, database: DatabaseMaker) -> Carrier:
    """One of the two buses, ready."""
    carrier: Carrier
    if request.param == "postgres":
        carrier = PostgresCarrier(postgres, database("empty"))
    else:
        carrier = KafkaCarrier(request.getfixturevalue("kafka"))
    await carrier.prepare()
    return carrier


@pytest.fixture
async def probe(carrier: Carrier, database: DatabaseMaker) -> AsyncIterator[Probe]:
    """The test service on that bus."""
    made = await _probe(carrier, database)
    yield made
    await made.close()


async def _probe(carrier: Carrier, database: DatabaseMaker) -> Probe:
    place = database("chassis")
    await make_tables(place)
    probe = Probe(Database.create(place.app_url, pool_size=30), carrier.open())
    await inbox.register(probe.db, probe.hears)
    return probe
