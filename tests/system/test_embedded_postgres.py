"""The embedded PostgreSQL: it starts, keeps what it was given, and never outlives whoever started it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from chassis.embedded.account import CannotRun
from chassis.embedded.ports import is_answered
from chassis.embedded.postgres import EmbeddedPostgres
from tests.support.processes import accounts_of, alive_with, wait_until

ROOT = Path(__file__).resolve().parents[2]
HOLDS = """
import sys, time
from pathlib import Path
from chassis.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), fsync=False, databases=["livret_probe"])
server.start()
print(server.port, flush=True)
time.sleep(600)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")


@pytest.fixture
def home(reachable_directory: Path) -> Iterator[Path]:
    """A data directory that is not made yet; nothing may live in it at the end."""
    path = reachable_directory / "cluster"
    yield path
    assert wait_until(lambda: not alive_with(str(path))), alive_with(str(path))


def holder(home: Path) -> subprocess.Popen[str]:
    """Another process that has started the server of this directory; returns once it answers."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    if not process.stdout.readline().strip().isdigit():
        process.kill()
        pytest.fail("it did not start")
    return process


async def test_it_keeps_its_rows_its_port_and_its_passwords(home: Path) -> None:
    server = EmbeddedPostgres(home, databases=["livret_probe"])
    server.start()
    first = server.url("livret_probe", "livret_owner")
    owner = await asyncpg.connect(first)
    await owner.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    await owner.close()
    server.stop()

    server.start()
    assert server.owner_url("livret_probe") == first
    owner = await asyncpg.connect(first)
    assert await owner.fetchval("SELECT n FROM kept") == 7
    await owner.close()
    server.stop()


async def test_the_roles_of_services_have_no_way_around_row_level_security(home: Path) -> None:
    server = EmbeddedPostgres(home, fsync=False, databases=["livret_probe"])
    server.start()
    admin = await asyncpg.connect(server.admin_url("livret_probe"))
    rights = await admin.fetch(
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole AS more FROM pg_roles"
        " WHERE rolname IN ('livret_owner', 'livret_app') ORDER BY rolname"
    )
    owner = await admin.fetchval(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'livret_probe'"
    )
    extensions = {row["extname"] for row in await admin.fetch("SELECT extname FROM pg_extension")}
    await admin.close()
    server.stop()
    assert [tuple(row) for row in rights] == [("livret_app", False), ("livret_owner", False)]
    assert owner == "livret_owner"
    assert {"unaccent", "pg_trgm", "btree_gist"} <= extensions


async def test_nobody_enters_without_the_password(home: Path) -> None:
    server = EmbeddedPostgres(home, fsync=False, databases=["livret_probe"])
    server.start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://livret_app:guess@127.0.0.1:{server.port}/livret_probe")
    server.stop()
    assert (home / "passwords.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM])
async def test_it_ends_with_the_process_that_started_it(home: Path, death: signal.Signals) -> None:
    process = holder(home)
    process.send_signal(death)
    process.wait()
    assert wait_until(lambda: not alive_with(str(home)))
    server = EmbeddedPostgres(home, fsync=False)
    server.start()
    server.stop()


async def test_a_backend_that_outlives_a_killed_server_is_ended_by_the_next_start(home: Path) -> None:
    server = EmbeddedPostgres(home, fsync=False, databases=["livret_probe"])
    server.start()
    busy = await asyncpg.connect(server.url("livret_probe"))
    backend = await busy.fetchval("SELECT pg_backend_pid()")
    os.kill(backend, signal.SIGSTOP)  # as one too busy to notice
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert wait_until(lambda: server.pid is None)
    assert backend in alive_with(str(home))

    server.start()
    assert backend not in alive_with(str(home))
    again = await asyncpg.connect(server.url("livret_probe"))
    assert await again.fetchval("SELECT 1") == 1
    await again.close()
    server.stop()
    busy.terminate()


@pytest.mark.parametrize("left", ["", "{living}\n/elsewhere\n"], ids=["empty", "a living stranger"])
async def test_a_stale_pid_file_does_not_keep_it_from_starting(home: Path, left: str) -> None:
    server = EmbeddedPostgres(home, fsync=False)
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(left.format(living=os.getpid()))
    server.start()
    server.stop()


async def test_a_second_one_on_the_same_directory_is_refused_by_name(home: Path) -> None:
    process = holder(home)
    try:
        with pytest.raises(CannotRun, match=rf"in use by another Livret \(process {process.pid}\)"):
            EmbeddedPostgres(home, fsync=False).start()
    finally:
        process.kill()
        process.wait()


async def test_a_port_that_another_program_took_is_replaced(home: Path) -> None:
    server = EmbeddedPostgres(home, fsync=False)
    server.start()
    before = server.port
    server.stop()
    thief = subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(before)], stderr=subprocess.DEVNULL
    )
    try:
        assert wait_until(lambda: is_answered(before))
        server.start()
        assert server.port != before
        server.stop()
    finally:
        thief.kill()
        thief.wait()


@as_root
async def test_a_directory_out_of_reach_is_refused_with_the_command_that_mends_it(
    reachable_directory: Path,
) -> None:
    closed = reachable_directory / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "cluster", fsync=False)
    with pytest.raises(CannotRun) as refused:
        server.start()
    mend = str(refused.value).splitlines()[-1].strip()
    assert mend == f"chmod o+x {closed}"
    subprocess.run(["sh", "-c", mend], check=True)
    server.start()
    server.stop()


@as_root
async def test_programs_out_of_reach_are_refused_too(
    reachable_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = reachable_directory / "closed" / "bin"
    programs.mkdir(parents=True)
    for name in ("postgres", "initdb", "psql"):
        (programs / name).touch(mode=0o755)
    programs.parent.chmod(0o700)
    monkeypatch.setenv("LIVRET_PG_BIN", str(programs))
    with pytest.raises(CannotRun, match=f"chmod o\\+x {programs.parent}"):
        EmbeddedPostgres(reachable_directory / "cluster").start()


@as_root
async def test_under_root_it_runs_as_an_ordinary_user(home: Path) -> None:
    server = EmbeddedPostgres(home, fsync=False)
    server.start()
    accounts = accounts_of(alive_with(str(server.data)))
    server.stop()
    assert accounts == {65534}
