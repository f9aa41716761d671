"""How an event log is read, before anything of it runs through a command."""

import argparse
import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import pytest

from services.__main__ import main, parser
from services.cli.ticket_log import read_log
from services.ticketing.model.replay import Deed, LogEvent
from services.ticketing.rules.event_log import (
    Columns,
    LineUnreadable,
    LogUnreadable,
    Reader,
    ends_wait,
    in_order,
)

HEADINGS = ["Case ID", "Activity", "Resource", "Complete Timestamp"]
NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)


def arguments(file: Path, *options: str) -> argparse.Namespace:
    return parser(["tickets"]).parse_args(["tickets", "replay", str(file), *options])


def read(time: str, zone: str = "UTC") -> datetime:
    reader = Reader(HEADINGS, Columns(), ZoneInfo(zone))
    return reader.event(2, ["Case 1", "Closed", "", time]).at


@pytest.mark.parametrize(
    "time",
    ["2026/03/27 12:00:00.000", "2026-03-27T12:00:00", "2026-03-27 13:00+01:00", "2026-03-27T12:00:00Z"],
)
def test_an_instant_is_read_as_logs_write_it(time: str) -> None:
    assert read(time) == NOON


def test_an_instant_without_an_offset_is_of_the_zone_that_is_named() -> None:
    assert read("2026/03/27 13:00:00", "Europe/Paris") == NOON


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["Case 1", "Closed", "", "yesterday"], "is not an ISO 8601 instant"),
        (["Case 1", "Closed", "", "2026/13/27 12:00:00"], "is not an instant"),
        (["", "Closed", "", "2026/03/27 12:00:00"], "names no case"),
        (["Case 1", "  ", "", "2026/03/27 12:00:00"], "names no case, or no activity"),
        (["Case 1", "Closed"], "has 2 cells"),
    ],
    ids=["no instant", "thirteenth month", "no case", "no activity", "too short"],
)
def test_a_line_that_says_no_event_says_why(cells: list[str], why: str) -> None:
    with pytest.raises(LineUnreadable, match=why):
        Reader(HEADINGS, Columns(), ZoneInfo("UTC")).event(2, cells)


def test_a_log_without_one_of_its_columns_is_refused_with_those_it_has() -> None:
    with pytest.raises(LogUnreadable, match="no column 'Timestamp'; it has: Case ID, Activity, Resource"):
        Reader(HEADINGS, Columns(time="Timestamp"), ZoneInfo("UTC"))


def test_events_run_in_order_of_time_and_those_of_one_instant_as_the_log_has_them() -> None:
    late, first, second = (
        LogEvent(line, "Case 1", activity, at)
        for line, activity, at in (
            (2, "Closed", NOON.replace(hour=13)),
            (3, "Insert ticket", NOON),
            (4, "Wait", NOON),
        )
    )

    assert in_order([late, first, second]) == [first, second, late]


def test_whatever_happens_next_ends_a_wait_but_another_wait() -> None:
    assert [deed for deed in Deed if not ends_wait(deed)] == [Deed.begin_wait, Deed.end_wait]


@pytest.mark.parametrize("opener", [open, gzip.open], ids=["plain", "compressed"])
@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_a_file_is_read_plain_or_compressed_whatever_its_name_and_bad_lines_are_kept_apart(
    tmp_path: Path, name: str, opener: Callable[..., IO[str]]
) -> None:
    file = tmp_path / name
    lines = "\ufeffnumber;what;when\n7;Closed;2026-03-27T12:00\n7;Closed;never\n7;Opened;2026-03-27T11:00\n"
    with opener(file, "wt", encoding="utf-8") as written:
        written.write(lines)

    columns = ["--case-column=number", "--activity-column=what", "--time-column=when", "--delimiter=;"]
    log = read_log(arguments(file, *columns))

    assert [(event.line, event.activity) for event in log.events] == [(4, "Opened"), (2, "Closed")]
    assert [line for line, _ in log.unreadable] == [3]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--database-url", "postgresql://none/x"], "needs --customer"),
        (["--customer", "00000000-0000-0000-0000-000000000007"], "is one of a portal"),
        (
            ["--database-url", "x", "--customer", "00000000-0000-0000-0000-000000000007", "--plan", "open"],
            "has its own plans",
        ),
        (["--delimiter", ";;"], "one character"),
        (["--time-column", "when"], "no column 'when'; it has: Case ID, Activity, Complete"),
        (["--delimiter", ";"], "Timestamp; --case-column, --activity-column and --time-column name them"),
        ([], "the log has no event"),
    ],
    ids=["no customer", "no portal", "both plans", "delimiter", "column", "parted otherwise", "empty"],
)
def test_what_cannot_be_replayed_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    file = tmp_path / "log.csv"
    file.write_text("Case ID,Activity,Complete Timestamp\n", encoding="utf-8")

    assert main(["tickets", "replay", str(file), *options]) == 1

    assert said in capsys.readouterr().err


HEADING = b"Case ID,Activity,Complete Timestamp\n"
PACKED = gzip.compress(HEADING + b"7,Closed,2026-03-27T12:00\n" * 99)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the log is empty"),
        (HEADING + b"7,Closed,yesterday\n", "the log has no event; line 2: 'yesterday' is not an ISO 8601"),
        (HEADING + b"7,Closed,1950-01-02T12:00\n", "outside the years between 1982 and 2100"),
        (HEADING + b"7,Ferm\xe9,2026-03-27T12:00\n", "the log is not UTF-8 text"),
        (HEADING + b"7," + b"x" * 1_000_001 + b",2026-03-27T12:00\n", "the log is no CSV: field larger"),
        (
            HEADING + b'7,Closed,2026-03-27T12:00\n8,"b,2026-03-27T12:00\n',
            "the log is no CSV: unexpected end",
        ),
        (PACKED[:-20], "the log is compressed, and damaged: Compressed file ended"),
        (PACKED[:-8] + bytes(8), "the log is compressed, and damaged: CRC check failed"),
        (PACKED[:10] + b"\xff" * 20 + PACKED[30:], "the log is compressed, and damaged: Error -3"),
    ],
    ids=[
        "empty",
        "no instant",
        "no year",
        "no UTF-8",
        "no CSV",
        "open quote",
        "cut off",
        "another",
        "no stream",
    ],
)
def test_a_file_that_cannot_be_read_is_told_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    file = tmp_path / "log.csv"
    file.write_bytes(content)

    assert main(["tickets", "replay", str(file)]) == 1

    assert said in capsys.readouterr().err


@pytest.mark.parametrize("zone", ["Mars", "Europe", "../etc", ""])
def test_a_time_zone_is_one_that_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], zone: str
) -> None:
    with pytest.raises(SystemExit):
        arguments(tmp_path, "--timezone", zone)

    assert "is no time zone" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["Closed", "Closed=shut", "=close_it"], ids=["no deed", "unknown", "none"])
def test_an_activity_stands_for_a_deed_that_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    with pytest.raises(SystemExit):
        arguments(tmp_path, "--map", option)

    assert "is not ACTIVITY=DEED" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tickets", "replay", str(tmp_path / "none.csv")]) == 1

    assert "No such file" in capsys.readouterr().err
