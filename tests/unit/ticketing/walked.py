"""Random histories of tickets, and one who walks through them second by second and counts.

The walk is a Friday's closing and the Monday's opening after it, with limits short enough to be walked.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from contracts.booklet.hours import calendar
from services.ticketing.model.clocks import Criticality, Terms
from services.ticketing.model.histories import ClockKind, ClockState, Story
from services.ticketing.model.tickets import Happening, HistoryEntry, TicketState
from services.ticketing.rules.clocks import correction_limit
from services.ticketing.rules.history import warned_after
from services.ticketing.rules.stories import story_of

PARIS = ZoneInfo("Europe/Paris")
SECOND = timedelta(seconds=1)
HOURS = calendar("support.open")
TERMS = Terms("support.open", date(2026, 3, 27), 300, 500, 1, net_decides=False)
"""Limits short enough to be walked second by second."""


def paris(text: str) -> datetime:
    """Local time of Paris, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def _seconds(since: str, until: str) -> list[datetime]:
    first = paris(since)
    return [first + count * SECOND for count in range(int((paris(until) - first).total_seconds()))]


WALK = _seconds("2026-03-27T16:50:00", "2026-03-27T17:00:30") + _seconds(
    "2026-03-30T08:59:30", "2026-03-30T09:20:00"
)
"""A Friday's closing and the Monday's opening after it; what is left out between them is closed."""
OPEN = [HOURS.is_open(second) for second in WALK]

DEEDS = st.sampled_from(
    [
        *(Happening.qualified, Happening.reproduced, Happening.requalified, Happening.plan_provided),
        *(Happening.fix_provided, Happening.wait_began, Happening.wait_ended, Happening.left_out),
        *(Happening.leaving_out_withdrawn, Happening.leaving_out_withdrawn),
        *(Happening.support_suspended, Happening.support_resumed, Happening.closed, Happening.message_added),
        *(Happening.taken_in_charge, Happening.taken_in_charge),
    ]
)


def may(story: Story, what: Happening) -> bool:
    """Whether that can happen next, as the commands see to it."""
    anomaly = story.taken_in_charge_at is not None and story.left_out is None
    answerable = anomaly and story.qualified_at is not None and story.reproduced_at is not None
    if what is Happening.leaving_out_withdrawn:
        return story.left_out is not None
    if story.state is TicketState.closed:
        return False
    allowed = {
        Happening.taken_in_charge: story.taken_in_charge_at is None,
        Happening.qualified: anomaly and story.qualified_at is None,
        Happening.requalified: anomaly and story.qualified_at is not None,
        Happening.reproduced: anomaly and story.reproduced_at is None,
        Happening.plan_provided: answerable
        and story.criticality is Criticality.one
        and story.provided_at is None,
        Happening.fix_provided: answerable and story.state is not TicketState.provided,
        Happening.wait_began: story.taken_in_charge_at is not None and not story.waiting,
        Happening.wait_ended: story.waiting,
        Happening.left_out: anomaly,
        Happening.support_suspended: not story.suspended,
        Happening.support_resumed: story.suspended,
        Happening.closed: story.taken_in_charge_at is not None,
    }
    return allowed.get(what, True)


def told(what: Happening, criticality: int) -> dict[str, Any]:
    """What the command would have told of it."""
    if what in (Happening.qualified, Happening.requalified):
        return {"criticality": criticality}
    if what is Happening.left_out:
        return {"left_out": "not_reproducible", "explanation": "It does not happen here."}
    if what is Happening.support_suspended:
        return {"explanation": "Nobody is trained."}
    return {}


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[HistoryEntry], datetime]:
    """A history that commands could have written, and an instant at its end or later."""
    steps = draw(st.lists(st.tuples(st.integers(0, 400), DEEDS, st.integers(1, 3)), max_size=14))
    place = draw(st.integers(0, 700))
    lines = [HistoryEntry(1, WALK[place], Happening.registered, None, {})]
    for gap, what, criticality in steps:
        if place + gap >= len(WALK) or not may(story_of(lines), what):
            continue
        place += gap
        lines.append(HistoryEntry(len(lines) + 1, WALK[place], what, None, told(what, criticality)))
    return lines, WALK[draw(st.integers(place, len(WALK) - 1))]


