"""`livret availability`: what it prints, which lines it leaves out or refuses, how it behaves."""

import argparse
import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from contracts.booklet.loader import OWN
from services.availability.model.rates import ExclusionKind, Facts, Terms
from services.availability.rules.rates import month_rate
from services.availability.rules.reference import months_of
from services.availability.terms import terms_on
from services.cli import availability
from tests.unit.availability import oracle
from tests.unit.availability.facts import facts

GOOD = '{"kind":"outage","start":"2026-05-05T09:00:00+02:00","end":"2026-05-05T10:00:00+02:00"}'
HOUR = {
    "month": "2026-05",
    "prt_seconds": 795_600,
    "ti_seconds": 3600,
    "rate": "99.547",
    "kept": True,
    "retained": [{"start": "2026-05-05T09:00:00+02:00", "end": "2026-05-05T10:00:00+02:00"}],
}


class Told:
    """What a run printed, and its status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err
        self.months: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command with these options on such an input."""

    def asked(text: str | bytes, *options: str) -> Told:
        content = text.encode() if isinstance(text, str) else text
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        parser = argparse.ArgumentParser()
        availability.add(parser.add_subparsers())
        arguments = parser.parse_args(["availability", *options])
        status = arguments.run(arguments)
        printed = capsys.readouterr()
        return Told(status, printed.out, printed.err)

    return asked


def line(**fields: Any) -> str:
    """A line that differs from the good one in these fields; None leaves one out."""
    stated = {**json.loads(GOOD), **fields}
    return json.dumps({key: value for key, value in stated.items() if value is not None})


def test_a_month_is_one_line(ask: Any) -> None:
    told = ask(GOOD, "--month", "2026-05")

    assert (told.status, told.err) == (0, "")
    assert told.months == [HOUR]
    assert list(told.months[0]) == list(HOUR)
    assert told.out.count("\n") == 1


def test_a_year_is_twelve_lines(ask: Any) -> None:
    told = ask(GOOD, "--year", "2026")

    assert [month["month"] for month in told.months] == [f"2026-{number:02}" for number in range(1, 13)]
    assert told.months[4] == HOUR
    assert {month["rate"] for month in told.months} == {"99.547", "100.000"}


def test_nothing_interrupted_is_a_hundred_percent(ask: Any) -> None:
    told = ask("", "--month", "2026-05")

    assert told.months == [{**HOUR, "ti_seconds": 0, "rate": "100.000", "retained": []}]


def test_instants_are_printed_with_the_offset_of_their_season(ask: Any) -> None:
    winter = line(start="2026-01-05T08:00:00Z", end="2026-01-05T08:00:30Z")

    assert ask(winter, "--month", "2026-01").months[0]["retained"] == [
        {"start": "2026-01-05T09:00:00+01:00", "end": "2026-01-05T09:00:30+01:00"}
    ]


@pytest.mark.parametrize(
    "kind", ["urgent_maintenance", "force_majeure", "customer_equipment", "outside_perimeter"]
)
def test_an_exclusion_cuts_an_outage(ask: Any, kind: str) -> None:
    cut = line(kind=kind, start="2026-05-05T09:20:00+02:00", end="2026-05-05T09:50:00+02:00")

    (month,) = ask(f"{cut}\n{GOOD}\n", "--month", "2026-05").months

    assert (month["prt_seconds"], month["ti_seconds"], len(month["retained"])) == (795_600, 1800, 2)


def test_maintenance_cuts_nothing_by_day_and_is_no_outage(ask: Any) -> None:
    planned = line(kind="maintenance", start="2026-05-05T02:00:00+02:00", end="2026-05-05T09:30:00+02:00")

    assert ask(f"{planned}\n{GOOD}\n", "--month", "2026-05").months == [HOUR]
    assert ask(planned, "--month", "2026-05").months[0]["ti_seconds"] == 0


def test_another_environment_counts_for_nothing(ask: Any) -> None:
    test = line(environment="test", start="2026-05-06T09:00:00+02:00", end="2026-05-06T19:00:00+02:00")
    same = line(environment="production")

    assert ask(f"{test}\n{same}", "--month", "2026-05").months == [HOUR]


