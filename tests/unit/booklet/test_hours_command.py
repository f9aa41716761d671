"""`livret hours`: what it answers, what it refuses, and how it behaves as a partner of another program."""

import argparse
import io
import json
import subprocess
import sys
from typing import Any

import pytest

from services.cli import conversation, hours

FRIDAY = "2026-03-27T16:00"


def asked(*options: str) -> int:
    """The status of `livret hours` with these options."""
    parser = argparse.ArgumentParser()
    hours.add(parser.add_subparsers())
    arguments = parser.parse_args(["hours", *options])
    status: int = arguments.run(arguments)
    return status


def answers(text: str | bytes) -> list[dict[str, Any]]:
    """The answers to a stream of lines."""
    sink = io.StringIO()
    conversation.answer_stream(
        hours.answer, io.BytesIO(text.encode() if isinstance(text, str) else text), sink
    )
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def answered(**question: Any) -> dict[str, Any]:
    """The answer to one question; `from_` stands for the key `from`."""
    line = json.dumps({key.rstrip("_"): value for key, value in question.items()})
    (answer,) = answers(line)
    return answer


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (("--calendar", "support.open", "--open-hours", "8"), "2026-03-31T09:30:00+02:00"),
        (("--calendar", "support.open", "--open-hours", "0.5"), "2026-03-27T16:30:00+01:00"),
        (("--calendar", "support.open", "--business-days", "6"), "2026-04-07T17:30:00+02:00"),
        (("--calendar", "reference_period", "--to", "2026-03-30T08:00"), "18000"),
    ],
)
def test_one_question_has_a_bare_answer(
    options: tuple[str, ...], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked("--from", FRIDAY, *options) == 0
    assert capsys.readouterr().out == f"{answer}\n"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--calendar", "support.open", "--open-hours", "-1"), "0 or more"),
        (("--calendar", "support.open", "--open-hours", "nan"), "must be a number"),
        (("--calendar", "support.open", "--open-hours", "8", "--to", FRIDAY), "exactly one"),
        (("--calendar", "support.open"), "exactly one"),
        (("--open-hours", "8"), "calendar is missing"),
        (("--calendar", "support.shut", "--open-hours", "8"), "support.private"),
    ],
)
def test_a_question_that_is_refused_says_why_on_the_error_stream(
    options: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked("--from", FRIDAY, *options) == 1

    told = capsys.readouterr()
    assert told.out == ""
    assert why in told.err


def test_lines_are_answered_in_their_order_and_a_bad_one_in_its_place() -> None:
    lines = [
        '{"calendar":"support.open","from":"2026-03-27T16:00","open_hours":8}',
        '{"calendar":"support.open"',
        "",
        '{"calendar":"support.open","from":"2026-03-27T15:00Z","to":"2026-03-30T07:30Z"}',
        '{"calendar":"business_days","from":"2026-03-27T16:00","business_days":1}',
    ]

    found = answers("\r\n".join(lines))

    assert [next(iter(answer)) for answer in found] == ["at", "error", "error", "open_seconds", "at"]
    assert found[0] == {"at": "2026-03-31T09:30:00+02:00"}
    assert found[3] == {"open_seconds": 5400}
    assert found[4] == {"at": "2026-03-31T00:00:00+02:00"}


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"open_hours": -0.1}, "0 or more"),
        ({"open_hours": True}, "must be a number"),
        ({"open_hours": "8"}, "must be a number"),
        ({"open_hours": None}, "must be a number"),
        ({"open_hours": 1e30}, "beyond any calendar"),
        ({"open_hours": 10**400}, "beyond any calendar"),
        ({"open_hours": 10**7}, "outside the years"),
        ({"business_days": 0}, "1 or more"),
        ({"business_days": 1.5}, "whole number"),
        ({"business_days": 10**11}, "outside the years"),
        ({"business_days": 1, "calendar": "maintenance_window"}, "not counted"),
        ({"business_days": 1, "open_hours": 1}, "exactly one"),
        ({}, "exactly one"),
        ({"to": "2026-03-27T15:59:59"}, "before the start"),
        ({"to": 5}, "in quotes"),
        ({"open_hours": 1, "calendar": "support"}, "no calendar 'support'"),
        ({"open_hours": 1, "calendar": ["support.open"]}, "in quotes"),
        ({"open_hours": 1, "unit": "h"}, "unknown key 'unit'"),
        ({"open_hours": 1, "from": "2026-03-27"}, "date and a time"),
        ({"open_hours": 1, "from": "tomorrow"}, "date and a time"),
        ({"open_hours": 1, "from": "2026-02-29T10:00"}, "day is out of range"),
        ({"open_hours": 1, "from": "2026-03-27T24:00"}, "hour"),
        ({"open_hours": 1, "from": "1900-01-01T10:00"}, "outside the years"),
        ({"open_hours": 1, "from": "0001-01-01T00:00+14:00"}, "outside the years"),
        ({"business_days": 1, "from": "9999-12-31T23:59-14:00"}, "outside the years"),
        ({"open_hours": 1, "from": "2026-03-29T02:30"}, "does not exist"),
        ({"open_hours": 1, "from": "2026-10-25T02:30"}, "ambiguous"),
        ({"to": "2026-10-25T02:00"}, "ambiguous"),
    ],
)
def test_a_refused_line_says_why(question: dict[str, Any], why: str) -> None:
    answer = answered(**{"calendar": "support.open", "from": FRIDAY, **question})

    assert list(answer) == ["error"]
    assert why in answer["error"]


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe{}",
        b"[1]",
        b"null",
        b'"text"',
        b"[" * 30_000,
        b" " * 200_000,
        b'{"calendar":"support.open","from":"2026-03-27T16:00","open_hours":NaN}',
        b'{"calendar":"support.open","from":"2026-03-27T16:00","open_hours":-Infinity}',
        b'{"calendar":"support.open","from":"2026-03-27T16:00","open_hours":1e99999999999999999999}',
        b'{"calendar":"support.open","from":"2026-03-27T16:00","open_hours":1,"open_hours":2}',
        b'{"calendar":"support.open","from":"2026-03-27T16:00","open_hours":1,"a\\ud800":2}',
        b"\x00",
    ],
)
def test_an_unreadable_line_is_an_error_in_its_place_and_the_next_is_answered(line: bytes) -> None:
    good = b'{"calendar":"support.open","from":"2026-03-27T16:00","open_hours":1}'

    found = answers(line + b"\n" + good + b"\n")

    assert [next(iter(answer)) for answer in found] == ["error", "at"]


