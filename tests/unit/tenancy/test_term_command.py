"""`livret term`: what it answers, what it refuses, and how it behaves as a partner of another program."""

import argparse
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.cli import term
from services.cli.conversation import answer_stream

QUESTION = '{"start":"2026-01-31","months":12,"on":"2026-11-24"}'
ANSWER = (
    '{"period":1,"starts_on":"2026-01-31","last_day":"2027-01-30",'
    '"last_notice_day":"2026-07-30","renewals":0}'
)


def asked(*options: str) -> int:
    """The status of `livret term` with these options."""
    parser = argparse.ArgumentParser()
    term.add(parser.add_subparsers())
    arguments = parser.parse_args(["term", *options])
    status: int = arguments.run(arguments)
    return status


def answers(text: str | bytes) -> list[str]:
    """The lines that answer a stream of lines."""
    sink = io.StringIO()
    sent = io.BytesIO(text.encode() if isinstance(text, str) else text)
    assert answer_stream(term.answer, sent, sink, term.COMPACT) == 0
    return sink.getvalue().splitlines()


def answered(**changes: Any) -> dict[str, Any]:
    """The answer to the question with these changes."""
    (line,) = answers(json.dumps(json.loads(QUESTION) | changes))
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_is_answered_to_the_letter() -> None:
    assert answers(f"{QUESTION}\n") == [ANSWER]


def test_one_question_by_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("--start", "2026-01-31", "--months", "12", "--on", "2026-11-24") == 0
    assert capsys.readouterr().out == f"{ANSWER}\n"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--start", "2026-01-31", "--months", "0", "--on", "2026-11-24"), "1 or more"),
        (("--start", "2026-01-31", "--months", "twelve", "--on", "2026-11-24"), "must be a number"),
        (("--start", "2026-01-31", "--months", "12"), "on is missing"),
        (("--start", "31/01/2026", "--months", "12", "--on", "2026-11-24"), "not a day"),
        (("--start", "2026-01-31", "--months", "12", "--on", "2026-01-30"), "not begun"),
    ],
)
def test_a_question_that_is_refused_says_why_on_the_error_stream(
    options: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(*options) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert why in told.err


@pytest.mark.parametrize(
    ("changes", "period", "renewals", "last_day"),
    [
        ({"on": "2027-01-30"}, 1, 0, "2027-01-30"),
        ({"on": "2027-01-31"}, 2, 1, "2028-01-30"),
        ({"months": 1, "on": "2026-02-27"}, 1, 0, "2026-02-27"),
        ({"months": 1, "on": "2026-03-31"}, 3, 2, "2026-04-29"),
        ({"months": 12.0}, 1, 0, "2027-01-30"),
        ({"start": "9999-01-01", "on": "9999-12-31"}, 1, 0, "9999-12-31"),
    ],
)
def test_known_answers(changes: dict[str, Any], period: int, renewals: int, last_day: str) -> None:
    told = answered(**changes)
    assert (told["period"], told["renewals"], told["last_day"]) == (period, renewals, last_day)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"on": "2026-01-30"}, "not begun"),
        ({"months": 0}, "1 or more"),
        ({"months": -12}, "1 or more"),
        ({"months": 1.5}, "whole number"),
        ({"months": "12"}, "must be a number"),
        ({"months": True}, "must be a number"),
        ({"months": None}, "must be a number"),
        ({"months": [12]}, "must be a number"),
        ({"months": 96_000}, "beyond the years"),
        ({"months": 10**11}, "beyond the years"),
        ({"months": 10**400}, "beyond any calendar"),
        ({"months": 1e300}, "beyond any calendar"),
        ({"start": "9999-01-02", "on": "9999-06-01"}, "beyond the years"),
        ({"start": 20260131}, "in quotes"),
        ({"start": "2026-02-29"}, "not a day"),
        ({"start": "2026-1-31"}, "not a day"),
        ({"start": "20260131"}, "not a day"),
        ({"start": "2026-W05-6"}, "not a day"),
        ({"start": "2026-01-31T00:00"}, "not a day"),
        ({"start": "0000-01-01"}, "not a day"),
        ({"start": "２０２６-01-31"}, "not a day"),
        ({"on": None}, "in quotes"),
        ({"unit": "months"}, "unknown key 'unit'"),
    ],
)
def test_a_refused_line_says_why(changes: dict[str, Any], why: str) -> None:
    told = answered(**changes)
    assert list(told) == ["error"]
    assert why in told["error"]


@pytest.mark.parametrize("missing", ["start", "months", "on"])
def test_a_key_that_is_missing_is_named(missing: str) -> None:
    question = {key: value for key, value in json.loads(QUESTION).items() if key != missing}
    assert answers(json.dumps(question)) == [f'{{"error":"{missing} is missing"}}']


@pytest.mark.parametrize(
    "line",
    [b"", b"   ", b"[1]", b"null", b'"x"', b"\xff\xfe", b"{", b"[" * 30_000, b" " * 200_000, b"\x00",
     QUESTION.replace("12", "NaN").encode(), QUESTION.replace("12", "1e99999999999999999999").encode(),
     QUESTION.replace('"on"', '"start"').encode()],
)  # fmt: skip
def test_an_unreadable_line_is_an_error_in_its_place_and_the_next_is_answered(line: bytes) -> None:
    told = answers(line + b"\n" + QUESTION.encode() + b"\n")
    assert list(json.loads(told[0])) == ["error"]
    assert told[1:] == [ANSWER]


def test_each_line_is_answered_before_the_next_is_sent() -> None:
    command = [sys.executable, "-m", "services", "term"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(f"{QUESTION}\n")
            process.stdin.flush()
            assert process.stdout.readline() == f"{ANSWER}\n"
        process.stdin.close()
        assert process.wait(60) == 0


def test_it_starts_without_what_only_services_need() -> None:
    program = (
        "import sys; from services.__main__ import main;"
        " main(['term', '--start', '2026-01-31', '--months', '12', '--on', '2026-11-24']);"
        " print(sorted({'sqlalchemy', 'pydantic', 'asyncio', 'fastapi', 'icalendar'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == [ANSWER, "[]"]


def test_a_booklet_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIVRET_BOOKLET", str(tmp_path / "booklet.yaml"))
    assert asked("--start", "2026-01-31", "--months", "12", "--on", "2026-11-24") == 1
    assert "LIVRET_BOOKLET" in capsys.readouterr().err
