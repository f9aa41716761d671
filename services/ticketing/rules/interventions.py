"""What becomes of an intervention, and what an attendance sheet may say (13.1-a)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.booklet.hours import calendar
from services.ticketing.model.agenda import PlannedKind
from services.ticketing.model.interventions import (
    Half,
    HalfDay,
    Intervention,
    InterventionState,
    InterventionWords,
    Participant,
    Presence,
)
from services.ticketing.refusals.interventions import (
    HalfDayUnknown,
    InterventionCancelled,
    InterventionMalformed,
    InterventionNotBegun,
    InterventionOver,
    NoTraining,
    ParticipantUnknown,
    PresenceRecorded,
)

LONGEST = timedelta(days=30)
NOON = time(13)
"""Where a day's halves meet: an afternoon begins no earlier, whatever plan's lunch break it is."""
_DAY = timedelta(days=1)


def well_formed(words: InterventionWords) -> None:
    """It may lie in the past: what was done at once is recorded after it."""
    if not timedelta() < words.ends_at - words.starts_at <= LONGEST:
        raise InterventionMalformed


def replanned(intervention: Intervention, words: InterventionWords) -> Intervention:
    """13.1-a: moved or worded otherwise, as long as it has neither taken place nor been called off."""
    if intervention.state is not InterventionState.planned:
        raise InterventionOver(detail=f"It is {intervention.state}.")
    well_formed(words)
    changed = {name: getattr(words, name) for name in InterventionWords.__dataclass_fields__}
    return replace(intervention, **changed, revision=intervention.revision + 1)


def is_moved(before: Intervention, after: Intervention) -> bool:
    """Whether the customer has another time or place to note."""
    return (before.starts_at, before.ends_at, before.place) != (after.starts_at, after.ends_at, after.place)


def cancelled(intervention: Intervention, reason: str) -> Intervention:
    """It does not take place, and why."""
    if intervention.state is not InterventionState.planned:
        raise InterventionOver(detail=f"It is {intervention.state}.")
    return replace(
        intervention,
        state=InterventionState.cancelled,
        cancelled_reason=reason,
        revision=intervention.revision + 1,
    )


def reported(intervention: Intervention, report: str, by: UUID, now: datetime) -> Intervention:
    """13.1-a: it has taken place, and what came of it; a report may be written anew."""
    if intervention.state is InterventionState.cancelled:
        raise InterventionCancelled
    if now < intervention.starts_at:
        raise InterventionNotBegun
    return replace(
        intervention,
        state=InterventionState.done,
        report=report,
        reported_at=now,
        reported_by=by,
        revision=intervention.revision + 1,
    )


def touched(intervention: Intervention) -> Intervention:
    """Its attendance sheet has changed: who saw the one before learns of it."""
    return replace(intervention, revision=intervention.revision + 1)


def half_days(starts_at: datetime, ends_at: datetime) -> tuple[HalfDay, ...]:
    """13.1-a: the mornings and afternoons, in Paris, that a training meets."""
    zone = calendar("support.open").zone
    first, last = starts_at.astimezone(zone).date(), ends_at.astimezone(zone).date()
    days = [first + _DAY * number for number in range((last - first).days + 1)]
    return tuple(
        HalfDay(day, half)
        for day in days
        for half in Half
        if _begins(day, half, zone) < ends_at and starts_at < _ends(day, half, zone)
    )


def listed(
    intervention: Intervention,
    before: Sequence[Participant],
    presences: Sequence[Presence],
    wanted: Sequence[Participant],
) -> None:
    """13.1-a: a training's participants; of whom presence was recorded stays on the sheet, under its name."""
    _has_sheet(intervention)
    signed = {presence.number for presence in presences}
    if {(each.number, each.name) for each in before if each.number in signed} - {
        (each.number, each.name) for each in wanted
    }:
        raise PresenceRecorded


def recorded(
    intervention: Intervention,
    participants: Sequence[Participant],
    presences: Sequence[Presence],
    now: datetime,
) -> None:
    """13.1-a: presence is recorded of participants, on half-days of the training that have begun."""
    _has_sheet(intervention)
    zone = calendar("support.open").zone
    numbers = {participant.number for participant in participants}
    of_training = half_days(intervention.starts_at, intervention.ends_at)
    for presence in presences:
        half_day = presence.half_day
        if presence.number not in numbers:
            raise ParticipantUnknown(detail=f"There is no number {presence.number}.")
        if half_day not in of_training or now < _begins(half_day.day, half_day.half, zone):
            raise HalfDayUnknown(detail=f"{half_day.day.isoformat()}, {half_day.half}.")


def _has_sheet(intervention: Intervention) -> None:
    if intervention.kind is not PlannedKind.training:
        raise NoTraining
    if intervention.state is InterventionState.cancelled:
        raise InterventionCancelled


def _begins(day: date, half: Half, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time() if half is Half.morning else NOON, zone)


def _ends(day: date, half: Half, zone: ZoneInfo) -> datetime:
    until, at = (day, NOON) if half is Half.morning else (day + _DAY, time())
    return datetime.combine(until, at, zone)
