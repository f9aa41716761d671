"""`livret serve` and `livret work`: one service alone, and how it stops."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.support.postgres import DatabaseMaker
from tests.support.processes import wait_until

IN_FLIGHT = "livret_http_requests_in_flight{"
ROOT = Path(__file__).resolve().parents[2]


class Running:
    """A started command, its log lines read from the file they go to."""

    def __init__(self, log: Path, *arguments: str) -> None:
        self.log = log
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services", *arguments], cwd=ROOT, stderr=stream
            )

    def lines(self) -> list[dict[str, Any]]:
        """What was logged so far; each line is one JSON object."""
        whole = self.log.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    @property
    def port(self) -> int:
        """Where the API listens, once it does."""
        said: list[str] = []

        def listening() -> bool:
            said[:] = [line["event"] for line in self.lines() if "running on" in line["event"]]
            return bool(said) or self.process.poll() is not None

        assert wait_until(listening, 120)
        assert said, self.log.read_text()
        return int(said[0].split("://")[1].split(" ")[0].rpartition(":")[2])

    def ask(self, path: str) -> int:
        """The status of an answer on a new connection."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=60).status_code

    def under_way(self) -> int:
        """How many requests it is answering now."""
        told = httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=60).text
        (line,) = [each for each in told.splitlines() if each.startswith(IN_FLIGHT)]
        return int(float(line.split()[-1]))

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def status(self) -> int:
        """The exit status, once it has ended."""
        return self.process.wait(timeout=120)


@pytest.fixture
def running(database: DatabaseMaker, tmp_path: Path) -> Iterator[Any]:
    """Starts commands on a database of their own, which they migrate themselves."""
    made = database("empty")
    started: list[Running] = []

    def start(command: str, service: str, *options: str) -> Running:
        log = tmp_path / f"{len(started)}.log"
        urls = ["--database-url", made.app_url, "--owner-database-url", made.owner_url]
        started.append(Running(log, command, service, *urls, *options))
        return started[-1]

    yield start
    for each in started:
        with contextlib.suppress(ProcessLookupError):
            each.process.kill()
        each.process.wait()


def test_a_service_serves_alone_and_drains_before_it_stops(running: Any) -> None:
    tenancy = running("serve", "tenancy", "--port", "0", "--drain-seconds", "10")
    assert wait_until(lambda: tenancy.ask("/readyz") == 200)
    assert tenancy.ask("/v1/jwks") == 200
    assert tenancy.ask("/v1/me") == 401
    tenancy.tell(signal.SIGTERM)
    assert wait_until(lambda: tenancy.ask("/readyz") == 503)
    assert tenancy.ask("/v1/jwks") == 200
    assert tenancy.status() == 0


def test_a_request_under_way_is_answered_after_the_port_has_closed(running: Any) -> None:
    tenancy = running("serve", "tenancy", "--port", "0")
    port = tenancy.port
    body = b'{"portal": "x", "identifier": "y", "password": "z"}'
    head = (
        f"POST /v1/sessions HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as half:
        half.sendall(head.encode() + body[:5])
        assert wait_until(lambda: tenancy.under_way() == 2), "that one, and the one that asks"
        tenancy.tell(signal.SIGTERM)
        assert wait_until(lambda: _refuses(port))
        half.sendall(body[5:])
        half.settimeout(30)
        assert half.recv(100).startswith(b"HTTP/1.1 401")
    assert tenancy.status() == 0


def _refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return True
    return False


def test_workers_run_apart_from_the_api(running: Any, database: DatabaseMaker) -> None:
    bus = database("empty").app_url
    workers = running("work", "catalog", "--bus", "postgres", "--bus-database-url", bus)
    assert wait_until(lambda: asyncio.run(_connected(bus, "catalog-workers")) or workers.process.poll(), 120)
    assert workers.process.poll() is None, workers.log.read_text()
    workers.tell(signal.SIGTERM)
    assert workers.status() == 0


async def _connected(url: str, name: str) -> bool:
    """Whether somebody of that name is connected to the server of this address."""
    connection = await asyncpg.connect(url)
    try:
        query = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1)"
        return bool(await connection.fetchval(query, name))
    finally:
        await connection.close()


def test_a_service_that_is_not_is_refused(running: Any) -> None:
    nobody = running("serve", "cuisine")
    assert nobody.status() == 2
    assert "there are: tenancy, catalog" in nobody.log.read_text()


def test_workers_without_a_bus_are_told_how_one_is_named(running: Any) -> None:
    lost = running("work", "catalog", "--bus", "carrier pigeon")
    assert lost.status() == 2
    assert lost.log.read_text().splitlines()[-1].startswith("livret: LIVRET_BUS='carrier pigeon': kafka://")


@pytest.mark.parametrize(
    ("words", "who"),
    [(["weather"], "livret"), (["work", "tenancy"], "livret"), (["probe", "--place", "a"], "livret probe")],
    ids=["weather", "work", "probe"],
)
def test_a_port_for_metrics_that_is_taken_is_told_in_a_line(words: list[str], who: str) -> None:
    there = os.environ | {"LIVRET_PROBE_URL": "http://127.0.0.1:1/api/availability"}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "services", *words, "--metrics-port", number]
        done = subprocess.run(
            command, cwd=ROOT, env=there, capture_output=True, text=True, timeout=240, check=False
        )
    said = done.stderr.splitlines()
    assert (done.returncode, said[-1]) == (
        2,
        f"{who}: metrics cannot be shown at 127.0.0.1:{number}: Address already in use",
    )
    assert "Traceback" not in done.stderr