@pytest.mark.parametrize(
    ("open_hours", "at"),
    [
        ("0", "16:00:00"),
        ("0.0002", "16:00:01"),
        ("0.0002777", "16:00:01"),
        ("0.25", "16:15:00"),
        (f"0.{'3' * 40}", "16:20:00"),
        ("1", "17:00:00"),
        ("1e0", "17:00:00"),
    ],
)
def test_open_hours_are_read_down_to_the_second(open_hours: str, at: str) -> None:
    line = f'{{"calendar":"support.open","from":"{FRIDAY}","open_hours":{open_hours}}}'

    assert answers(line) == [{"at": f"2026-03-27T{at}+01:00"}]


@pytest.mark.parametrize(
    "instant",
    ["2026-03-27T15:00Z", "2026-03-27t15:00:00z", "20260327T160000", "2026-03-27 16:00:00.25",
     "2026-03-27T10:00-05:00", "2026-03-27T16:00:00+01:00", "2026-03-27T16"],
)  # fmt: skip
def test_an_instant_may_be_written_in_many_ways(instant: str) -> None:
    assert answered(calendar="support.open", from_=instant, open_hours=1) == {
        "at": "2026-03-27T17:00:00+01:00"
    }


@pytest.mark.parametrize(("offset", "seconds"), [("+02:00", 5400), ("+01:00", 1800)])
def test_an_offset_tells_the_two_hours_of_autumn_apart(offset: str, seconds: int) -> None:
    answer = answered(
        calendar="maintenance_window", from_=f"2026-10-25T02:30{offset}", to="2026-10-25T03:00+01:00"
    )

    assert answer == {"open_seconds": seconds}


def test_a_byte_order_mark_before_the_first_line_is_no_part_of_it() -> None:
    line = '{"calendar":"support.open","from":"2026-03-27T16:00","open_hours":1}'

    assert answers(b"\xef\xbb\xbf" + line.encode()) == [{"at": "2026-03-27T17:00:00+01:00"}]


def test_each_line_is_answered_before_the_next_is_sent() -> None:
    command = [sys.executable, "-m", "services", "hours"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for hour, due in ((9, "10:00:00"), (10, "11:00:00")):
            question = {"calendar": "support.open", "from": f"2026-03-27T{hour:02}:00", "open_hours": 1}
            process.stdin.write(f"{json.dumps(question)}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == {"at": f"2026-03-27T{due}+01:00"}
        process.stdin.close()
        assert process.wait(60) == 0


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    command = [sys.executable, "-m", "services", "hours"]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, complaint = process.communicate(b"{}\n" * 50_000, timeout=120)

    assert complaint == b""
    assert process.returncode == 0


def test_it_starts_without_what_only_services_need() -> None:
    program = (
        "import sys; from services.__main__ import main;"
        f" main(['hours', '--calendar', 'support.open', '--from', '{FRIDAY}', '--open-hours', '8']);"
        " print(sorted({'sqlalchemy', 'pydantic', 'asyncio', 'fastapi'} & set(sys.modules)))"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout.splitlines() == ["2026-03-31T09:30:00+02:00", "[]"]
