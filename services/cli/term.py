"""`livret term`: which period of a contract holds a day, its ends, and until when notice may be posted.

One question by options; without any, JSON lines on standard input, one answer per line, each flushed, so that
another program can hold a conversation with it. Needs no database.
"""

import argparse
import json
import re
import sys
from datetime import date
from decimal import Decimal
from typing import Any

from services.cli.conversation import QuestionRefused, answer_stream, shown

KEYS = ("start", "months", "on")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})", re.ASCII)
MONTHS_MAXIMUM = Decimal(10**12)
COMPACT = (",", ":")

DESCRIPTION = """\
Without options, reads one question a line from standard input and answers each on its own line:
  {"start": D, "months": N, "on": D}
    -> {"period": N, "starts_on": D, "last_day": D, "last_notice_day": D, "renewals": N}
  a line that cannot be answered -> {"error": why}
D is a day as 2026-01-31. Periods are numbered from 1; last_notice_day is the last day on which a notice of
non-renewal is posted in time."""


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser(
        "term",
        help="a contract's period on a day, its last day and the last day for notice",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--start", metavar="DAY", help="the contract's date, as 2026-01-31")
    parser.add_argument("--months", metavar="MONTHS", help="the length of its initial term")
    parser.add_argument("--on", metavar="DAY", help="the day asked for")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Answers the options' question, or those of standard input; 0 when it could."""
    from contracts.booklet.reading import BookletUnreadable

    given = {key: getattr(arguments, key) for key in KEYS}
    question = {key: value for key, value in given.items() if value is not None}
    try:
        if question:
            return answer_one(question)
        if sys.stdin.isatty():
            sys.stderr.write("One question a line, as JSON; Ctrl-D ends. `livret term --help` shows them.\n")
        return answer_stream(answer, sys.stdin.buffer, sys.stdout, COMPACT)
    except BookletUnreadable as error:
        sys.stderr.write(f"livret term: {error}\n")
        return 1


def answer_one(question: dict[str, Any]) -> int:
    """Prints the answer; what is wrong goes to standard error."""
    if NUMBER.fullmatch(question.get("months", "")):
        question["months"] = Decimal(question["months"])
    try:
        told = answer(question)
    except QuestionRefused as error:
        sys.stderr.write(f"livret term: {error}\n")
        return 1
    sys.stdout.write(f"{json.dumps(told, separators=COMPACT)}\n")
    return 0


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The period that holds the day asked for, with its days. Raises QuestionRefused."""
    from chassis.refusals import Refusal
    from services.tenancy.contract_model import Term
    from services.tenancy.contract_terms import notice_terms
    from services.tenancy.rules.terms import last_notice_day, period_on

    _check_keys(question)
    term = Term(_day(question, "start"), _months(question["months"]))
    try:
        held = period_on(term, _day(question, "on"))
        last_notice = last_notice_day(term, held, notice_terms())
    except Refusal as refusal:
        raise QuestionRefused(refusal.detail or refusal.sentence) from None
    return {
        "period": held.number,
        "starts_on": held.starts_on.isoformat(),
        "last_day": held.last_day.isoformat(),
        "last_notice_day": last_notice.isoformat(),
        "renewals": held.number - 1,
    }


def _check_keys(question: dict[str, Any]) -> None:
    if unknown := sorted(set(question) - set(KEYS)):
        raise QuestionRefused(f"unknown key {shown(unknown[0])}; the keys are: {', '.join(KEYS)}")
    for key in KEYS:
        if key not in question:
            raise QuestionRefused(f"{key} is missing")


def _day(question: dict[str, Any], key: str) -> date:
    value = question[key]
    if not isinstance(value, str):
        raise QuestionRefused(f"{key} must be a day, in quotes")
    if not DAY.fullmatch(value):
        raise QuestionRefused(f"{key}: {shown(value)} is not a day; write it as 2026-01-31")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise QuestionRefused(f"{key}: {shown(value)} is not a day: {error}") from None


def _months(value: Any) -> int:
    if not isinstance(value, Decimal):
        raise QuestionRefused("months must be a number")
    if not value.is_finite() or value.adjusted() > MONTHS_MAXIMUM.adjusted():
        raise QuestionRefused("months is beyond any calendar")
    if value != value.to_integral_value() or value < 1:
        raise QuestionRefused("months must be a whole number, 1 or more")
    return int(value)
