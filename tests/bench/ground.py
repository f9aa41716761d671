"""What the measurements stand on: real servers in a directory of their own, and how figures are printed."""

import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chassis.embedded.kafka import EmbeddedKafka, external_bootstrap
from chassis.embedded.postgres import EmbeddedPostgres
from chassis.sealing import new_key
from tests.support.postgres import TestCluster

os.environ.setdefault("LIVRET_SEALING_KEYS", new_key())


@contextmanager
def cluster(*, fsync: bool = True) -> Iterator[TestCluster]:
    """A PostgreSQL server as the product starts it, waiting for the disk unless told not to."""
    home = Path(tempfile.mkdtemp(prefix="livret-bench-"))
    home.chmod(0o711)
    server = EmbeddedPostgres(home / "cluster", fsync=fsync)
    server.start()
    try:
        yield TestCluster(server)
    finally:
        server.stop(immediate=True)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def broker() -> Iterator[str]:
    """The address of a Kafka broker: KAFKA_BOOTSTRAP_SERVERS, or one of ours."""
    external = external_bootstrap()
    if external is not None:
        yield external
        return
    home = Path(tempfile.mkdtemp(prefix="livret-bench-kafka-"))
    kafka = EmbeddedKafka(home / "broker")
    kafka.start()
    try:
        yield kafka.bootstrap
    finally:
        kafka.stop(immediate=True)
        shutil.rmtree(home, ignore_errors=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def show(what: str, figure: str, compared: str = "") -> None:
    """One line of the report."""
    print(f"{what:<62} {figure:>22}  {compared}".rstrip(), flush=True)


def rate(count: int, seconds: float) -> str:
    """How many a second."""
    return f"{count / seconds:,.0f}/s"


def against(ours: float, bare: float, of: str) -> str:
    """Our rate as a share of the bare one."""
    return f"= {ours / bare:.2f} of {of}"
