"""`livret tickets replay`: a log through the real commands, every event accounted for, the share told."""

import asyncio
import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.auth import Role
from contracts.booklet.hours import calendar
from services.__main__ import main
from services.cli import ticket_replay
from tests.integration.ticketing.portal import Portal, opened
from tests.support.postgres import DatabaseMaker, ServiceDatabase

MONDAY = datetime(2026, 3, 9, 8, tzinfo=UTC)
"""9:00 in Paris: support opens."""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LIMIT = 8 * 3600
Line = tuple[str, str, datetime]


@pytest.fixture(scope="module")
def made(module_database: DatabaseMaker) -> ServiceDatabase:
    """Ticketing's database."""
    return module_database("ticketing")


@pytest.fixture(scope="module")
async def told(made: ServiceDatabase) -> Any:
    """Ticketing on that database."""
    async with opened(made) as portal:
        yield portal


def write(file: Path, lines: Sequence[Line]) -> Path:
    """A log as a help desk exports it."""
    with file.open("w", encoding="utf-8", newline="") as opened_file:
        written = csv.writer(opened_file)
        written.writerow(["Case ID", "Activity", "Complete Timestamp"])
        for case, activity, at in lines:
            written.writerow([case, activity, at.strftime("%Y/%m/%d %H:%M:%S.000")])
    return file


async def replayed(
    made: ServiceDatabase, customer: UUID, file: Path, capsys: pytest.CaptureFixture[str], *options: str
) -> dict[str, Any]:
    """The account as JSON."""
    place = ["--database-url", made.app_url, "--customer", str(customer)]
    status = await asyncio.to_thread(main, ["tickets", "replay", str(file), *place, "--json", *options])
    printed = capsys.readouterr()
    assert status == 0, printed.err
    account: dict[str, Any] = json.loads(printed.out)
    return account


def every_event_is_accounted_for(account: dict[str, Any], lines: Sequence[Line]) -> None:
    """Each event is in exactly one place, and so is each case."""
    events, cases = account["events"], account["cases"]
    assert (
        events["events"]
        == len(lines)
        == (
            events["registered_their_case"]
            + sum(events["done"].values())
            + sum(events["stand_for_nothing"].values())
            + events["refused"]
            + events["of_cases_that_were_not_registered"]
        )
    )
    assert cases["cases"] == len({case for case, _, _ in lines})
    assert cases["registered"] == cases["closed"] + cases["still_open"]
    assert cases["registered"] == cases["taken_in_charge"] + cases["never_taken_in_charge"]


async def test_each_event_is_done_refused_or_stands_for_nothing(
    told: Portal, made: ServiceDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        ("in time", "Assign seriousness", MONDAY),
        ("in time", "Take in charge ticket", MONDAY + HOUR),
        ("in time", "Take in charge ticket", MONDAY + 2 * HOUR),
        ("in time", "Wait", MONDAY + 2 * HOUR),
        ("in time", "Wait", MONDAY + 3 * HOUR),
        ("in time", "Resolve ticket", MONDAY + 3 * HOUR),
        ("in time", "Closed", MONDAY + 4 * HOUR),
        ("in time", "Closed", MONDAY + 5 * HOUR),
        ("at once", "Take in charge ticket", MONDAY),
        ("never", "Insert ticket", MONDAY - 41 * HOUR),
        ("never", "Closed", MONDAY + 50 * HOUR),
        ("late", "Insert ticket", MONDAY + 12 * HOUR),
        ("late", "Take in charge ticket", MONDAY + 60 * HOUR),
    ]
    customer = await told.new_customer()

    account = await replayed(made, customer, write(tmp_path / "log.csv", lines), capsys)

    every_event_is_accounted_for(account, lines)
    assert account["cases"] == {
        "cases": 4,
        "registered": 4,
        "not_registered": 0,
        "registered_in_closed_hours": 2,
        "registered_at_a_weekend": 1,
        "taken_in_charge": 3,
        "never_taken_in_charge": 1,
        "closed": 1,
        "still_open": 3,
    }
    assert account["events"]["done"] == {"begin_wait": 1, "close": 1, "take_in_charge": 3}
    assert account["events"]["stand_for_nothing"] == {"Resolve ticket": 1}
    assert account["events"]["registered_their_case"] == 3
    assert account["events"]["waits_ended_by_what_came_next"] == 1
    refused = {(one["deed"], one["reason"]): one["first_line"] for one in account["refused"]}
    assert refused == {
        ("take_in_charge", "taken-in-charge-already"): 4,
        ("begin_wait", "waiting-already"): 6,
        ("close", "ticket-closed-already"): 9,
        ("close", "not-taken-in-charge"): 12,
    }
    (year,) = account["compliance"]["years"]
    assert year["share"] == {"kept": 2, "missed": 2, "rate": "50.000", "commitment_kept": False}


