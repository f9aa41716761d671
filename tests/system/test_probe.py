"""`livret probe` elsewhere: a process with a program's credentials, which watches, tells, and stops."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import monotonic, system_now
from chassis.embedded.ports import free_port
from services.cli.entrance import Entered, entered
from services.demonstration import AUTHENTICATOR, PASSWORD
from services.tenancy import totp
from tests.support.portal import ROOT, RunningPortal, running_portal
from tests.support.processes import wait_until

pytestmark = pytest.mark.xdist_group("portal")

SECRET = "cheval-agrafe-pile"
_PATH = "/api/availability/v1"


class _Site(BaseHTTPRequestHandler):
    """A service that one can reach, and log in to with the right password."""

    def do_GET(self) -> None:
        self._answer(200, "Welcome to the door")

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(*((200, "You are in") if f"password={SECRET}" in sent else (403, "Stay out")))

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def site(port: int) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", port), _Site)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@asynccontextmanager
async def staff(portal: RunningPortal, identifier: str) -> AsyncIterator[Entered]:
    code = totp.code_at(AUTHENTICATOR, totp.step_at(system_now()))
    async with entered(portal.origin, "publisher", identifier, PASSWORD, code) as who:
        yield who


async def post(who: Entered, path: str, sent: dict[str, Any]) -> Any:
    return await who.request("POST", path, json=sent, headers={"Idempotency-Key": str(uuid4())})


async def credentials(portal: RunningPortal) -> dict[str, str]:
    """A program of the publisher's that may report, as the environment of a prober names it."""
    machines = "/api/tenancy/v1/machines"
    async with staff(portal, "admin") as admin:
        program = await post(admin, machines, {"name": "Prober", "scopes": ["probes:report"]})
        key = await post(admin, f"{machines}/{program['program_id']}/keys", {"name": "first"})
    return {
        "LIVRET_PROBE_CLIENT_ID": program["program_id"],
        "LIVRET_PROBE_CLIENT_SECRET": key["client_secret"],
        "LIVRET_PROBE_URL": f"{portal.origin}/api/availability",
    }


@dataclass
class Prober:
    """A process `livret probe`, and what it wrote."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def wrote(self) -> str:
        return self.log.read_text()


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "services", "probe", *options]


@contextmanager
def prober(log: Path, environment: dict[str, str], *options: str) -> Iterator[Prober]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVRET_")}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command(*options), cwd=ROOT, env=bare | environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield Prober(process, log)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(90)


def target(port: int, *places: str) -> dict[str, Any]:
    login = {
        "name": "log in",
        "method": "POST",
        "url": f"http://127.0.0.1:{port}/login",
        "form": {"password": "{{secret:password}}"},
        "expect": {"contains": ["You are in"]},
        "logs_in": True,
    }
    return {
        "name": "The door",
        "script": {
            "steps": [{"name": "reach", "url": f"http://127.0.0.1:{port}/"}, login],
            "timeout_ms": 4_000,
        },
        "places": list(places),
        "interval_seconds": 5,
        "places_needed": len(places),
        "in_a_row": 1,
        "secrets": {"password": SECRET},
    }


async def stands(operations: Entered, target_id: str) -> dict[str, Any]:
    page = await operations.request("GET", f"{_PATH}/targets?limit=200")
    (item,) = [each for each in page["items"] if each["target"]["target_id"] == target_id]
    shown: dict[str, Any] = item
    return shown


async def comes_to(operations: Entered, target_id: str, field: str, holds: bool) -> dict[str, Any]:
    """How a target stands once it has this field, or has it no more; it has to come to that."""
    until = monotonic() + 180
    while ((shown := await stands(operations, target_id))[field] is not None) is not holds:
        assert monotonic() < until, shown
        await asyncio.sleep(0.1)
    return shown


async def test_two_places_elsewhere_watch_confirm_and_tell_until_they_are_told_to_stop(
    reachable_directory: Path, tmp_path: Path
) -> None:
    port, places = free_port(), ("lyon", "paris")
    with running_portal(reachable_directory / "data") as portal:
        given = await credentials(portal)
        async with staff(portal, "operations") as operations:
            lyon = prober(tmp_path / "lyon.log", given, "--place", "lyon")
            paris = prober(tmp_path / "paris.log", given, "--place", "paris")
            with lyon as one, paris as two:
                assert wait_until(
                    lambda: "place_not_defined" in one.wrote and "place_not_defined" in two.wrote, 180
                )
                assert "not_told" not in one.wrote + two.wrote
                with site(port):
                    for place in places:
                        await operations.request("PUT", f"{_PATH}/places/{place}", json={"name": place})
                    door = (await post(operations, f"{_PATH}/targets", target(port, *places)))["target_id"]
                    await comes_to(operations, door, "seen_at", True)
                outage = (await comes_to(operations, door, "outage_id", True))["outage_id"]
                with site(port):
                    await comes_to(operations, door, "outage_id", False)
                for each in (one, two):
                    each.process.send_signal(signal.SIGTERM)
                    assert each.process.wait(90) == 0, each.wrote
                    assert each.wrote.count("place_not_defined") == 1
                    assert SECRET not in each.wrote
            kept = await operations.request("GET", f"{_PATH}/record/outages/{outage}/evidence")
            assert (kept["items"][0]["kind"], kept["items"][0]["content"]["target"]) == ("probe", "The door")
            ours = (portal.data / "logs" / "prober.log").read_text()
            assert "not_told" not in ours, ours
        assert tried_once(given, door) == (1, "connect")


def tried_once(given: dict[str, str], target_id: str) -> tuple[int, str]:
    """The exit status of trying a target whose door is closed, and the fault that it shows."""
    done = subprocess.run(
        command("--place", "lyon", "--once", target_id),
        cwd=ROOT, env=dict(os.environ) | given, capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip
    return done.returncode, done.stdout.partition("[")[2].partition("]")[0] or done.stderr


def test_a_prober_that_finds_nobody_to_ask_says_so_in_a_line() -> None:
    nobody = {
        "LIVRET_PROBE_CLIENT_ID": str(uuid4()),
        "LIVRET_PROBE_CLIENT_SECRET": "none",
        "LIVRET_PROBE_URL": f"http://127.0.0.1:{free_port()}/api/availability",
    }
    status, said = tried_once(nobody, str(uuid4()))
    assert (status, said.count("\n"), said.startswith("livret probe: ")) == (3, 1, True), said
