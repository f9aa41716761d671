"""`livret tickets recompute`: what follows from histories is told anew, and whatever differs is found."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.auth import Role
from services.__main__ import main
from services.ticketing.commands import recompute
from tests.integration.ticketing.portal import NOW, Portal, opened
from tests.support.postgres import DatabaseMaker, ServiceDatabase

HOUR = timedelta(hours=1)
QUALIFIED = {
    "departs": True,
    "reproducible": True,
    "inoperative": True,
    "essential": False,
    "workaround": True,
}
ANOTHER_WAIT = """
    INSERT INTO ticket_wait SELECT customer_id, ticket_id, 2, now(), now() FROM ticket WHERE ticket_id = $1
"""


@dataclass
class Place:
    """A service with two tickets, and how its database is reached."""

    portal: Portal
    database: ServiceDatabase
    answered: dict[str, Any]
    waiting: dict[str, Any]

    async def alter(self, statement: str, ticket: dict[str, Any]) -> None:
        """Tampers with what is kept of a ticket."""
        connection = await asyncpg.connect(self.database.admin_url)
        await connection.execute("ALTER TABLE ticket_history DISABLE TRIGGER ALL")
        await connection.execute(statement, UUID(ticket["ticket_id"]))
        await connection.close()


@pytest.fixture
async def place(database: DatabaseMaker) -> AsyncIterator[Place]:
    """One ticket that was answered, closed and whose clocks all ended, one that waits for its customer."""
    made = database("ticketing")
    async with opened(made) as portal:
        customer = await portal.new_customer()
        answered, waiting = await portal.register(customer), await portal.register(customer)
        service = await portal.register(customer, kind="customer_service")
        await portal.set_time(NOW + HOUR)
        for ticket in (answered, waiting, service):
            await done(portal, ticket, "take-charge")
        for ticket in (answered, waiting):
            await done(portal, ticket, "qualification", **QUALIFIED)
            await done(portal, ticket, "reproduction")
            await done(portal, ticket, "wait")
        await portal.set_time(NOW + 2 * HOUR)
        await done(portal, answered, "wait-end")
        await done(portal, answered, "fix", workaround=False, explanation="It is corrected in version 12.")
        await done(portal, answered, "closing")
        yield Place(portal, made, answered, waiting)


async def done(portal: Portal, ticket: dict[str, Any], deed: str, **body: Any) -> None:
    """The agent does it, and is let."""
    answer = await portal.act(ticket, deed, **body)
    assert answer.status_code == 200, answer.text


async def recomputed(
    place: Place, capsys: pytest.CaptureFixture[str], *options: str
) -> tuple[int, list[str]]:
    """The command's exit status and lines."""
    arguments = ["tickets", "recompute", "--database-url", place.database.app_url, *options]
    status = await asyncio.to_thread(main, arguments)
    return status, capsys.readouterr().out.splitlines()


async def test_nothing_differs_from_what_the_commands_kept(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recompute, "AT_ONCE", 1)
    left = {"left_out": "not_reproducible", "explanation": "It does not happen here."}
    await done(place.portal, place.waiting, "leaving-out", **left)
    for deed in ("leaving-out/withdrawal", "setting-apart", "setting-apart/withdrawal"):
        await done(place.portal, place.waiting, deed, explanation="It does happen.")

    assert await recomputed(place, capsys) == (
        0,
        ["3 tickets looked at, 0 differences in 0 tickets"],
    )


@pytest.mark.parametrize(
    ("statement", "field"),
    [
        ("UPDATE ticket SET state = 'registered' WHERE ticket_id = $1", "state"),
        ("UPDATE ticket SET taken_in_charge_at = registered_at WHERE ticket_id = $1", "taken_in_charge_at"),
        ("UPDATE ticket SET nearest_due_at = registered_at WHERE ticket_id = $1", "nearest_due_at"),
        (
            "UPDATE ticket_clock SET due_at = starts_at WHERE ticket_id = $1 AND number = 1",
            "clock 1 due_at",
        ),
        ("UPDATE ticket_clock SET state = 'missed' WHERE ticket_id = $1 AND number = 2", "clock 2 state"),
        (
            "UPDATE ticket_clock SET elapsed_seconds = 1 WHERE ticket_id = $1 AND number = 2",
            "elapsed_seconds",
        ),
        ("DELETE FROM ticket_clock WHERE ticket_id = $1 AND number = 2", "clock 2:"),
        ("UPDATE ticket_wait SET since = since - interval '1 second' WHERE ticket_id = $1", "wait 1 since"),
        ("DELETE FROM ticket_wait WHERE ticket_id = $1", "wait 1:"),
        (ANOTHER_WAIT, "wait 2:"),
    ],
    ids=lambda told: told if len(told) < 20 else "",
)
async def test_a_planted_difference_is_found_and_left_alone(
    place: Place, capsys: pytest.CaptureFixture[str], statement: str, field: str
) -> None:
    await place.alter(statement, place.waiting)

    status, lines = await recomputed(place, capsys)

    assert status == 1
    found, last = lines
    assert found.startswith(place.waiting["reference"])
    assert field in found
    assert last == "3 tickets looked at, 1 differences in 1 tickets"
    assert await recomputed(place, capsys) == (status, lines)


async def test_what_is_repaired_is_what_the_history_says_and_is_on_the_trail(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await place.portal.read(place.answered)
    await place.alter("UPDATE ticket SET state = 'in_charge' WHERE ticket_id = $1", place.answered)
    await place.alter("UPDATE ticket_clock SET state = 'missed' WHERE ticket_id = $1", place.answered)
    await place.alter(ANOTHER_WAIT, place.answered)

    status, lines = await recomputed(place, capsys, "--repair")
    assert (status, lines[-1]) == (1, "3 tickets looked at, 4 differences in 1 tickets, 1 repaired")

    assert await place.portal.read(place.answered) == before
    assert (await recomputed(place, capsys))[0] == 0
    trail = (await place.portal.of(Role.publisher_admin).get("/v1/audit")).json()["items"]
    (line,) = [line for line in trail if line["action"] == "repair_ticket"]
    assert line["subject"] == place.answered["ticket_id"]
    assert line["before"]["state"] == "in_charge"
    assert line["after"]["state"] == "closed"


async def test_a_ticket_without_its_beginning_is_told_and_cannot_be_repaired(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    await place.alter("DELETE FROM ticket_history WHERE ticket_id = $1 AND seq = 1", place.waiting)

    status, lines = await recomputed(place, capsys, "--repair")

    assert status == 1
    assert lines == [
        f"{place.waiting['reference']}  history: kept acknowledged, told registered",
        "3 tickets looked at, 1 differences in 1 tickets, 0 repaired",
    ]
    assert (await recomputed(place, capsys))[0] == 1


async def test_a_database_that_does_not_answer_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = "postgresql://livret_app:x@127.0.0.1:1/livret_ticketing"

    assert await asyncio.to_thread(main, ["tickets", "recompute", "--database-url", url]) == 2
    assert "livret tickets recompute: the database cannot be used" in capsys.readouterr().err
