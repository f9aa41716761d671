"""The supervisor: what dies once is started again, what dies again and again ends the whole, aloud."""

import os
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from chassis.embedded.account import CannotRun
from chassis.embedded.supervisor import Program, Supervisor
from tests.support.processes import alive_with, wait_until

DIES = "print('the reason'); raise SystemExit(3)"
STAYS = "import time; time.sleep(600)"
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(600)
"""
SLOW = """
import signal, sys, time
def end(*_):
    time.sleep(1)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(600)
"""


def program(name: str, source: str, log: Path) -> Program:
    return Program(name, [sys.executable, "-c", source, str(log)], os.environ, log=log)


def test_what_dies_again_and_again_ends_the_whole_with_its_last_words(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor([], said.append)
    supervisor.start_programs([program("clock", DIES, tmp_path / "clock.log")])
    with pytest.raises(CannotRun, match=r"clock died 6 times in a minute(.|\n)*status 3(.|\n)*the reason"):
        supervisor.watch(Event())
    assert len(said) == 5
    assert "the reason" in said[0]
    supervisor.stop()


def test_a_program_that_does_not_listen_is_ended_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.embedded.supervisor._ORDERLY", ((15, 0.3), (9, 5.0)))
    log = tmp_path / "deaf.log"
    supervisor = Supervisor([], print)
    supervisor.start_programs([program("deaf", DEAF, log)])
    assert wait_until(lambda: "up" in log.read_text())
    supervisor.stop()
    assert not alive_with(str(log))


def test_programs_are_told_to_stop_together(tmp_path: Path) -> None:
    logs = [tmp_path / f"{n}.log" for n in range(3)]
    supervisor = Supervisor([], print)
    supervisor.start_programs([program(log.stem, SLOW, log) for log in logs])
    assert wait_until(lambda: all("up" in log.read_text() for log in logs))
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 2.5
    assert not alive_with(str(tmp_path))


def test_a_log_grown_large_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.embedded.supervisor._KEPT_LOG_BYTES", 10)
    log = tmp_path / "one.log"
    log.write_text("what an earlier run wrote")
    one = program("one", STAYS, log)
    one.start()
    one.stop()
    assert (tmp_path / "one.log.1").read_text() == "what an earlier run wrote"
    assert log.read_text() == ""