def test_the_verdict_is_on_the_exact_value(ask: Any) -> None:
    kept = line(end="2026-05-05T11:12:36+02:00")
    broken = line(end="2026-05-05T11:12:37+02:00")

    told = [ask(text, "--month", "2026-05").months[0] for text in (kept, broken)]

    assert [(month["rate"], month["kept"]) for month in told] == [("99.000", True), ("98.999", False)]


BAD = [
    (line(end="2026-05-05T09:00:00+02:00"), "the end is not after the start"),
    (line(end="2026-05-05T08:59:59+02:00"), "the end is not after the start"),
    (line(end="2026-05-05T07:00:00Z"), "the end is not after the start"),
    (line(start="2026-05-05T09:00:00"), "start: '2026-05-05T09:00:00' has no offset"),
    (line(start="2026-05-05"), "start: '2026-05-05' is not an ISO 8601 instant"),
    (line(end="2026-02-30T09:00:00Z"), "end: "),
    (line(end=5), "end must be an ISO 8601 instant, in quotes"),
    (line(kind="down"), "kind must be one of outage, maintenance,"),
    (line(kind=["outage"]), "kind must be one of outage, maintenance,"),
    (line(kind="maintenance_window"), "kind must be one of outage, maintenance,"),
    (line(kind=None), "kind must be one of outage, maintenance,"),
    (line(start=None), "start is missing"),
    (line(end=None), "end is missing"),
    (line(environment=1), "environment must be a name"),
    (line(environement="test"), "unknown key 'environement'"),
    ("{", "the line is not JSON"),
    ("[]", "the line is not a JSON object"),
    ('{"kind":"outage","kind":"outage"}', "a key stands twice"),
    ("x" * 70_000, "the line is longer than"),
    ("\x1b[31m", "the line is not JSON"),
]


@pytest.mark.parametrize(("bad", "why"), BAD, ids=range(len(BAD)))
def test_a_bad_line_is_told_by_its_number_and_left_out(ask: Any, bad: str, why: str) -> None:
    told = ask(f"\n{GOOD}\n{bad}\n{GOOD}\n", "--month", "2026-05")

    assert (told.status, told.months) == (0, [HOUR])
    assert told.err.startswith(f"livret availability: line 3: {why}")
    assert told.err.count("\n") == 1
    assert "\x1b" not in told.err


@pytest.mark.parametrize(("bad", "why"), BAD[::3])
def test_strictly_a_bad_line_refuses_everything(ask: Any, bad: str, why: str) -> None:
    told = ask(f"{GOOD}\n{bad}\n", "--year", "2026", "--strict")

    assert (told.status, told.out) == (2, "")
    assert f"line 2: {why}" in told.err


def test_strictly_every_bad_line_is_told_also_of_other_months_and_environments(ask: Any) -> None:
    elsewhere = line(environment="test", end="2020-01-01T00:00:00Z")

    told = ask(f"{elsewhere}\n{GOOD}\n?\n", "--month", "2026-05", "--strict")

    assert [complaint.split(":")[1] for complaint in told.err.splitlines()] == [" line 1", " line 3"]


def test_strictly_good_lines_are_reckoned(ask: Any) -> None:
    told = ask(f"{GOOD}\n\n{line(environment='test')}\n", "--month", "2026-05", "--strict")

    assert (told.status, told.months, told.err) == (0, [HOUR], "")


def test_what_no_text_holds_is_a_bad_line_and_a_byte_order_mark_is_none(ask: Any) -> None:
    told = ask(b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n\xff\xfe\n", "--month", "2026-05")

    assert told.months == [HOUR]
    assert "line 2: the line is not UTF-8" in told.err


def test_a_byte_order_mark_alone_is_a_blank_line(ask: Any) -> None:
    told = ask(b"\xef\xbb\xbf\r\n" + GOOD.encode(), "--month", "2026-05", "--strict")

    assert (told.status, told.months, told.err) == (0, [HOUR], "")


def test_without_standard_input_nothing_is_reckoned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)

    assert availability.run(argparse.Namespace(month="2026-05", year=None, strict=False)) == 2
    assert capsys.readouterr() == ("", "livret availability: standard input is closed\n")


