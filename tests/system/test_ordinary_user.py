"""The same without root: PostgreSQL then runs as whoever started it."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
STARTS = """
import os, sys
from pathlib import Path
from chassis.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), fsync=False, databases=["livret_probe"])
server.start()
print(os.geteuid(), Path(f"/proc/{server.pid}").stat().st_uid)
server.stop()
server.start()
server.stop()
"""


def interpreter() -> str:
    """A Python of our version that `nobody` can run: ours, or the machine's own."""
    own = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for each in (sys.executable, shutil.which(own, path="/usr/bin:/usr/local/bin")):
        if each and _runs(each):
            return each
    pytest.skip(f"no {own} here that an ordinary user could run: this one is {sys.executable}")


def _runs(python: str) -> bool:
    try:
        done = subprocess.run(
            [python, "-c", "import sqlalchemy"], env=_environment(), cwd="/", user=NOBODY, group=NOBODY,
            extra_groups=[], capture_output=True, check=False,
        )  # fmt: skip
    except PermissionError:
        return False
    return done.returncode == 0


def _environment() -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "PYTHONPATH": f"{ROOT}:{sysconfig.get_path('purelib')}",
        "HOME": "/nonexistent",
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests already run as an ordinary user")
def test_an_ordinary_user_starts_it_as_himself(reachable_directory: Path) -> None:
    home = reachable_directory / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    done = subprocess.run(
        [interpreter(), "-c", STARTS, str(home / "data")], env=_environment(), cwd="/",
        user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(NOBODY), str(NOBODY)]
    assert (home / "data" / "postgres").stat().st_uid == NOBODY
