"""A real Kafka broker for the tests: KAFKA_BOOTSTRAP_SERVERS, or one of ours for this test process.

async def test_x(kafka: str) -> None:                   # "host:port", shared: use topics of your own
async def test_y(stoppable_kafka: EmbeddedKafka) -> None:    # one to stop, kill and start again
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chassis.embedded.account import CannotRun
from chassis.embedded.kafka import EmbeddedKafka, external_bootstrap
from tests.support.presence import missing_part


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """The address of a broker that all tests of this process share."""
    external = external_bootstrap()
    if external is not None:
        yield external
        return
    with _broker() as broker:
        yield broker.bootstrap


@pytest.fixture(scope="module")
def stoppable_kafka() -> Iterator[EmbeddedKafka]:
    """A broker for one module, whose tests may end it as they like: `stop(immediate=True)`, `start()`."""
    with _broker() as broker:
        yield broker


@contextmanager
def _broker() -> Iterator[EmbeddedKafka]:
    home = Path(tempfile.mkdtemp(prefix="livret-test-kafka-"))
    broker = EmbeddedKafka(home / "broker")
    try:
        broker.start()
    except CannotRun as refused:
        missing_part(str(refused))
    try:
        yield broker
    finally:
        broker.stop(immediate=True)
        shutil.rmtree(home, ignore_errors=True)