@pytest.mark.parametrize(
    "options",
    [
        ("--month", "2026-13"), ("--month", "may"), ("--month", "1981-12"), ("--year", "26"),
        ("--year", "2101"), ("--year", "-2026"), ("--year", "２０２６"),
    ],
)  # fmt: skip
def test_a_period_that_is_none_is_refused(ask: Any, options: tuple[str, ...]) -> None:
    told = ask(GOOD, *options)

    assert (told.status, told.out) == (2, "")
    assert told.err.startswith("livret availability: ")


def test_a_month_or_a_year_is_asked_for(ask: Any) -> None:
    for options in ((), ("--month", "2026-05", "--year", "2026")):
        with pytest.raises(SystemExit) as ended:
            ask(GOOD, *options)
        assert ended.value.code == 2


def test_an_interval_of_a_lifetime_and_one_within_a_second(ask: Any) -> None:
    told = ask(line(start="0001-01-01T00:00:00+14:00", end="9999-12-31T23:59:59-14:00"), "--month", "2026-05")
    blink = ask(line(end="2026-05-05T09:00:00.5+02:00"), "--month", "2026-05", "--strict")

    assert (told.months[0]["rate"], told.months[0]["kept"]) == ("0.000", False)
    assert told.months[0]["ti_seconds"] == told.months[0]["prt_seconds"]
    assert (blink.status, blink.months[0]["ti_seconds"]) == (0, 0)


def test_another_publishers_booklet_decides(
    ask: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(OWN.parent, tmp_path / "booklet")
    path = tmp_path / "booklet" / "clauses" / "01-06.yaml"
    text = path.read_text()
    assert "versions: [{value: 99}]" in text
    path.write_text(text.replace("versions: [{value: 99}]", "versions: [{value: 99.6}]"))
    monkeypatch.setenv("LIVRET_BOOKLET", str(tmp_path / "booklet" / "booklet.yaml"))

    assert ask(GOOD, "--month", "2026-05").months == [{**HOUR, "kept": False}]

    monkeypatch.setenv("LIVRET_BOOKLET", str(tmp_path / "none.yaml"))
    told = ask(GOOD, "--month", "2026-05")
    assert (told.status, told.out) == (1, "")
    assert "cannot be read" in told.err


def lines_of(known: Facts) -> str:
    """The facts as the command reads them."""
    stated = [("outage", outage) for outage in known.outages] + [
        ("maintenance" if fact.kind is ExclusionKind.maintenance_window else fact.kind.value, fact)
        for fact in known.exclusions
    ]
    return "".join(
        line(
            kind=kind,
            start=fact.starts_at.isoformat(),
            end=fact.ends_at.isoformat() if fact.ends_at else None,
            environment=fact.environment,
        )
        + "\n"
        for kind, fact in stated
    )


@given(facts(oracle.MINUTE))
@settings(max_examples=25, deadline=None)
def test_the_command_says_what_the_rules_decide(known: Facts) -> None:
    told = replace(known, exclusions=tuple(replace(fact, recorded_at=None) for fact in known.exclusions))
    months = months_of(2026)
    stated = availability.read_facts(io.BytesIO(lines_of(told).encode()), months)
    terms: Terms = terms_on(months[0].starts_at.date())

    assert list(availability.rates(stated, months)) == [month_rate(month, told, terms) for month in months]


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    command = [sys.executable, "-m", "services", "availability", "--year", "2026"]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, complaint = process.communicate(GOOD.encode(), timeout=120)

    assert complaint == b""
    assert process.returncode == 0


def test_what_cannot_be_written_is_told_and_no_success() -> None:
    command = [sys.executable, "-m", "services", "availability", "--month", "2026-05"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, input=GOOD.encode(), stdout=full, stderr=subprocess.PIPE, timeout=120, check=False
        )

    assert done.returncode == 1
    assert done.stderr.startswith(b"livret availability: the rates cannot be written: ")
    assert done.stderr.count(b"\n") == 1


def test_it_starts_without_what_only_services_need() -> None:
    program = (
        "import sys; from services.__main__ import main;"
        " status = main(['availability', '--month', '2026-05']);"
        " print(status, sorted({'sqlalchemy', 'pydantic', 'asyncio', 'fastapi'} & set(sys.modules)))"
    )

    told = subprocess.run(
        [sys.executable, "-c", program], input=GOOD, capture_output=True, text=True, check=True
    )

    assert json.loads(told.stdout.splitlines()[0]) == HOUR
    assert told.stdout.splitlines()[1] == "0 []"
