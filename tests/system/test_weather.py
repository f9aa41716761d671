"""The weather page of a real portal: it answers while all else is down, and says since when."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from chassis.embedded.ports import free_port
from tests.support.portal import ROOT, RunningPortal, running_portal
from tests.support.processes import wait_until

pytestmark = pytest.mark.xdist_group("portal")

OTHERS = ("services.processes api", "services.processes workers", "postgres -D")


def page(port: int) -> str:
    """The English page, empty where nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/?lang=en")
        return connection.getresponse().read().decode()
    except (OSError, HTTPException):
        return ""
    finally:
        connection.close()


def pids(portal: RunningPortal, words: str) -> list[int]:
    """The processes of the portal with these words in their command line."""
    return [pid for pid, told in portal.left().items() if words in told.replace("\0", " ")]


def kill_others(portal: RunningPortal) -> int:
    """Kills the API, the workers and the database; how many processes of theirs there were to kill."""
    found = [pid for words in OTHERS for pid in pids(portal, words)]
    for pid in found:
        with contextlib.suppress(ProcessLookupError):  # one dies with another
            os.kill(pid, signal.SIGKILL)
    return len(found)


def weather_port(portal: RunningPortal) -> int:
    """The port that was said at the start."""
    line = next(line for line in portal.printed if line.startswith("Weather at "))
    return int(line.split(":")[2].split("/")[0])


def test_it_answers_with_api_workers_and_database_killed_and_says_how_old_it_is(
    reachable_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVRET_WEATHER_SECONDS", "2")
    with running_portal(reachable_directory / "data") as portal:
        port = weather_port(portal)
        assert wait_until(lambda: "Portal:\n<strong>operational</strong>" in page(port))

        portal.process.send_signal(signal.SIGSTOP)  # it would start them again
        try:
            assert wait_until(lambda: kill_others(portal) == 0)
            assert portal.answers("/readyz", 2.0) == 0
            assert wait_until(lambda: "Updates stopped" in page(port))
            assert "last known to be <strong>operational</strong>" in page(port)
            assert starts_without_the_rest(portal)
        finally:
            portal.process.send_signal(signal.SIGCONT)
        assert wait_until(lambda: portal.answers("/readyz") == 200, 120), portal.printed
        assert wait_until(lambda: page(port) and "Updates stopped" not in page(port))
    assert portal.leaves_nobody(), portal.left()


def starts_without_the_rest(portal: RunningPortal) -> bool:
    """Whether a second one, started now, answers from the store alone."""
    port, store = free_port(), (portal.data / "weather").as_uri()
    command = [sys.executable, "-m", "services", "weather", "--port", str(port), "--store", store]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVRET_")}
    process = subprocess.Popen(command, cwd=ROOT, env=bare, stdout=subprocess.DEVNULL)
    try:
        return wait_until(lambda: "Updates stopped" in page(port))
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_without_any_state_it_starts_and_says_so(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "services", "weather", "--port", str(port)]
    process = subprocess.Popen([*command, "--store", (tmp_path / "none").as_uri()], cwd=ROOT)
    try:
        assert wait_until(lambda: "No state is known yet" in page(port))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez") as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_from_a_bucket_it_stands_on_another_host(
    reachable_directory: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = f"{bucket}/production"
    with monkeypatch.context() as told:
        told.setenv("LIVRET_WEATHER_STORE", store)
        with running_portal(reachable_directory / "data") as portal:
            port = weather_port(portal)
            assert wait_until(lambda: "Portal:\n<strong>operational</strong>" in page(port))
    assert not (reachable_directory / "data" / "weather").exists()

    port = free_port()
    command = [sys.executable, "-m", "services", "weather", "--port", str(port), "--store", store]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        assert wait_until(lambda: "<strong>operational</strong>" in page(port))
    finally:
        process.terminate()
        assert process.wait(60) == 0
