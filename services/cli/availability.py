"""`livret availability`: the contractual rate of a month, or of a year's twelve, from what was interrupted.

Facts come as JSON lines on standard input, one line a month goes out. Needs no database.
"""

import argparse
import json
import os
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from services.cli.conversation import QuestionRefused, lines, question_in, shown

if TYPE_CHECKING:
    from services.availability.model.rates import ExclusionKind, Interval, Month, MonthRate

OUTAGE, MAINTENANCE = "outage", "maintenance"
KINDS = (
    OUTAGE, MAINTENANCE, "urgent_maintenance", "force_majeure", "customer_equipment", "outside_perimeter",
)  # fmt: skip
KEYS = {"kind", "start", "end", "environment"}
CANNOT, REFUSED = 1, 2

DESCRIPTION = """\
Reads what was interrupted from standard input, one interval a line, in any order:
  {"kind": K, "start": T, "end": T, "environment"?: "production"}
K is outage, or what is left out of unavailability: maintenance, urgent_maintenance, force_majeure,
customer_equipment, outside_perimeter; none of these is an unavailability by itself. Maintenance leaves out
only what lies inside the maintenance window, so nothing of the reference period. T is an ISO 8601 instant
with its offset; a fraction of a second counts as the second it falls in. Lines of another environment than
production count for nothing. Writes for each month
  {"month": "2026-05", "prt_seconds": N, "ti_seconds": N, "rate": "99.812", "kept": true,
   "retained": [{"start": T, "end": T}]}
The rate has three decimals, rounded down; `kept` is judged on the exact value. Both are null for a month
without reference period. `retained` are the merged intervals that make the unavailability. A line that
cannot be read is told by its number on standard error and left out; blank lines are passed over."""


