"""`chassis/clock.py` is the only place that reads a clock."""

import pytest

from tests.architecture.clocks import clock_readings
from tests.architecture.tree import Module, modules

ALLOWED = "chassis/clock.py"


def test_one_place_reads_a_clock() -> None:
    readings = [fault for module in modules() if module.place != ALLOWED for fault in clock_readings(module)]
    assert readings == []


def test_the_allowed_place_does() -> None:
    assert [fault for module in modules() if module.place == ALLOWED for fault in clock_readings(module)]


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "default_factory = datetime.utcnow",
        "date.today()",
        "time.time()",
        "started = time.time_ns()",
        "from time import time as t",
    ],
)
def test_a_reading_elsewhere_would_be_seen(line: str) -> None:
    assert len(list(clock_readings(Module("services/x/commands.py", line)))) == 1


@pytest.mark.parametrize(
    "line",
    ["clock.business_now()", "time.sleep(1)", "time.monotonic()", "from datetime import date", "row.time"],
)
def test_what_reads_no_clock_passes(line: str) -> None:
    assert list(clock_readings(Module("services/x/commands.py", line))) == []
