"""A bus that is away for a while: what is said meanwhile waits in the outbox, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chassis import inbox, outbox
from chassis.bus import Bus
from chassis.db import Database
from chassis.embedded.kafka import EmbeddedKafka
from tests.chassis.delivery.carriers import Carrier, KafkaCarrier, PostgresCarrier
from tests.chassis.delivery.probe import Probe, make_tables, until
from tests.support.postgres import DatabaseMaker, TestCluster


@pytest.fixture(params=["postgres", "kafka"])
async def mortal(
    request: pytest.FixtureRequest, postgres: TestCluster, database: DatabaseMaker
) -> AsyncIterator[tuple[Probe, Carrier]]:
    """A probe on a bus that may be taken away."""
    carrier: Carrier
    if request.param == "postgres":
        carrier = PostgresCarrier(postgres, database("empty"))
    else:
        broker: EmbeddedKafka = request.getfixturevalue("stoppable_kafka")
        carrier = KafkaCarrier(broker.bootstrap, broker)
    await carrier.prepare()
    place = database("chassis")
    await make_tables(place)
    probe = Probe(Database.create(place.app_url), carrier.open())
    await inbox.register(probe.db, probe.hears)
    yield probe, carrier
    await probe.close()


async def test_the_bus_is_down_for_a_while_and_up_again(mortal: tuple[Probe, Carrier]) -> None:
    probe, carrier = mortal
    await probe.say("a", 2)
    await probe.drain()
    await carrier.go_down()
    await probe.say("a", 3)
    with pytest.raises(Exception):  # noqa: B017, PT011 - each bus has its own
        await probe.relay()
    assert (await outbox.standing(probe.db)).backlog == 3
    await asyncio.sleep(1.0)
    await carrier.come_up()
    await probe.say("a", 1)
    await until(lambda: _catches_up(probe))
    assert await probe.of_key("a") == [1, 2, 3, 4, 5, 6]


async def _catches_up(probe: Probe) -> bool:
    """What the loops do: a step that fails is made again later."""
    for step in (probe.relay, probe.receive, probe.work):
        try:
            await step()
        except Exception:  # noqa: BLE001
            await asyncio.sleep(0.2)
    return len(await probe.applied()) >= 6


async def test_the_producer_goes_on_after_a_failure(mortal: tuple[Probe, Carrier]) -> None:
    probe, carrier = mortal
    bus: Bus = probe.bus
    await carrier.go_down()
    envelopes = await probe.say("b", 1)
    with pytest.raises(Exception):  # noqa: B017, PT011 - each bus has its own
        await bus.publish(envelopes)
    await carrier.come_up()

    async def publishes() -> bool:
        try:
            await bus.publish(envelopes)
        except Exception:  # noqa: BLE001
            return False
        return True

    await until(publishes)