@dataclass(slots=True)
class Stated:
    """What the lines said of a period, and the complaints about those that said nothing."""

    outages: "list[Interval]" = field(default_factory=list)
    exclusions: "dict[ExclusionKind, list[Interval]]" = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser(
        "availability",
        help="the contractual availability rate of a month or a year",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    period = parser.add_mutually_exclusive_group(required=True)
    period.add_argument("--month", metavar="MONTH", help="as 2026-05")
    period.add_argument("--year", metavar="YEAR", help="as 2026: its twelve months, a line each")
    parser.add_argument("--strict", action="store_true", help="refuse everything when one line is bad")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the rates; 1 when the booklet says nothing, 2 when the question or, strictly, a line is bad."""
    from contracts.booklet.model import NotInForce
    from contracts.booklet.reading import BookletUnreadable

    try:
        months = months_asked(arguments.month, arguments.year)
        if sys.stdin is None:  # closed by whoever started the command
            raise QuestionRefused("standard input is closed")
        if sys.stdin.isatty():
            sys.stderr.write("One interval a line, as JSON; Ctrl-D ends. `livret availability --help`.\n")
        stated = read_facts(sys.stdin.buffer, months)
        for complaint in stated.complaints:
            sys.stderr.write(f"livret availability: {complaint}\n")
        if arguments.strict and stated.complaints:
            return REFUSED
        return tell(list(rates(stated, months)), sys.stdout)
    except QuestionRefused as error:
        sys.stderr.write(f"livret availability: {error}\n")
        return REFUSED
    except (BookletUnreadable, NotInForce) as error:
        sys.stderr.write(f"livret availability: {error}\n")
        return CANNOT
    except KeyboardInterrupt:
        return 130


def months_asked(month: str | None, year: str | None) -> "Sequence[Month]":
    """The months of the options. Raises QuestionRefused."""
    from contracts.booklet.hours import OutsideCalendar
    from services.availability.rules.reference import NoMonth, month_named, months_of

    try:
        if month is not None:
            return (month_named(month),)
        if year is None or len(year) != 4 or not (year.isascii() and year.isdigit()):
            raise NoMonth("a year is written as 2026")
        return months_of(int(year))
    except (NoMonth, OutsideCalendar) as error:
        raise QuestionRefused(str(error)) from None


def read_facts(source: IO[bytes], months: "Sequence[Month]") -> Stated:
    """What the lines say of production between the first month's start and the last one's end."""
    from services.availability.model.rates import ExclusionKind
    from services.availability.rules.exclusions import counts
    from services.availability.rules.reference import bounds_of

    since, until = bounds_of(months[0])[0], bounds_of(months[-1])[1]
    stated = Stated()
    for number, line in enumerate(lines(source), 1):
        if line is not None and not line.removeprefix(BOM_UTF8 if number == 1 else b"").strip():
            continue
        try:
            kind, environment, (start, end) = read_line(line, is_first=number == 1)
        except QuestionRefused as error:
            stated.complaints.append(f"line {number}: {error}")
            continue
        if not counts(environment) or start >= until or end <= since:
            continue
        if kind == OUTAGE:
            stated.outages.append((start, end))
        else:
            name = ExclusionKind.maintenance_window if kind == MAINTENANCE else ExclusionKind(kind)
            stated.exclusions.setdefault(name, []).append((start, end))
    return stated


def read_line(line: bytes | None, *, is_first: bool) -> "tuple[str, str, Interval]":
    """The kind, environment and whole seconds of one line. Raises QuestionRefused."""
    from services.availability.rules.intervals import second_of

    question = question_in(line, is_first=is_first)
    if unknown := sorted(set(question) - KEYS):
        raise QuestionRefused(f"unknown key {shown(unknown[0])}; the keys are: {', '.join(sorted(KEYS))}")
    kind, environment = question.get("kind"), question.get("environment", "production")
    if kind not in KINDS:
        raise QuestionRefused(f"kind must be one of {', '.join(KINDS)}")
    if not isinstance(environment, str):
        raise QuestionRefused("environment must be a name, in quotes")
    start, end = _instant(question, "start"), _instant(question, "end")
    if end <= start:
        raise QuestionRefused("the end is not after the start")
    return kind, environment, (second_of(start), second_of(end))


def _instant(question: dict[str, Any], key: str) -> datetime:
    from contracts.booklet.instants import InstantUnreadable, read_bound

    if key not in question:
        raise QuestionRefused(f"{key} is missing")
    value = question[key]
    if not isinstance(value, str):
        raise QuestionRefused(f"{key} must be an ISO 8601 instant, in quotes")
    try:
        return read_bound(value)
    except InstantUnreadable as error:
        raise QuestionRefused(f"{key}: {error}") from None


def rates(stated: Stated, months: "Sequence[Month]") -> "Iterator[MonthRate]":
    """Each month's rate, by what the booklet in force on its first day commits to."""
    from contracts.booklet.hours import calendar
    from services.availability.rules.exclusions import excluded
    from services.availability.rules.rates import reckoned, unavailable
    from services.availability.rules.reference import PERIOD, bounds_of, reference_windows
    from services.availability.terms import terms_on

    zone = calendar(PERIOD).zone
    since, until = bounds_of(months[0])[0], bounds_of(months[-1])[1]
    down = unavailable(stated.outages, excluded(stated.exclusions, since, until))
    for month in months:
        terms = terms_on(month.starts_at.astimezone(zone).date())
        yield reckoned(month, down, reference_windows(month), terms)


def tell(found: "Sequence[MonthRate]", sink: IO[str]) -> int:
    """Writes the rates, a line each; 1 where that fails. A reader that goes away ends it quietly."""
    try:
        for rate in found:
            sink.write(f"{json.dumps(told(rate), separators=(',', ':'))}\n")
        sink.flush()
    except OSError as error:
        # What is left unwritten must not raise again when Python closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sink.fileno())
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"livret availability: the rates cannot be written: {error}\n")
            return CANNOT
    return 0


def told(rate: "MonthRate") -> dict[str, Any]:
    """A month's rate as its line has it."""
    from contracts.booklet.hours import calendar
    from services.availability.rules.intervals import instant_of
    from services.availability.rules.reference import PERIOD

    zone = calendar(PERIOD).zone
    return {
        "month": rate.month,
        "prt_seconds": rate.reference_seconds,
        "ti_seconds": rate.unavailable_seconds,
        "rate": rate.shown,
        "kept": rate.kept,
        "retained": [
            {
                "start": instant_of(start).astimezone(zone).isoformat(),
                "end": instant_of(end).astimezone(zone).isoformat(),
            }
            for start, end in rate.retained
        ],
    }
