"""`livret hours`: business time on the booklet's calendars, one question or a stream of them.

One question by options; without any, JSON lines on standard input, one answer per line, each flushed, so that
another program can hold a conversation with it. Needs no database.
"""

import argparse
import re
import sys
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from services.cli.conversation import QuestionRefused, answer_stream, shown

if TYPE_CHECKING:
    from contracts.booklet.hours import Calendar

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,4})?", re.ASCII)
HOUR = Decimal(3600)
COUNT_MAXIMUM = Decimal(10**12)
ASKED = ("open_hours", "business_days", "to")
KEYS = {"calendar", "from", *ASKED}

DESCRIPTION = """\
Without options, reads one question a line from standard input and answers each on its own line:
  {"calendar": C, "from": T, "open_hours": N}    -> {"at": T}  the earliest instant N open hours after T
  {"calendar": C, "from": T, "business_days": N} -> {"at": T}  the closing of the Nth open day after T's day
  {"calendar": C, "from": T, "to": T}            -> {"open_seconds": N}
  a line that cannot be answered                 -> {"error": why}
T is ISO 8601; without an offset it is the booklet's local time."""


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser(
        "hours",
        help="business time: deadlines, elapsed time, business days",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--calendar", metavar="NAME", help="as support.open, reference_period, business_days")
    parser.add_argument("--from", dest="from_", metavar="INSTANT", help="as 2026-03-27T16:00")
    parser.add_argument("--open-hours", metavar="HOURS", help="when that many open hours have passed")
    parser.add_argument("--business-days", metavar="DAYS", help="the closing of that business day")
    parser.add_argument("--to", metavar="INSTANT", help="the open seconds until then")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Answers the options' question, or those of standard input; 0 when it could."""
    from contracts.booklet.reading import BookletUnreadable

    question = question_of(arguments)
    try:
        if question:
            return answer_one(question)
        if sys.stdin.isatty():
            sys.stderr.write("One question a line, as JSON; Ctrl-D ends. `livret hours --help` shows them.\n")
        return answer_stream(answer, sys.stdin.buffer, sys.stdout)
    except BookletUnreadable as error:
        sys.stderr.write(f"livret hours: {error}\n")
        return 1


def question_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """The question that the options make, empty when there is none."""
    given: dict[str, Any] = {
        "calendar": arguments.calendar,
        "from": arguments.from_,
        "open_hours": arguments.open_hours,
        "business_days": arguments.business_days,
        "to": arguments.to,
    }
    question = {key: value for key, value in given.items() if value is not None}
    for key in ("open_hours", "business_days"):
        if key in question:
            question[key] = typed_number(question[key])
    return question


def typed_number(text: str) -> Decimal | str:
    """A number written as in JSON; any other text stays text, and is refused as such."""
    return Decimal(text) if NUMBER.fullmatch(text) else text


def answer_one(question: dict[str, Any]) -> int:
    """Prints the bare answer; what is wrong goes to standard error."""
    try:
        ((_, value),) = answer(question).items()
    except QuestionRefused as error:
        sys.stderr.write(f"livret hours: {error}\n")
        return 1
    sys.stdout.write(f"{value}\n")
    return 0


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """`{"at": instant}` or `{"open_seconds": number}`. Raises QuestionRefused."""
    asked = _check_keys(question)
    calendar = _calendar(question["calendar"])
    start = _instant(question, "from", calendar)
    try:
        if asked == "to":
            return {"open_seconds": calendar.open_seconds_between(start, _instant(question, "to", calendar))}
        if asked == "open_hours":
            at = calendar.instant_after(start, _open_seconds(question[asked]))
        else:
            at = calendar.closing_of_nth_day(start, _days(question[asked]))
    except ValueError as error:
        raise QuestionRefused(str(error)) from None
    return {"at": at.astimezone(calendar.zone).isoformat()}


def _check_keys(question: dict[str, Any]) -> str:
    if unknown := sorted(set(question) - KEYS):
        raise QuestionRefused(f"unknown key {shown(unknown[0])}; the keys are: {', '.join(sorted(KEYS))}")
    for key in ("calendar", "from"):
        if key not in question:
            raise QuestionRefused(f"{key} is missing")
    asked = [key for key in ASKED if key in question]
    if len(asked) != 1:
        raise QuestionRefused(f"give exactly one of {', '.join(ASKED)}, not {' and '.join(asked) or 'none'}")
    return asked[0]


def _calendar(name: Any) -> "Calendar":
    from contracts.booklet.hours import calendar

    if not isinstance(name, str):
        raise QuestionRefused("calendar must be a name, in quotes")
    try:
        return calendar(name)
    except LookupError as error:
        raise QuestionRefused(str(error.args[0])) from None


def _instant(question: dict[str, Any], key: str, calendar: "Calendar") -> Any:
    from contracts.booklet.instants import InstantUnreadable, read_instant

    value = question[key]
    if not isinstance(value, str):
        raise QuestionRefused(f"{key} must be an ISO 8601 instant, in quotes")
    try:
        return read_instant(value, calendar.zone)
    except InstantUnreadable as error:
        raise QuestionRefused(f"{key}: {error}") from None


def _open_seconds(hours: Any) -> int:
    number = _number("open_hours", hours)
    if number < 0:
        raise QuestionRefused("open_hours must be 0 or more")
    return int((number * HOUR).to_integral_value(ROUND_HALF_UP))


def _days(days: Any) -> int:
    number = _number("business_days", days)
    if number != number.to_integral_value() or number < 1:
        raise QuestionRefused("business_days must be a whole number, 1 or more")
    return int(number)


def _number(key: str, value: Any) -> Decimal:
    if not isinstance(value, Decimal):
        raise QuestionRefused(f"{key} must be a number")
    if not value.is_finite() or value.adjusted() > COUNT_MAXIMUM.adjusted():
        raise QuestionRefused(f"{key} is beyond any calendar")
    return value
