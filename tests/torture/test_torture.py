"""A minute of torture on each bus; `make torture` gives the long form, `--plant` the faults it finds."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.presence import missing_part

ROOT = Path(__file__).resolve().parents[2]
MINUTE = ["--seconds", "45", "--events", "300", "--kills", "15", "--rate", "100"]


@pytest.mark.slow
@pytest.mark.parametrize("bus", ["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
def test_nothing_is_lost_doubled_or_reordered_in_a_minute_of_kills(bus: str) -> None:
    command = [sys.executable, "-m", "tests.torture", "--bus", bus, *MINUTE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=800)
    if done.returncode == 2:
        missing_part(done.stderr.strip())
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "clean" in done.stdout