async def test_the_share_is_that_of_an_oracle_that_walks_minute_by_minute(
    told: Portal, made: ServiceDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = Random(7)
    lines: list[Line] = []
    for number in range(60):
        at = MONDAY + chance.randrange(14 * 24 * 60) * MINUTE
        lines.append((f"Case {number}", "Assign seriousness", at))
        if chance.random() < 0.8:
            lines.append((f"Case {number}", "Take in charge ticket", at + chance.randrange(4_000) * MINUTE))
    as_of = max(at for _, _, at in lines)
    lines.append(("fresh", "Assign seriousness", as_of))
    customer = await told.new_customer()

    account = await replayed(made, customer, write(tmp_path / "log.csv", lines), capsys)

    every_event_is_accounted_for(account, lines)
    verdicts = [_walked(case, lines, as_of) for case in sorted({case for case, _, _ in lines})]
    (year,) = account["compliance"]["years"]
    assert (year["share"]["kept"], year["share"]["missed"], year["pending"]) == tuple(
        verdicts.count(each) for each in ("kept", "missed", "running")
    )
    assert min(verdicts.count(each) for each in ("kept", "missed", "running")) > 0


def _walked(case: str, lines: Sequence[Line], as_of: datetime) -> str:
    """A case's verdict, its open seconds counted minute by minute."""
    hours, events = calendar("support.open"), [line for line in lines if line[0] == case]
    until = events[1][2] if len(events) > 1 else as_of
    at, elapsed = events[0][2], 0
    while at < until:
        elapsed += 60 * hours.is_open(at)
        at += MINUTE
    if elapsed > LIMIT:
        return "missed"
    return "kept" if len(events) > 1 else "running"


async def test_activities_stand_for_what_they_are_said_to(
    told: Portal, made: ServiceDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        ("grave", "opened", MONDAY),
        ("grave", "accepted", MONDAY + HOUR),
        ("grave", "blocking", MONDAY + HOUR),
        ("grave", "planned", MONDAY + 2 * HOUR),
        ("grave", "solved", MONDAY + 3 * HOUR),
        ("unclear", "opened", MONDAY),
        ("unclear", "not ours", MONDAY + HOUR),
        ("owing", "opened", MONDAY),
        ("owing", "not prepared", MONDAY + HOUR),
    ]
    deeds = {
        "opened": "register", "accepted": "take_in_charge", "blocking": "qualify_1",
        "planned": "provide_plan", "solved": "provide_fix", "not ours": "out_of_scope",
        "not prepared": "duty_not_met",
    }  # fmt: skip
    mapping = [word for activity, deed in deeds.items() for word in ("--map", f"{activity}={deed}")]
    customer = await told.new_customer()

    account = await replayed(made, customer, write(tmp_path / "log.csv", lines), capsys, *mapping)

    every_event_is_accounted_for(account, lines)
    assert account["refused"] == []
    (year,) = account["compliance"]["years"]
    assert [year[name] for name in ("counted", "pending", "left_out", "set_apart")] == [1, 0, 1, 1]
    listed = (await told.firm(customer).get("/v1/tickets")).json()["items"]
    assert {ticket["state"] for ticket in listed} == {"provided", "in_charge", "registered"}


async def test_a_case_that_no_plan_takes_is_told_with_all_its_events(
    told: Portal, made: ServiceDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [("one", "Insert ticket", MONDAY), ("one", "Closed", MONDAY + HOUR)]
    customer = await told.new_customer("connect")

    account = await replayed(made, customer, write(tmp_path / "log.csv", lines), capsys)

    every_event_is_accounted_for(account, lines)
    assert account["cases"]["not_registered"] == 1
    assert [(one["deed"], one["reason"]) for one in account["refused"]] == [
        ("register", "plan-without-support")
    ]
    assert account["events"]["of_cases_that_were_not_registered"] == 1
    assert account["compliance"]["years"] == []


async def test_batches_make_no_difference_and_histories_tell_the_same_again(
    told: Portal,
    made: ServiceDatabase,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [
        (f"Case {number}", activity, MONDAY + number * HOUR + later * 3 * HOUR)
        for number in range(12)
        for later, activity in enumerate(("Insert ticket", "Take in charge ticket", "Wait", "Closed"))
    ]
    accounts = []
    for batch in (1, 5, 1_000):
        monkeypatch.setattr(ticket_replay, "BATCH", batch)
        customer = await told.new_customer()
        account = await replayed(made, customer, write(tmp_path / "log.csv", lines), capsys)
        every_event_is_accounted_for(account, lines)
        accounts.append(account)
    assert accounts[0] == accounts[1] == accounts[2]

    status = await asyncio.to_thread(main, ["tickets", "recompute", "--database-url", made.app_url])
    assert (status, capsys.readouterr().out.strip().rsplit(", ", 1)[1]) == (0, "0 differences in 0 tickets")


async def test_a_log_is_replayed_once_and_the_trail_says_so(
    told: Portal, made: ServiceDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "log.csv", [("one", "Insert ticket", MONDAY)])
    customer = await told.new_customer()
    await replayed(made, customer, file, capsys)

    place = ["--database-url", made.app_url, "--customer", str(customer)]
    assert await asyncio.to_thread(main, ["tickets", "replay", str(file), *place]) == 1
    assert "has tickets already" in capsys.readouterr().err

    trail = await told.of(Role.publisher_admin).get("/v1/audit", params={"customer_id": str(customer)})
    assert [line["action"] for line in trail.json()["items"]] == ["replay_tickets"]


async def test_a_customer_that_is_unknown_is_refused(
    made: ServiceDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "log.csv", [("one", "Insert ticket", MONDAY)])
    place = ["--database-url", made.app_url, "--customer", str(uuid4())]

    assert await asyncio.to_thread(main, ["tickets", "replay", str(file), *place]) == 1

    assert "No customer of this identifier" in capsys.readouterr().err


async def test_without_a_database_it_works_in_one_that_is_thrown_away_and_tells_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        ("one", "Insert ticket", MONDAY),
        ("one", "Take in charge ticket", MONDAY + 5 * HOUR),
        ("two", "Insert ticket", MONDAY + timedelta(days=370)),
        ("two", "Take in charge ticket", MONDAY + timedelta(days=370, hours=3)),
    ]
    file = write(tmp_path / "log.csv", lines)

    assert await asyncio.to_thread(main, ["tickets", "replay", str(file), "--plan", "private"]) == 0

    printed = capsys.readouterr().out
    assert "4 events of 2 cases, 2026-03-09 09:00:00+01:00 to" in printed
    assert "Year 1, 2026-03-09 to 2027-03-08: 1 tickets" in printed
    assert "0 kept, 1 missed: 0.000 %; the commitment of 75 % is NOT kept" in printed
    assert "1 kept, 0 missed: 100.000 %; the commitment of 75 % is kept" in printed
    assert "13.2-g: The take-charge limit holds" in printed
