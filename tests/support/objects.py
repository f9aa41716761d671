"""A real S3 server for the tests: versitygw over a directory, one for this test process.

async def test_x(bucket: str) -> None:                      # "s3://bucket-1", empty, ready for use
async def test_y(stoppable_objects: ObjectServer) -> None:  # one to kill, freeze and start again
"""

import itertools
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from chassis.embedded.ports import HOST, free_port
from chassis.embedded.processes import stop_with_parent

_START_SECONDS = 60.0
_ATTEMPTS = 3


class ObjectServer:
    """One server and its directory, with an account of its own. It ends with the thread that starts it."""

    def __init__(self, program: Path, home: Path) -> None:
        self._program, self._home = program, home
        self._account = secrets.token_hex(8), secrets.token_hex(16)
        self._health = f"/{secrets.token_hex(8)}"
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        for directory in (self._buckets, self._sidecar):
            directory.mkdir()

    def environment(self) -> dict[str, str]:
        """Where it is and who may, as `chassis.objects` reads it."""
        access, secret = self._account
        return {
            "AWS_ACCESS_KEY_ID": access,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{HOST}:{self._port}",
        }

    def new_bucket(self) -> str:
        """The URL of a bucket that is empty."""
        name = f"bucket-{next(self._numbers)}"
        (self._buckets / name).mkdir()
        return f"s3://{name}"

    def start(self) -> None:
        """Starts it and waits until it answers; again at the address it had, with what it held."""
        for _ in range(_ATTEMPTS):
            port = self._port or free_port()
            self._launch(port)
            if self._is_up(port):
                self._port = port
                return
            self.kill()
        raise AssertionError(f"versitygw does not start: {self._log.read_text(errors='replace')[-2000:]}")

    def kill(self) -> None:
        """Ends it by SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """From now on connections are taken and nothing is answered, until it is killed."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    @property
    def _buckets(self) -> Path:
        return self._home / "buckets"

    @property
    def _sidecar(self) -> Path:
        """Beside the objects is what is known of them: not every file system has attributes for that."""
        return self._home / "sidecar"

    @property
    def _log(self) -> Path:
        return self._home / "log"

    def _launch(self, port: int) -> None:
        access, secret = self._account
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._program, "--port", f"{HOST}:{port}", "--health", self._health, "--quiet",
                    "posix", "--sidecar", self._sidecar, self._buckets,
                ],
                env={"ROOT_ACCESS_KEY": access, "ROOT_SECRET_KEY": secret},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._home,
                preexec_fn=stop_with_parent(signal.SIGKILL),  # noqa: PLW1509 - one system call, no lock
            )  # fmt: skip

    def _is_up(self, port: int) -> bool:
        """Whether it comes to answer where only it can: another program may have taken the port."""
        until = time.monotonic() + _START_SECONDS
        while self._process is not None and self._process.poll() is None and time.monotonic() < until:
            if _status(port, self._health) == 200:
                return True
            time.sleep(0.02)
        return False


def _status(port: int, path: str) -> int:
    """0 where nobody answers."""
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


@pytest.fixture(scope="session")
def object_server(versitygw: Path) -> Iterator[ObjectServer]:
    """The server that all tests of this process share."""
    with _server(versitygw) as server:
        yield server


@pytest.fixture
def bucket(object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty bucket, which the environment says how to reach."""
    reach(object_server, monkeypatch)
    return object_server.new_bucket()


@pytest.fixture
def stoppable_objects(versitygw: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectServer]:
    """A server for one test, which may end it as it likes; the environment says how to reach it."""
    with _server(versitygw) as server:
        reach(server, monkeypatch)
        yield server


def reach(server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """For this test the environment speaks of this server alone."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)


@contextmanager
def _server(program: Path) -> Iterator[ObjectServer]:
    home = Path(tempfile.mkdtemp(prefix="livret-test-objects-"))
    server = ObjectServer(program, home)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(home, ignore_errors=True)
