"""A ticket's clocks and waits, told from its history and the terms frozen at its registration alone (R1, R3).

`clocks_of` tells what is kept of them, which changes when something happens; `readings_of` how they read at
an instant. Both judge by the rules of `rules/clocks`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.booklet.hours import Calendar, calendar_frozen_on
from services.ticketing.model.clocks import (
    Clock,
    Criticality,
    Pause,
    SupportedPlan,
    Terms,
    TicketFacts,
    Verdict,
)
from services.ticketing.model.histories import (
    ClockKind,
    ClockReading,
    ClockRow,
    ClockState,
    Spell,
    Story,
    WaitReading,
)
from services.ticketing.model.tickets import HistoryEntry
from services.ticketing.rules import clocks as rules
from services.ticketing.rules.stories import story_of

_ANSWERS = {Criticality.one: ClockKind.corrective_plan, Criticality.two: ClockKind.correction}


def clocks_of(history: Sequence[HistoryEntry], terms: Terms, now: datetime) -> tuple[ClockRow, ...]:
    """Every clock of a ticket as it stood at `now`: the take-charge, then one for each limited qualification.

    Raises ValueError for a history without a beginning, and OutsideCalendar.
    """
    return tuple(reading.row for reading in readings_of(story_of(history, now), terms, now))


def readings_of(story: Story, terms: Terms, now: datetime) -> tuple[ClockReading, ...]:
    """The same clocks read at `now`, which is no earlier than the last thing that happened."""
    hours = calendar_frozen_on(terms.calendar, terms.frozen_on)
    reader = _Reader(story, terms, hours, now)
    taken = Spell(Criticality.three, story.registered_at, story.taken_in_charge_at, answered=True)
    readings = [reader.read(1, ClockKind.take_charge, taken)]
    limited = [spell for spell in story.spells if spell.criticality in _ANSWERS]
    for number, spell in enumerate(limited, start=2):
        readings.append(reader.read(number, _ANSWERS[spell.criticality], spell))
    return tuple(readings)


def waits_of(story: Story, terms: Terms, now: datetime) -> tuple[WaitReading, ...]:
    """Each time that waited for the customer, with its open seconds so far (R3)."""
    hours = calendar_frozen_on(terms.calendar, terms.frozen_on)
    return tuple(
        WaitReading(number, wait.since, wait.until, hours.open_seconds_between(wait.since, wait.until or now))
        for number, wait in enumerate(story.waits, start=1)
    )


def nearest_due(clocks: Iterable[ClockRow]) -> datetime | None:
    """The earliest due instant among the clocks that run; it may be past."""
    return min((clock.due_at for clock in clocks if clock.state is ClockState.running), default=None)


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the clocks of one ticket share."""

    story: Story
    terms: Terms
    hours: Calendar
    now: datetime

    def read(self, number: int, kind: ClockKind, spell: Spell) -> ClockReading:
        until = spell.ended_at or self.now
        clock = self._judged(kind, spell, until)
        limit = clock.limit_seconds
        halts = self._halts(kind, spell)
        stands = spell.ended_at is None and any(pause.until is None for pause in halts)
        stops = rules.merged((pause.since, pause.until) for pause in halts if pause.until is not None)
        runs = spell.ended_at is None and not stands
        misses = runs or clock.verdict is Verdict.missed
        row = ClockRow(
            number=number,
            kind=kind,
            state=self._state(clock, spell),
            starts_at=spell.starts_at,
            due_at=rules.due_at(self.hours, spell.starts_at, limit, stops),
            limit_seconds=limit,
            ended_at=spell.ended_at,
            elapsed_seconds=clock.elapsed_seconds if spell.ended_at else None,
            net_seconds=clock.net_seconds if spell.ended_at else None,
            warn_at=rules.due_at(self.hours, spell.starts_at, warned_after(limit), stops) if runs else None,
            miss_at=rules.due_at(self.hours, spell.starts_at, limit + 1, stops) if misses else None,
        )
        counted = clock.net_seconds if self._net_decides(kind) else clock.elapsed_seconds
        return ClockReading(
            row=row,
            due_at=clock.due_at,
            elapsed_seconds=clock.elapsed_seconds,
            net_seconds=clock.net_seconds,
            remaining_seconds=max(0, limit - counted),
            verdict=clock.verdict,
        )

    def _judged(self, kind: ClockKind, spell: Spell, until: datetime) -> Clock:
        """The clock of one spell, by the rules that judge any ticket's facts."""
        facts = TicketFacts(
            plan=SupportedPlan.open,
            registered_at=self.story.registered_at,
            taken_in_charge_at=self.story.taken_in_charge_at,
            qualified_at=spell.starts_at,
            reproduced_at=spell.starts_at,
            criticality=spell.criticality,
            provided_at=spell.ended_at,
            waits=_as_far(self.story.waits, spell.ended_at),
            suspensions=_as_far(self.story.suspensions, spell.ended_at),
        )
        if kind is ClockKind.take_charge:
            return rules.take_charge_clock(facts, self.terms, until)
        clock = rules.correction_clock(facts, self.terms, until)
        if clock is None:
            raise ValueError(f"criticality {spell.criticality} has no limit")
        return clock

    def _halts(self, kind: ClockKind, spell: Spell) -> tuple[Pause, ...]:
        """The pauses in which this clock stands still, as far as it ran."""
        waits = self.story.waits if self._net_decides(kind) else ()
        return _as_far((*self.story.suspensions, *waits), spell.ended_at)

    def _net_decides(self, kind: ClockKind) -> bool:
        return self.terms.net_decides and kind is not ClockKind.take_charge

    def _state(self, clock: Clock, spell: Spell) -> ClockState:
        if spell.ended_at is None:
            return ClockState.suspended if self.story.suspended else ClockState.running
        if clock.verdict is Verdict.missed:
            return ClockState.missed
        return ClockState.kept if spell.answered else ClockState.replaced


def warned_after(limit: int) -> int:
    """How many open seconds make three quarters of a limit, whole seconds."""
    return -(-3 * limit // 4)


def _as_far(pauses: Sequence[Pause], ended_at: datetime | None) -> tuple[Pause, ...]:
    """The pauses of a clock as far as it ran: what came after its end moves nothing."""
    if ended_at is None:
        return tuple(pauses)
    return tuple(
        Pause(pause.since, min(pause.until or ended_at, ended_at))
        for pause in pauses
        if pause.since < ended_at
    )
