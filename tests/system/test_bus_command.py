"""`livret bus` beside a whole portal on Kafka: what it says, and what it does about events that are stuck."""

import asyncio
import io
import json
import os
import signal
import tempfile
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

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

COMPANY = UUID(int=11)
HEARERS = ("catalog", "metering")
"""Those who hear that a company was activated."""
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


def is_quiet(standing: dict[str, dict[str, Any]]) -> bool:
    """Whether nothing is under way, as far as the bus could be asked."""
    lags = [line["lag"] for line in standing.values()]
    under_way = any(line["backlog"] or line["pending"] for line in standing.values())
    return not under_way and not any(lag is None or sum(lag.values()) for lag in lags)


def at_rest(portal: RunningPortal, seconds: float = 120) -> dict[str, dict[str, Any]]:
    """What was said when nothing was under way any more; it has to come to that."""
    said: dict[str, dict[str, Any]] = {}

    def comes_to_rest() -> bool:
        said.update(standing(portal))
        return is_quiet(said)

    assert wait_until(comes_to_rest, seconds), said
    return said


def publish(portal: RunningPortal, data: bytes) -> None:
    """Appends one event of the company to tenancy's topic, whatever its data is."""
    key, type_ = str(COMPANY), CompanyActivated.WIRE

    async def run() -> None:
        broker = KafkaBus((portal.data / "bus").read_text().removeprefix("kafka://"))
        await broker.publish([Envelope(uuid4(), type_, "/livret/tenancy", key, AT, None, None, data)])
        await broker.close()

    asyncio.run(run())


def stuck(portal: RunningPortal) -> list[tuple[int, ...]]:
    """Of each that hears the company: dead, parked keys, held and pending ones."""
    lines = standing(portal)
    names = ("dead", "parked_keys", "held", "pending")
    return [tuple(lines[service][name] for name in names) for service in HEARERS]


@contextmanager
def mute_broker(portal: RunningPortal) -> Iterator[None]:
    """The broker takes connections and says nothing."""
    (broker,) = [pid for pid, told in portal.left().items() if "kafka.Kafka" in told]
    os.kill(broker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(broker, signal.SIGCONT)


def test_the_status_is_of_kafka_and_comes_to_rest(portal: RunningPortal) -> None:
    said = bus(portal, "topics")
    assert (said.status, said.err) == (0, "")
    found = at_rest(portal)
    assert found["catalog"]["lag"] == {"livret.tenancy": 0}
    assert set(found["metering"]["lag"]) == {"livret.tenancy", "livret.catalog"}
    assert bus(portal, "status").status == 0


def test_a_present_state_said_again_arrives(portal: RunningPortal) -> None:
    said = bus(portal, "resync", "tenancy")
    assert said.status == 0, said.err
    assert int(said.out.split()[0]) > 0
    at_rest(portal)
    refused = bus(portal, "resync", "metering")
    assert (refused.status, refused.err) == (1, "livret bus: metering restates nothing\n")


def test_a_parked_key_is_seen_tried_again_and_given_up(portal: RunningPortal) -> None:
    good = CompanyActivated(customer_id=uuid4(), company_id=COMPANY, activated_at=AT)
    publish(portal, b"{}")
    publish(portal, good.model_dump_json().encode())

    def come_to(*figures: int) -> bool:
        """Whether both that hear it have so many dead, parked keys, held and pending ones, in time."""
        return wait_until(lambda: stuck(portal) == [figures] * len(HEARERS), 120)

    assert come_to(1, 1, 1, 0), stuck(portal)
    assert bus(portal, "status").status == 1
    (dead,) = map(json.loads, bus(portal, "dead", "catalog").out.splitlines())
    assert dead["key"] == str(COMPANY)
    assert "Field required" in dead["error"]
    assert bus(portal, "replay", "catalog", "--key", str(COMPANY)).out == "1 given another try\n"
    assert come_to(1, 1, 1, 0), stuck(portal)
    for service in HEARERS:
        (dead,) = map(json.loads, bus(portal, "dead", service).out.splitlines())
        assert bus(portal, "discard", service, dead["event_id"]).out == "1 given up\n"
    assert come_to(0, 0, 0, 0), stuck(portal)
    assert bus(portal, "status").status == 0


def test_while_the_broker_is_mute_the_rest_is_still_seen(portal: RunningPortal) -> None:
    with mute_broker(portal):
        said = bus(portal, "resync", "tenancy")
        assert said.status == 0, said.err
        told = bus(portal, "status", "--json")
        lines = lines_of(told)
        assert lines["tenancy"]["backlog"] == int(said.out.split()[0])
        assert lines["catalog"]["lag"] is None
        assert set(told.err.splitlines()) == {"livret bus: the bus cannot be asked: TimeoutError"}
        refused = bus(portal, "topics")
        assert (refused.status, refused.err.count("\n")) == (1, 1)
        assert "the bus cannot be reached" in refused.err
        assert portal.answers("/readyz") == 200
    at_rest(portal)
