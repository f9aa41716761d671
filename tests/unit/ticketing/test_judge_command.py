"""`livret tickets judge`: what it answers, and what it refuses in a line's place."""

import io
import json
import subprocess
import sys
from typing import Any

import pytest

from services.cli import conversation, tickets
from services.ticketing.refusals.clocks import PlanWithoutSupport

OPEN = {"plan": "open", "registered_at": "2026-03-27T16:00:00+01:00", "now": "2026-04-20T09:00:00+02:00"}
QUALIFIED = OPEN | {
    "taken_in_charge_at": "2026-03-27T16:30:00+01:00",
    "qualified_at": "2026-03-30T09:00:00+02:00",
    "reproduced_at": "2026-03-30T09:10:00+02:00",
    "criticality": 1,
}


def judged(*lines: Any) -> list[dict[str, Any]]:
    """The answers to these lines; a line that is no text is written as JSON."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    sink = io.StringIO()
    conversation.answer_stream(tickets.answer, io.BytesIO(text.encode()), sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_a_ticket_that_waits() -> None:
    assert judged(OPEN | {"now": "2026-03-31T09:30:00+02:00"}) == [
        {
            "take_charge": {
                "due_at": "2026-03-31T09:30:00+02:00",
                "limit_open_seconds": 28_800,
                "elapsed_open_seconds": 28_800,
                "verdict": "running",
            },
            "correction": None,
        }
    ]


def test_a_correction_with_a_wait_and_a_suspension() -> None:
    (answer,) = judged(
        QUALIFIED
        | {
            "provided_at": "2026-04-01T17:30:00+02:00",
            "waits": [
                {"from": "2026-03-01T09:00:00+01:00", "to": "2026-03-30T09:40:00+02:00"},
                {"from": "2026-03-30T09:20:00+02:00", "to": "2026-03-30T10:10:00+02:00"},
            ],
            "suspensions": [{"from": "2026-03-31T09:00:00+02:00", "to": "2026-03-31T10:00:00+02:00"}],
        }
    )
    assert answer["correction"] == {
        "due_at": "2026-04-01T09:10:00+02:00",
        "limit_open_seconds": 43_200,
        "elapsed_open_seconds": 66_000,
        "verdict": "missed",
        "net_open_seconds": 62_400,
    }


def test_now_is_the_moment_of_the_call() -> None:
    (answer,) = judged({"plan": "open", "registered_at": "2020-03-27T16:00:00+01:00"})
    assert answer["take_charge"]["verdict"] == "missed"


REFUSED = {
    "no JSON": ("{", "not JSON"),
    "no object": ("[]", "not a JSON object"),
    "an unknown key": (OPEN | {"color": "red"}, "unknown key 'color'"),
    "no plan": ({"registered_at": OPEN["registered_at"]}, "plan must be"),
    "plan connect": (OPEN | {"plan": "connect"}, PlanWithoutSupport.sentence),
    "a plan that is a list": (OPEN | {"plan": ["open"]}, "plan must be"),
    "no registration": ({"plan": "open"}, "registered_at is missing"),
    "no offset": (OPEN | {"registered_at": "2026-03-27T16:00:00"}, "has no offset"),
    "a date alone": (OPEN | {"registered_at": "2026-03-27"}, "is not an ISO 8601 instant"),
    "a number for an instant": (OPEN | {"registered_at": 5}, "in quotes"),
    "a criticality of 4": (QUALIFIED | {"criticality": 4}, "1, 2 or 3"),
    "a criticality in words": (QUALIFIED | {"criticality": "1"}, "1, 2 or 3"),
    "no criticality": (QUALIFIED | {"criticality": None}, "has a criticality: 1, 2 or 3"),
    "waits that are no list": (OPEN | {"waits": {}}, "waits must be a list"),
    "a wait without a beginning": (OPEN | {"waits": [{"to": OPEN["now"]}]}, "waits[0].from is missing"),
    "a wait with another key": (OPEN | {"waits": [{"from": OPEN["now"], "till": 1}]}, "waits[0] must be"),
    "an impossible order": (
        OPEN | {"taken_in_charge_at": "2026-03-27T15:00:00+01:00"},
        "is before registered_at",
    ),
    "later than now": (OPEN | {"now": "2026-03-27T15:00:00+01:00"}, "is later than now"),
    "a year no calendar knows": (
        OPEN | {"registered_at": "1900-01-01T00:00:00Z"},
        "outside the years",
    ),
    "an instant that has no local time": (
        OPEN | {"registered_at": "0001-01-01T00:00:00+14:00"},
        "registered_at: '0001-01-01T00:00:00+14:00' is not an instant",
    ),
    "the last instant of all": (OPEN | {"now": "9999-12-31T23:59:59Z"}, "now: '9999-12-31T23:59:59Z' is not"),
}


@pytest.mark.parametrize(("line", "why"), REFUSED.values(), ids=list(REFUSED))
def test_a_bad_line_has_its_error_and_the_next_one_its_answer(line: Any, why: str) -> None:
    refused, answered = judged(line, OPEN)
    assert set(refused) == {"error"}
    assert why in refused["error"]
    assert answered["take_charge"]["verdict"] == "missed"


def test_the_command_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services", "tickets", "judge"],
        input=f"{json.dumps(OPEN)}\nfaux\n".encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["correction"], set(second), done.stderr) == (None, {"error"}, b"")
