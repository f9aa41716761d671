"""A ticket's clocks against `businesstimedelta`, in one run: `python -m tests.bench.clocks`.

Both judge the same ticket of plan `open`: taken in charge, qualified, reproduced and answered, its customer
waited for in between. The library is asked the four questions that this takes, two due instants and two
elapsed times; the rule says besides what the wait cost and what became of it. They must agree before they are
timed, in turn, each by the best of several rounds.
"""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import businesstimedelta
import pytz

from services.ticketing.model.clocks import Criticality, Judgement, Pause, SupportedPlan, TicketFacts
from services.ticketing.rules.clocks import judged
from services.ticketing.terms import HOUR, terms_of
from tests.bench.ground import show
from tests.bench.hours import in_turn, reference_rules

REGISTERED = datetime(2026, 3, 27, 14, tzinfo=UTC)
TAKEN, SEEN, ANSWERED = (REGISTERED + timedelta(hours=hours) for hours in (3, 68, 100))
WAIT = Pause(SEEN + timedelta(hours=1), SEEN + timedelta(hours=3))
FACTS = TicketFacts(
    plan=SupportedPlan.open,
    registered_at=REGISTERED,
    taken_in_charge_at=TAKEN,
    qualified_at=SEEN,
    reproduced_at=SEEN,
    criticality=Criticality.one,
    provided_at=ANSWERED,
    waits=(WAIT,),
)
NOW = ANSWERED + timedelta(days=1)
TERMS = terms_of(SupportedPlan.open, REGISTERED)


def ours() -> Judgement:
    """Both clocks of the ticket, from its facts."""
    return judged(FACTS, TERMS, NOW)


class Theirs:
    """The same two clocks, as the library tells them."""

    def __init__(self) -> None:
        paris = pytz.timezone("Europe/Paris")
        self._rules = reference_rules()
        self._instants = [each.astimezone(paris) for each in (REGISTERED, TAKEN, SEEN, ANSWERED)]
        self._limits = [
            businesstimedelta.BusinessTimeDelta(self._rules, hours=seconds // HOUR)
            for seconds in (TERMS.take_charge_seconds, TERMS.plan_seconds)
        ]

    def __call__(self) -> tuple[datetime, int, datetime, int]:
        registered, taken, seen, answered = self._instants
        first, second = self._limits
        return (
            registered + first,
            _seconds(self._rules.difference(registered, taken)),
            seen + second,
            _seconds(self._rules.difference(seen, answered)),
        )


def _seconds(told: Any) -> int:
    return int(told.hours) * HOUR + int(told.seconds)


def main() -> int:
    """Prints the figure."""
    theirs, found = Theirs(), ours()
    if found.correction is None:
        raise AssertionError("the correction has no clock")
    clocks = found.take_charge, found.correction
    if theirs() != tuple(told for clock in clocks for told in (clock.due_at, clock.elapsed_seconds)):
        raise AssertionError("the two do not agree on the clocks")
    mine, other = in_turn(ours, theirs)
    compared = f"{other / mine:,.0f} x businesstimedelta ({other * 1e3:,.1f} ms)"
    show("both clocks of an answered ticket", f"{mine * 1e6:,.1f} µs", compared)
    return 0


if __name__ == "__main__":
    sys.exit(main())
