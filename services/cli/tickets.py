"""`livret tickets`: what the contract says of tickets.

Here `judge`, which says it of a ticket's facts alone and needs no database; each other action has its module.
"""

import argparse
import sys
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from services.cli import ticket_recompute, ticket_replay
from services.cli.conversation import QuestionRefused, answer_stream, shown

if TYPE_CHECKING:
    from services.ticketing.model.clocks import Clock, Criticality, Pause, SupportedPlan, TicketFacts

FACTS = ("registered_at", "taken_in_charge_at", "qualified_at", "reproduced_at", "provided_at")
PAUSES = ("waits", "suspensions")
KEYS = {"plan", "criticality", "now", *FACTS, *PAUSES}

DESCRIPTION = """\
Reads one ticket a line from standard input and judges each on its own line:
  {"plan": "open" | "private", "registered_at": T, "taken_in_charge_at"?: T, "qualified_at"?: T,
   "reproduced_at"?: T, "criticality"?: 1 | 2 | 3, "provided_at"?: T,
   "waits"?: [{"from": T, "to"?: T}], "suspensions"?: [{"from": T, "to"?: T}], "now"?: T}
-> {"take_charge": {"due_at", "limit_open_seconds", "elapsed_open_seconds", "verdict"},
    "correction": null | {the same, and "net_open_seconds"}}
   a line that cannot be judged -> {"error": why}
T is an ISO 8601 instant with its offset. The verdict is kept, missed or running. The correction is null
before its clock starts, at the later of qualification and reproduction, and for criticality 3. `waits` are
times of waiting for the customer, left out of the net time only; while support is suspended no clock runs,
and due instants move. One without "to" is still going on. `now` is the moment of the call unless given.
Exit status: 0 every line has its answer, 1 the booklet cannot be read."""


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser("tickets", help="the contractual clocks of tickets")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    judge = actions.add_parser(
        "judge",
        help="judge tickets by their facts",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    judge.set_defaults(run=run)
    ticket_recompute.add(actions)
    ticket_replay.add(actions)


def run(_: argparse.Namespace) -> int:
    """Judges the tickets of standard input; 1 when the booklet cannot be read."""
    from contracts.booklet.reading import BookletUnreadable

    if sys.stdin.isatty():
        sys.stderr.write("One ticket a line, as JSON; Ctrl-D ends. `livret tickets judge --help` shows it.\n")
    try:
        return answer_stream(answer, sys.stdin.buffer, sys.stdout)
    except BookletUnreadable as error:
        sys.stderr.write(f"livret tickets: {error}\n")
        return 1


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The judgement of one ticket. Raises QuestionRefused."""
    from chassis.clock import system_now
    from chassis.refusals import Refusal
    from contracts.booklet.hours import OutsideCalendar
    from contracts.booklet.model import NotInForce
    from services.ticketing.rules.clocks import judged
    from services.ticketing.terms import terms_of

    if unknown := sorted(set(question) - KEYS):
        raise QuestionRefused(f"unknown key {shown(unknown[0])}; the keys are: {', '.join(sorted(KEYS))}")
    now = _instant(question, "now") or system_now()
    facts = _facts(question)
    try:
        judgement = judged(facts, terms_of(facts.plan, facts.registered_at), now)
    except (Refusal, OutsideCalendar, NotInForce) as refusal:
        raise QuestionRefused(str(refusal)) from None
    correction = judgement.correction
    return {
        "take_charge": _told(judgement.take_charge),
        "correction": correction and _told(correction) | {"net_open_seconds": correction.net_seconds},
    }


def _facts(question: Mapping[str, Any]) -> "TicketFacts":
    from services.ticketing.model.clocks import TicketFacts

    instants = {name: _instant(question, name) for name in FACTS}
    registered_at = instants.pop("registered_at")
    if registered_at is None:
        raise QuestionRefused("registered_at is missing")
    return TicketFacts(
        plan=_plan(question.get("plan")),
        registered_at=registered_at,
        criticality=_criticality(question.get("criticality")),
        waits=_pauses(question, "waits"),
        suspensions=_pauses(question, "suspensions"),
        **instants,
    )


def _plan(value: Any) -> "SupportedPlan":
    from services.ticketing.model.clocks import SupportedPlan
    from services.ticketing.refusals.clocks import PlanWithoutSupport

    if value == "connect":
        raise QuestionRefused(f"plan connect: {PlanWithoutSupport.sentence} (13.2-a)")
    if value not in tuple(SupportedPlan):
        raise QuestionRefused(f"plan must be {' or '.join(SupportedPlan)}, in quotes")
    return SupportedPlan(value)


def _criticality(value: Any) -> "Criticality | None":
    from services.ticketing.model.clocks import Criticality

    if value is None:
        return None
    if not isinstance(value, Decimal) or value not in tuple(Criticality):
        raise QuestionRefused("criticality must be 1, 2 or 3")
    return Criticality(int(value))


def _pauses(question: Mapping[str, Any], key: str) -> "tuple[Pause, ...]":
    value = question.get(key)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise QuestionRefused(f'{key} must be a list of {{"from", "to"}}')
    return tuple(_pause(item, f"{key}[{place}]") for place, item in enumerate(value))


def _pause(item: Any, place: str) -> "Pause":
    from services.ticketing.model.clocks import Pause

    if not isinstance(item, dict) or set(item) - {"from", "to"}:
        raise QuestionRefused(f'{place} must be an object with "from" and, when it is over, "to"')
    since = _instant(item, "from", f"{place}.")
    if since is None:
        raise QuestionRefused(f"{place}.from is missing")
    return Pause(since, _instant(item, "to", f"{place}."))


def _instant(holder: Mapping[str, Any], key: str, place: str = "") -> datetime | None:
    from contracts.booklet.instants import InstantUnreadable, read_exact_instant

    value = holder.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise QuestionRefused(f"{place}{key} must be an ISO 8601 instant, in quotes")
    try:
        return read_exact_instant(value)
    except InstantUnreadable as error:
        raise QuestionRefused(f"{place}{key}: {error}") from None


def _told(clock: "Clock") -> dict[str, Any]:
    from contracts.booklet.hours import calendar

    # Every calendar of a booklet has its one time zone.
    zone = calendar("support.open").zone
    return {
        "due_at": clock.due_at.astimezone(zone).isoformat(),
        "limit_open_seconds": clock.limit_seconds,
        "elapsed_open_seconds": clock.elapsed_seconds,
        "verdict": clock.verdict.value,
    }
