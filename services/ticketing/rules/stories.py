"""From a ticket's history to its story: the one reading of it, for its row, its clocks and its waits.

The history is what happened, in order; it is trusted, since only commands write it. Whatever follows from it
can be thrown away and told anew.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.ticketing.model.clocks import Criticality, Pause
from services.ticketing.model.histories import Spell, Story
from services.ticketing.model.tickets import (
    Happening,
    HistoryEntry,
    LeftOut,
    ScopeReason,
    SetApart,
    TicketState,
)


def story_of(history: Sequence[HistoryEntry], now: datetime | None = None) -> Story:
    """Where a ticket stood at `now`, or stands. Raises ValueError for a history without a beginning."""
    *_, story = stories_of([entry for entry in history if now is None or entry.at <= now])
    return story


def stories_of(history: Sequence[HistoryEntry]) -> Iterator[Story]:
    """Where a ticket stood after each line. Raises ValueError for a history without a beginning."""
    if not history or history[0].what is not Happening.registered:
        raise ValueError("a ticket's history begins with its registration")
    story = Story(registered_at=history[0].at)
    yield story
    for entry in history[1:]:
        follow = _FOLLOWS.get(entry.what)
        story = story if follow is None else follow(story, entry)
        yield story


def _acknowledged(story: Story, entry: HistoryEntry) -> Story:
    return replace(story, acknowledged_at=entry.at)


def _taken(story: Story, entry: HistoryEntry) -> Story:
    """13.2-d, 13.2-e: a technician's act."""
    return replace(story, taken_in_charge_at=entry.at, taken_by=entry.by, state=TicketState.in_charge)


def _qualified(story: Story, entry: HistoryEntry) -> Story:
    criticality = Criticality(entry.told["criticality"])
    return _owed(replace(story, qualified_at=entry.at, criticality=criticality), entry.at)


def _requalified(story: Story, entry: HistoryEntry) -> Story:
    """R3: a new clock; what was answered before does not answer it."""
    stopped = _ended(story, entry.at, answered=False)
    return _qualified(replace(stopped, provided_at=None, state=TicketState.in_charge), entry)


def _reproduced(story: Story, entry: HistoryEntry) -> Story:
    return _owed(replace(story, reproduced_at=entry.at), entry.at)


def _owed(story: Story, at: datetime) -> Story:
    """R3: an answer is owed from the later of qualification and reproduction on."""
    if story.criticality is None or story.qualified_at is None or story.reproduced_at is None:
        return story
    return replace(story, spells=(*story.spells, Spell(story.criticality, at)))


def _plan_provided(story: Story, entry: HistoryEntry) -> Story:
    """13.3-b: the plan is what criticality 1 asks for."""
    return replace(_ended(story, entry.at, answered=True), provided_at=entry.at)


def _fix_provided(story: Story, entry: HistoryEntry) -> Story:
    """13.3-c: a correction or a workaround, which answers an anomaly of any criticality."""
    answered = _no_longer_waiting(_ended(story, entry.at, answered=True), entry.at)
    return replace(answered, provided_at=story.provided_at or entry.at, state=TicketState.provided)


def _wait_began(story: Story, entry: HistoryEntry) -> Story:
    return replace(story, waits=(*story.waits, Pause(entry.at)))


def _wait_ended(story: Story, entry: HistoryEntry) -> Story:
    return _no_longer_waiting(story, entry.at)


def _left_out(story: Story, entry: HistoryEntry) -> Story:
    scope = entry.told.get("scope")
    return replace(
        _stopped(story, entry.at),
        left_out=LeftOut(entry.told["left_out"]),
        left_out_scope=ScopeReason(scope) if scope else None,
        left_out_reason=entry.told["explanation"],
        left_out_at=entry.at,
    )


def _leaving_out_withdrawn(story: Story, _entry: HistoryEntry) -> Story:
    """What it stopped goes on as if it never had, until the closing where the ticket was closed since; what
    waited for the customer does not.
    """
    back = replace(story, left_out=None, left_out_scope=None, left_out_reason=None, left_out_at=None)
    if not story.spells or story.spells[-1].answered or story.spells[-1].ended_at != story.left_out_at:
        return back
    owed = replace(story.spells[-1], ended_at=story.closed_at)
    return replace(back, spells=(*story.spells[:-1], owed))


def _set_apart(story: Story, entry: HistoryEntry) -> Story:
    return replace(
        story,
        set_apart=SetApart(entry.told["set_apart"]),
        set_apart_reason=entry.told["explanation"],
        set_apart_at=entry.at,
    )


def _setting_apart_withdrawn(story: Story, _entry: HistoryEntry) -> Story:
    """What remains of it is what a suspension does."""
    return _set_apart_by_suspension(replace(story, set_apart=None, set_apart_reason=None, set_apart_at=None))


def _suspended(story: Story, entry: HistoryEntry) -> Story:
    """R3: clocks stop and the ticket is set apart, unless it is so already for what its customer owed."""
    reason = story.suspended_reason if story.suspensions else entry.told["explanation"]
    stopped = replace(story, suspensions=(*story.suspensions, Pause(entry.at)), suspended_reason=reason)
    return stopped if story.set_apart is not None else _set_apart_by_suspension(stopped)


def _set_apart_by_suspension(story: Story) -> Story:
    """R3: from the first on."""
    if not story.suspensions:
        return story
    return replace(
        story,
        set_apart=SetApart.support_suspended,
        set_apart_reason=story.suspended_reason,
        set_apart_at=story.suspensions[0].since,
    )


def _resumed(story: Story, entry: HistoryEntry) -> Story:
    return replace(story, suspensions=_closing(story.suspensions, entry.at))


def _closed(story: Story, entry: HistoryEntry) -> Story:
    return replace(
        _stopped(story, entry.at), state=TicketState.closed, closed_at=entry.at, closed_by=entry.by
    )


def _stopped(story: Story, at: datetime) -> Story:
    """Nothing is owed or waited for any more."""
    return _no_longer_waiting(_ended(story, at, answered=False), at)


def _ended(story: Story, at: datetime, *, answered: bool) -> Story:
    if not story.spells or story.spells[-1].ended_at is not None:
        return story
    last = replace(story.spells[-1], ended_at=at, answered=answered)
    return replace(story, spells=(*story.spells[:-1], last))


def _no_longer_waiting(story: Story, at: datetime) -> Story:
    return replace(story, waits=_closing(story.waits, at))


def _closing(pauses: tuple[Pause, ...], at: datetime) -> tuple[Pause, ...]:
    if not pauses or pauses[-1].until is not None:
        return pauses
    return (*pauses[:-1], replace(pauses[-1], until=at))


_FOLLOWS: Mapping[Happening, Callable[[Story, HistoryEntry], Story]] = {
    Happening.acknowledged: _acknowledged,
    Happening.taken_in_charge: _taken,
    Happening.qualified: _qualified,
    Happening.requalified: _requalified,
    Happening.reproduced: _reproduced,
    Happening.plan_provided: _plan_provided,
    Happening.fix_provided: _fix_provided,
    Happening.wait_began: _wait_began,
    Happening.wait_ended: _wait_ended,
    Happening.left_out: _left_out,
    Happening.leaving_out_withdrawn: _leaving_out_withdrawn,
    Happening.set_apart: _set_apart,
    Happening.setting_apart_withdrawn: _setting_apart_withdrawn,
    Happening.support_suspended: _suspended,
    Happening.support_resumed: _resumed,
    Happening.closed: _closed,
}
