"""`livret run`: whatever ends it, nothing of it stays, and the next start goes on where it stopped."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from chassis.embedded.ports import free_port
from tests.support.portal import ROOT, RunningPortal, running_portal
from tests.support.processes import alive_with, began_at, wait_until

pytestmark = pytest.mark.xdist_group("portal")


async def clock_of(portal: RunningPortal) -> object:
    """The year of the portal's time, as tenancy's database keeps it."""
    home = portal.data / "postgres"
    password = json.loads((home / "passwords.json").read_text())["livret_app"]
    port = (home / "postgres.port").read_text()
    database = await asyncpg.connect(f"postgresql://livret_app:{password}@127.0.0.1:{port}/livret_tenancy")
    try:
        return await database.fetchval("SELECT extract(year FROM origin_business)::int FROM chassis_clock")
    finally:
        await database.close()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_nothing_stays_and_the_next_start_goes_on(
    reachable_directory: Path, by: signal.Signals
) -> None:
    data = reachable_directory / "data"
    with running_portal(data, options=["--clock", "2031-05-06T07:08:09+02:00"]) as portal:
        assert portal.answers("/readyz") == 200
        assert portal.answers("/") == 200
        status = portal.end(by)
    assert status == (0 if by != signal.SIGKILL else -signal.SIGKILL), portal.printed
    assert portal.leaves_nobody(), portal.left()

    with running_portal(data) as again:
        assert again.answers("/readyz") == 200
        assert any("firm_admin" in line for line in again.printed), again.printed
        assert await clock_of(again) == 2031
    assert again.leaves_nobody(), again.left()


async def test_told_to_stop_while_it_starts_it_stops(reachable_directory: Path) -> None:
    portal = RunningPortal(reachable_directory / "data")
    try:
        assert wait_until((portal.data / "postgres").exists)
        assert portal.end(signal.SIGTERM) == 0, portal.printed
    finally:
        portal.leave()
    assert portal.leaves_nobody(), portal.left()


async def test_what_dies_is_started_again_and_says_why(reachable_directory: Path) -> None:
    with running_portal(reachable_directory / "data") as portal:
        for program in ("services.processes api", "services.processes workers", "postgres -D"):
            assert _comes_back(portal, program), portal.printed
        for why in ("API: ended by SIGKILL", "workers: ended by SIGKILL", "PostgreSQL: stopped"):
            assert wait_until(lambda why=why: portal.said(why)), portal.printed  # type: ignore[misc]
    assert portal.leaves_nobody(), portal.left()


async def test_a_second_one_on_the_same_data_or_the_same_port_is_refused(reachable_directory: Path) -> None:
    with running_portal(reachable_directory / "data") as portal:
        same_data = _refused("--port", str(free_port()), "--data", str(portal.data))
        same_port = _refused("--port", str(portal.port), "--data", str(reachable_directory / "other"))
        assert portal.answers("/readyz") == 200
    assert f"in use by another Livret (process {portal.process.pid})" in same_data
    assert f"port {portal.port}" in same_port
    assert "--port" in same_port


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_data_out_of_reach_is_refused_with_the_command_that_mends_it(reachable_directory: Path) -> None:
    closed = reachable_directory / "closed"
    closed.mkdir(mode=0o700)
    said = _refused("--port", str(free_port()), "--data", str(closed / "data"))
    assert f"chmod o+x {closed}" in said
    assert not alive_with(str(closed))


def test_the_end_of_make_is_the_end_of_the_command(reachable_directory: Path) -> None:
    data = reachable_directory / "data"
    make = ["make", "--no-print-directory", "run", f"PORT={free_port()}", f"DATA={data}"]
    launcher = subprocess.Popen(
        [*make, f"BIN={Path(sys.executable).parent}", "STAMP="],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert launcher.stdout is not None
    printed = []
    try:
        for line in launcher.stdout:
            printed.append(line)
            if "Livret is ready" in line:
                break
        else:
            pytest.fail("".join(printed))
    finally:
        launcher.kill()
        launcher.wait()
    assert wait_until(lambda: not alive_with(str(data))), alive_with(str(data))


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
async def test_it_starts_a_kafka_of_its_own(
    reachable_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    with running_portal(reachable_directory / "data", options=["--bus", "kafka"]) as portal:
        assert _pid_of(portal, "kafka.Kafka")
        assert portal.answers("/readyz") == 200
        portal.end(signal.SIGKILL)
    assert portal.leaves_nobody(), portal.left()


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        ("--port", "0", "not a port"),
        ("--clock", "tomorrow", "ISO 8601"),
        ("--clock", "2031-01-01T00:00", "offset"),
    ],
)
def test_a_wrong_option_is_refused_by_name(option: str, value: str, why: str) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "services", "run", option, value],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 2
    assert why in said.stderr


def _comes_back(portal: RunningPortal, program: str) -> bool:
    """Kill it; whether another one lives in its place and the portal is ready again."""
    dies = _pid_of(portal, program)
    os.kill(dies, signal.SIGKILL)
    replaced = wait_until(lambda: _pid_of(portal, program) not in {0, dies})
    return replaced and wait_until(lambda: portal.answers("/readyz") == 200, 120)


def _pid_of(portal: RunningPortal, words: str) -> int:
    """The oldest process of the portal with these words in its command line; 0 when there is none."""
    found = [pid for pid, told in portal.left().items() if words in told.replace("\0", " ")]
    return min(found, key=began_at, default=0)


def _refused(*options: str) -> str:
    said = subprocess.run(
        [sys.executable, "-m", "services", "run", *options],
        cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert said.returncode == 1, said.stdout + said.stderr
    return said.stderr
