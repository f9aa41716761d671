"""The embedded Kafka: records outlive its death, it does not outlive its starter, and its jars are ours."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from chassis.embedded import kafka_jars
from chassis.embedded.account import CannotRun
from chassis.embedded.cache import default_cache
from chassis.embedded.kafka import EmbeddedKafka, external_bootstrap
from tests.support.processes import alive_with, wait_until

ROOT = Path(__file__).resolve().parents[2]
TOPIC = "livret.probe"
HOLDS = """
import sys, time
from pathlib import Path
from chassis.embedded.kafka import EmbeddedKafka
print(EmbeddedKafka(Path(sys.argv[1])).start(), flush=True)
time.sleep(600)
"""


async def publish(bootstrap: str, values: list[bytes]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    for value in values:
        await producer.send_and_wait(TOPIC, value, partition=0)
    await producer.stop()


async def read(bootstrap: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition(TOPIC, 0)])
    found = [(await consumer.getone()).value for _ in range(count)]
    await consumer.stop()
    return found


async def test_what_it_acknowledged_is_there_after_it_was_killed(stoppable_kafka: EmbeddedKafka) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stoppable_kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, 12, 1)])
    await admin.close()
    said = [f"{n}".encode() for n in range(50)]
    await publish(stoppable_kafka.bootstrap, said)
    address = stoppable_kafka.bootstrap

    stoppable_kafka.stop(immediate=True)
    stoppable_kafka.start()

    assert stoppable_kafka.bootstrap == address
    assert await read(address, len(said)) == said


def test_it_ends_with_the_process_that_started_it(
    stoppable_kafka: EmbeddedKafka, reachable_directory: Path
) -> None:
    home = reachable_directory / "broker"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("127.0.0.1:")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert wait_until(lambda: not alive_with(str(home))), alive_with(str(home))


class Delivery:
    """What fetches jars, without a network: it brings this one, whichever is asked for."""

    def __init__(self, jar: Path, to: Path) -> None:
        self.jar, self.to = jar, to

    def project(self, *_asked: str) -> Self:
        return self

    at_version = artifact = project

    def resolve(self) -> None:
        shutil.copy(self.jar, self.to)


def test_a_jar_that_is_not_the_one_of_the_list_is_never_run(
    stoppable_kafka: EmbeddedKafka, reachable_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar = kafka_jars.listed()[0]
    forged = jar.path(reachable_directory)
    forged.parent.mkdir(parents=True)
    true = jar.path(default_cache() / "kafka")
    shutil.copy(true, forged)
    assert jar.is_in(reachable_directory)
    with forged.open("ab") as file:
        file.write(b"\0")
    assert not jar.is_in(reachable_directory)

    wrong = kafka_jars.Jar("0" * 64, jar.group, jar.artifact, jar.version)
    monkeypatch.setattr(kafka_jars, "listed", lambda: [wrong])
    monkeypatch.setattr(kafka_jars, "_context", lambda _cache: Delivery(true, forged))
    with pytest.raises(CannotRun, match="not the file of our list"):
        kafka_jars.fetched(reachable_directory)
    assert not forged.exists()


def test_the_list_names_46_jars_with_the_versions_that_start() -> None:
    jars = {f"{jar.group}:{jar.artifact}:{jar.version}" for jar in kafka_jars.listed()}
    assert len(jars) == 46
    assert {coordinates.removesuffix("!") for coordinates in kafka_jars.COORDINATES} <= jars


def test_a_broker_of_ones_own_replaces_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    assert external_bootstrap() is None
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker:9092")
    assert external_bootstrap() == "broker:9092"
