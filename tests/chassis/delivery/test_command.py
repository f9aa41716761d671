"""`livret bus` against real databases."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.bus.postgres import prepare
from chassis.db import Database
from services.__main__ import main
from tests.support.postgres import DatabaseMaker, ServiceDatabase

EVENT = UUID(int=5)


@pytest.fixture
def place(database: DatabaseMaker) -> tuple[ServiceDatabase, list[str]]:
    """The catalogue's database, and the options that say where it and the bus are."""
    catalog, bus = database("catalog"), database("empty")
    asyncio.run(prepare(bus.owner_url))
    options = ["--database-url", catalog.app_url, "--bus", "postgres", "--bus-database-url", bus.app_url]
    return catalog, options


def execute(place: ServiceDatabase, sql: str) -> None:
    """Runs one statement."""

    async def run() -> None:
        db = Database.create(place.app_url, pool_size=1)
        async with db.engine.begin() as connection:
            await connection.execute(text(sql))
        await db.close()

    asyncio.run(run())


def bury(place: ServiceDatabase) -> None:
    """Puts one dead event there, with another behind it."""
    line = "'livret.tenancy.CompanyActivated.v1', '/livret/tenancy', 'k', 0, now(), '{}', now()"
    execute(
        place,
        "INSERT INTO inbox (event_id, type, source, key, lane, time, data, received_at,"
        " state, attempts, error, handled_at) VALUES"
        f" ('{EVENT}', {line}, 'dead', 1, 'Defect: here', now()),"
        f" ('{UUID(int=6)}', {line}, 'held', 0, NULL, NULL)",
    )
    execute(place, "INSERT INTO inbox_hold VALUES ('/livret/tenancy', 'k', 0, NULL, 'Defect: here', now())")


def bus(verb: str, *arguments: str) -> int:
    """Runs the command."""
    return main(["bus", verb, *arguments])


def standing(options: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the status says of the catalogue."""
    capsys.readouterr()
    bus("status", "catalog", "--json", *options)
    (line,) = json.loads(capsys.readouterr().out)["services"]
    assert isinstance(line, dict)
    return line


def test_the_status_is_a_table_and_a_document(
    place: tuple[ServiceDatabase, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    catalog, options = place
    assert bus("topics", *options) == 0
    assert "12 partitions" in capsys.readouterr().out
    assert bus("status", "catalog", *options) == 0
    assert "catalog" in capsys.readouterr().out
    bury(catalog)
    assert bus("status", "catalog", *options) == 1
    found = standing(options, capsys)
    assert (found["dead"], found["parked_keys"], found["held"]) == (1, 1, 1)
    assert found["lag"] == {"livret.tenancy": 0}


def test_the_dead_are_listed_replayed_or_discarded(
    place: tuple[ServiceDatabase, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    catalog, options = place
    bury(catalog)
    assert bus("dead", "catalog", *options) == 0
    assert json.loads(capsys.readouterr().out)["error"] == "Defect: here"
    assert bus("replay", "catalog", "--key", "other", *options) == 0
    assert standing(options, capsys)["dead"] == 1
    assert bus("replay", "catalog", "--key", "k", *options) == 0
    found = standing(options, capsys)
    assert (found["dead"], found["parked_keys"], found["held"], found["waiting_keys"]) == (0, 0, 2, 1)
    execute(catalog, f"UPDATE inbox SET state = 'dead', handled_at = now() WHERE event_id = '{EVENT}'")
    assert bus("discard", "catalog", str(EVENT), *options) == 0
    assert bus("discard", "catalog", str(EVENT), *options) == 1


def test_resume_closes_the_circuit(
    place: tuple[ServiceDatabase, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    catalog, options = place
    execute(catalog, "UPDATE inbox_circuit SET opened_at = now(), reason = 'most is dead'")
    assert standing(options, capsys)["stopped_because"] == "most is dead"
    assert bus("resume", "catalog", *options) == 0
    assert standing(options, capsys)["stopped_because"] is None


def test_what_keeps_it_from_running_is_one_line(
    place: tuple[ServiceDatabase, list[str]], capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    _, options = place
    assert bus("status", "--data", str(tmp_path)) == 1
    assert "no running portal" in capsys.readouterr().err
    assert bus("resync", "nobody", *options) == 1
    assert "no service named" in capsys.readouterr().err
    assert (
        bus("status", "catalog", "--database-url", "postgresql://a@127.0.0.1:1/b", "--bus", "kafka://x:1")
        == 1
    )
    assert capsys.readouterr().err.count("\n") == 1