@dataclass
class Walked:
    """One clock, by counting."""

    kind: ClockKind
    starts_at: datetime
    limit: int
    elapsed: int = 0
    net: int = 0
    ended_at: datetime | None = None
    answered: bool = False
    warn_at: datetime | None = None
    miss_at: datetime | None = None

    def second(self, at: datetime, terms: Terms, *, counts: bool, waiting: bool) -> None:
        """Lets one open second go by."""
        if not counts:
            return
        self.elapsed += 1
        self.net += not waiting
        counted = self.net if terms.net_decides and self.kind is not ClockKind.take_charge else self.elapsed
        if counted >= warned_after(self.limit) and self.warn_at is None:
            self.warn_at = at + SECOND
        if counted > self.limit and self.miss_at is None:
            self.miss_at = at + SECOND


class Walker:
    """Who walks: through the history until `now`, then on, as if nothing more would happen."""

    def __init__(self, lines: list[HistoryEntry], terms: Terms, now: datetime) -> None:
        self.terms, self.now = terms, now
        self.clocks = [Walked(ClockKind.take_charge, lines[0].at, terms.take_charge_seconds)]
        self.owed: Walked | None = None
        self.criticality: Criticality | None = None
        self.reproduced = self.waiting = self.suspended = False
        self.read: list[tuple[int, int]] = []
        self.withdrawn = _withdrawn(lines)
        for at, is_open in zip(WALK, OPEN, strict=True):
            if at < lines[0].at:
                continue
            for entry in lines[1:]:
                if entry.at == at:
                    self._happens(entry)
            if at == now:
                self.read = [(clock.elapsed, clock.net) for clock in self.clocks]
            if is_open:
                self._second(at)

    def _second(self, at: datetime) -> None:
        for clock in self.clocks:
            if clock.ended_at is None:
                waits = self.waiting and clock.kind is not ClockKind.take_charge
                clock.second(at, self.terms, counts=not self.suspended, waiting=waits)

    def _happens(self, entry: HistoryEntry) -> None:
        what = entry.what
        if what is Happening.taken_in_charge:
            self.clocks[0].ended_at, self.clocks[0].answered = entry.at, True
        if what in (Happening.plan_provided, Happening.fix_provided):
            self._end(entry.at, answered=True)
        ends = what in (Happening.requalified, Happening.left_out, Happening.closed)
        if ends and entry.seq not in self.withdrawn:
            self._end(entry.at, answered=False)
        if what in (Happening.fix_provided, Happening.left_out, Happening.closed, Happening.wait_ended):
            self.waiting = False
        self.waiting |= what is Happening.wait_began
        self.suspended |= what is Happening.support_suspended
        self.suspended &= what is not Happening.support_resumed
        if what in (Happening.qualified, Happening.requalified):
            self.criticality = Criticality(entry.told["criticality"])
        self.reproduced |= what is Happening.reproduced
        begins = what in (Happening.qualified, Happening.requalified, Happening.reproduced)
        if begins and self.reproduced and self.criticality in (Criticality.one, Criticality.two):
            self._begin(entry.at, self.criticality)

    def _begin(self, at: datetime, criticality: Criticality) -> None:
        limit = correction_limit(self.terms, criticality, at)
        assert limit is not None
        first = criticality is Criticality.one
        self.owed = Walked(ClockKind.corrective_plan if first else ClockKind.correction, at, limit)
        self.clocks.append(self.owed)

    def _end(self, at: datetime, *, answered: bool) -> None:
        if self.owed is not None and self.owed.ended_at is None:
            self.owed.ended_at, self.owed.answered = at, answered


def _withdrawn(lines: list[HistoryEntry]) -> set[int]:
    """The lines by which a ticket was left out that a later line withdraws: they end no clock."""
    found, last = set(), 0
    for line in lines:
        if line.what is Happening.left_out:
            last = line.seq
        elif line.what is Happening.leaving_out_withdrawn:
            found.add(last)
    return found


def stands(clock: Walked, walker: Walker) -> bool:
    """Whether that clock does not run at the end of the history."""
    net = walker.terms.net_decides and clock.kind is not ClockKind.take_charge
    return walker.suspended or (walker.waiting and net)


def expected_state(clock: Walked, walker: Walker) -> ClockState:
    """The state that a row holds."""
    if clock.ended_at is None:
        return ClockState.suspended if walker.suspended else ClockState.running
    net = walker.terms.net_decides and clock.kind is not ClockKind.take_charge
    if (clock.net if net else clock.elapsed) > clock.limit:
        return ClockState.missed
    return ClockState.kept if clock.answered else ClockState.replaced
