"""`livret bus` beside a whole portal on Kafka: what it says, and what it does about events that are stuck."""

import asyncio
import io
import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.bus.kafka import KafkaBus
from contracts.envelope import Envelope
from contracts.events.tenancy import CompanyActivated
from services.__main__ import main
from tests.support.portal import RunningPortal, running_portal
from tests.support.processes import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka"), pytest.mark.timeout(290)]

COMPANY = UUID(int=11)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    """One portal on a Kafka of its own, for all tests of this module."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="livret-test-") as home:
        patch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
        Path(home).chmod(0o711)
        with running_portal(Path(home) / "data", options=["--bus", "kafka"]) as running:
            yield running


@dataclass(frozen=True, slots=True)
class Said:
    """What one command printed, and its exit status."""

    status: int
    out: str
    err: str


def bus(portal: RunningPortal, verb: str, *arguments: str) -> Said:
    """Runs the command on the portal's data."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(["bus", verb, *arguments, "--data", str(portal.data)])
    return Said(status, out.getvalue(), err.getvalue())


def lines_of(said: Said) -> dict[str, dict[str, Any]]:
    """What a status as a document says of each service."""
    return {line["service"]: line for line in json.loads(said.out)["services"]}


def standing(portal: RunningPortal) -> dict[str, dict[str, Any]]:
    """The same, asked now."""
    return lines_of(bus(portal, "status", "--json"))


def is_quiet(portal: RunningPortal) -> bool:
    """Whether nothing is under way."""
    lines = standing(portal).values()
    return not any(line["backlog"] or line["pending"] or sum(line["lag"].values()) for line in lines)


def publish(portal: RunningPortal, data: bytes) -> None:
    """Appends one event of the company to tenancy's topic, whatever its data is."""
    key, type_ = str(COMPANY), CompanyActivated.WIRE

    async def run() -> None:
        broker = KafkaBus((portal.data / "bus").read_text().removeprefix("kafka://"))
        await broker.publish([Envelope(uuid4(), type_, "/livret/tenancy", key, AT, None, None, data)])
        await broker.close()

    asyncio.run(run())


@contextmanager
def mute_broker(portal: RunningPortal) -> Iterator[None]:
    """The broker takes connections and says nothing."""
    (broker,) = [pid for pid, told in portal.left().items() if "kafka.Kafka" in told]
    os.kill(broker, signal.SIGSTOP)
    yield
    os.kill(broker, signal.SIGCONT)


def test_the_status_is_of_kafka_and_comes_to_rest(portal: RunningPortal) -> None:
    said = bus(portal, "topics")
    assert (said.status, said.err) == (0, "")
    assert wait_until(lambda: is_quiet(portal), 60)
    found = standing(portal)
    assert found["catalog"]["lag"] == {"livret.tenancy": 0}
    assert set(found["metering"]["lag"]) == {"livret.tenancy", "livret.catalog"}
    assert bus(portal, "status").status == 0


def test_a_present_state_said_again_arrives(portal: RunningPortal) -> None:
    said = bus(portal, "resync", "tenancy")
    assert said.status == 0, said.err
    assert int(said.out.split()[0]) > 0
    assert wait_until(lambda: is_quiet(portal), 60)
    refused = bus(portal, "resync", "metering")
    assert (refused.status, refused.err) == (1, "livret bus: metering restates nothing\n")


def test_a_parked_key_is_seen_tried_again_and_given_up(portal: RunningPortal) -> None:
    good = CompanyActivated(customer_id=uuid4(), company_id=COMPANY, activated_at=AT)
    publish(portal, b"{}")
    publish(portal, good.model_dump_json().encode())

    def stuck() -> tuple[int, ...]:
        line = standing(portal)["catalog"]
        return tuple(line[name] for name in ("dead", "parked_keys", "held", "pending"))

    assert wait_until(lambda: stuck() == (1, 1, 1, 0), 60), stuck()
    assert bus(portal, "status").status == 1
    (dead,) = map(json.loads, bus(portal, "dead", "catalog").out.splitlines())
    assert dead["key"] == str(COMPANY)
    assert "Field required" in dead["error"]
    assert bus(portal, "replay", "catalog", "--key", str(COMPANY)).out == "1 given another try\n"
    assert wait_until(lambda: stuck() == (1, 1, 1, 0), 60), stuck()
    for service in ("catalog", "metering"):
        (dead,) = map(json.loads, bus(portal, "dead", service).out.splitlines())
        assert bus(portal, "discard", service, dead["event_id"]).out == "1 given up\n"
    assert wait_until(lambda: stuck() == (0, 0, 0, 0), 60), stuck()
    assert bus(portal, "status").status == 0


def test_while_the_broker_is_mute_the_rest_is_still_seen(portal: RunningPortal) -> None:
    with mute_broker(portal):
        said = bus(portal, "resync", "tenancy")
        assert said.status == 0, said.err
        began = time.monotonic()
        told = bus(portal, "status", "--json")
        assert time.monotonic() - began < 30
        lines = lines_of(told)
        assert lines["tenancy"]["backlog"] == int(said.out.split()[0])
        assert lines["catalog"]["lag"] is None
        assert set(told.err.splitlines()) == {"livret bus: the bus cannot be asked: TimeoutError"}
        refused = bus(portal, "topics")
        assert (refused.status, refused.err.count("\n")) == (1, 1)
        assert "the bus cannot be reached" in refused.err
        assert portal.answers("/readyz") == 200
    assert wait_until(lambda: is_quiet(portal), 90)
