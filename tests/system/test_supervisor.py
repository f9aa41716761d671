"""The supervisor: what dies once is started again; what dies again and again ends the whole while that
starts, and later has its pauses, aloud, while the others go on.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from chassis.embedded.account import CannotRun
from chassis.embedded.supervisor import Program, Supervisor
from tests.support.portal import ROOT
from tests.support.processes import alive_with, wait_until

DIES = "print('the reason'); raise SystemExit(3)"
STAYS = "import time; time.sleep(600)"
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(600)
"""
WAITS_FOR_ALL = """
import pathlib, signal, sys, time
log = pathlib.Path(sys.argv[1])
def end(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is told twice
    print("told", flush=True)
    while not all("told" in each.read_text() for each in log.parent.glob("*.log")):
        time.sleep(0.01)
    print("gone", flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(600)
"""
"""Told to stop, it goes only when all beside it were told too."""

TOLD_ANYWHERE = """
import os, signal, sys
from chassis.embedded import supervisor
from services.portal import Told

supervisor._WATCH_SECONDS = 0.001

def watched_until(moment):
    lines = 0
    def trace(frame, event, argument):
        nonlocal lines
        lines += event == "line"
        if event == "line" and lines == moment:
            os.kill(os.getpid(), signal.SIGTERM)
        return trace
    with Told() as told:
        told.starting = False
        sys.settrace(trace)
        supervisor.Supervisor([], print).watch(lambda: told.to_stop)
        sys.settrace(None)
    return lines

print(all(watched_until(moment) >= moment for moment in range(1, 40)))
"""


def program(name: str, source: str, log: Path) -> Program:
    return Program(name, [sys.executable, "-c", source, str(log)], os.environ, log=log)


def mend_for_ever(supervisor: Supervisor) -> None:
    while True:
        supervisor.mend()
        time.sleep(0.02)


def test_what_dies_again_and_again_ends_the_start_of_the_whole_with_its_last_words(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor([], said.append)
    supervisor.start_programs([program("clock", DIES, tmp_path / "clock.log")])
    with pytest.raises(CannotRun, match=r"clock died 6 times in a minute(.|\n)*status 3(.|\n)*the reason"):
        mend_for_ever(supervisor)
    assert len(said) == 5
    assert "the reason" in said[0]
    supervisor.stop()


def test_what_dies_again_and_again_later_has_its_pauses_while_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.embedded.supervisor._WATCH_SECONDS", 0.02)
    monkeypatch.setattr("chassis.embedded.supervisor._PAUSE_SECONDS", 1.0)
    said: list[str] = []
    stop = Event()

    def say(line: str) -> None:
        said.append(line)
        if sum("the rest goes on" in each for each in said) == 2:
            stop.set()

    supervisor = Supervisor([], say)
    page = program("page", STAYS, tmp_path / "page.log")
    supervisor.start_programs([program("clock", DIES, tmp_path / "clock.log"), page])
    stays = page.pid
    supervisor.watch(stop.is_set)
    assert page.pid == stays is not None
    pauses = [each for each in said if "the rest goes on" in each]
    assert all("clock died 6 times" in each and "the reason" in each for each in pauses)
    assert len(said) == 2 * 6
    supervisor.stop()


def test_the_watch_ends_at_whichever_of_its_lines_the_signal_comes() -> None:
    watched = [sys.executable, "-c", TOLD_ANYWHERE]
    said = subprocess.run(watched, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    assert said.stdout == "True\n"


def test_a_program_that_does_not_listen_is_ended_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.embedded.supervisor._ORDERLY", ((15, 0.3), (9, 60.0)))
    log = tmp_path / "deaf.log"
    supervisor = Supervisor([], print)
    supervisor.start_programs([program("deaf", DEAF, log)])
    assert wait_until(lambda: "up" in log.read_text())
    supervisor.stop()
    assert not alive_with(str(log))


def test_programs_are_told_to_stop_together(tmp_path: Path) -> None:
    logs = [tmp_path / f"{n}.log" for n in range(3)]
    supervisor = Supervisor([], print)
    supervisor.start_programs([program(log.stem, WAITS_FOR_ALL, log) for log in logs])
    assert wait_until(lambda: all("up" in log.read_text() for log in logs))
    supervisor.stop()
    assert [log.read_text().split() for log in logs] == [["up", "told", "gone"]] * len(logs)
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
