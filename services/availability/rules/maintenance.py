"""Planned maintenance (article 5, R4): where it may lie, how early it is announced, and the next slot."""

from datetime import datetime, timedelta

from contracts.booklet.hours import calendar
from services.availability.model.rates import Interval, MaintenanceSlot, PlannedMaintenance, Terms
from services.availability.refusals.rates import (
    BlockingWorkTooEarly,
    MaintenanceNoticeTooShort,
    MaintenanceNotYet,
    MaintenanceOutsideSlots,
    MaintenanceWithoutLength,
)
from services.availability.rules.intervals import instant_of, second_of, within
from services.availability.rules.reference import open_windows

PLANNED, BLOCKING = "planned_maintenance", "blocking_work"
MINUTE, HOUR = 60, 3600
HORIZON = timedelta(days=366)
"""How far ahead a slot is looked for: every kind of night, week-end and holiday comes round in a year."""


def plan(slot: MaintenanceSlot, now: datetime, terms: Terms) -> PlannedMaintenance:
    """5-d: planned maintenance lies in its slots (R4) and is announced, now, early enough; elapsed seconds
    count, clock changes or not. 5-c: what blocks the service leaves weekday evenings alone until 22:00.

    A refusal names the next slot of that length that fits.
    """
    _fits(slot, now, terms)
    if slot.starts_at - now < timedelta(seconds=terms.notice_seconds):
        hours = terms.notice_seconds // HOUR
        raise MaintenanceNoticeTooShort(detail=f"The notice is {hours} hours. {_remedy(slot, now, terms)}")
    return PlannedMaintenance(slot, announced_at=now)


def may_block_at(at: datetime) -> bool:
    """5-c, R4: whether work that blocks the service may run then: on weekdays, eves of holidays included, not
    between 20:00 and 22:00 nor by day; on Saturdays, Sundays and public holidays at any time.
    """
    return calendar(BLOCKING).is_open(at)


def replan(
    planned: PlannedMaintenance, slot: MaintenanceSlot, now: datetime, terms: Terms
) -> PlannedMaintenance:
    """5-d, R4: starting earlier, moving or extending needs a new notice, and so does blocking what was to
    stay open. What stays within the announced slot keeps its announcement.
    """
    inside = planned.slot.starts_at <= slot.starts_at and slot.ends_at <= planned.slot.ends_at
    if not inside or (slot.blocking and not planned.slot.blocking):
        return plan(slot, now, terms)
    _fits(slot, now, terms)
    return PlannedMaintenance(slot, planned.announced_at)


def may_start(planned: PlannedMaintenance, now: datetime) -> None:
    """5-d, R4: planned maintenance starts no earlier than announced; starting earlier needs a new notice."""
    if now < planned.slot.starts_at:
        raise MaintenanceNotYet(detail=f"It is announced for {_local(planned.slot.starts_at)}.")


def next_slot(slot: MaintenanceSlot, now: datetime, terms: Terms) -> MaintenanceSlot | None:
    """5-d: the first slot as long as the one asked for that fits if announced now, not before that one.

    To the minute; None when no slot of the coming year is that long.
    """
    length = second_of(slot.ends_at) - second_of(slot.starts_at)
    earliest = max(slot.starts_at, now + timedelta(seconds=terms.notice_seconds))
    first = -(-second_of(_ceiling(earliest)) // MINUTE) * MINUTE
    for opens, closes in _slots(first, second_of(earliest + HORIZON), blocking=slot.blocking):
        start = -(-opens // MINUTE) * MINUTE
        if start + length <= closes:
            return MaintenanceSlot(instant_of(start), instant_of(start + length), slot.blocking)
    return None


def _fits(slot: MaintenanceSlot, now: datetime, terms: Terms) -> None:
    if slot.ends_at <= slot.starts_at:
        raise MaintenanceWithoutLength
    if not _lies_in(PLANNED, slot):
        raise MaintenanceOutsideSlots(detail=_remedy(slot, now, terms))
    if slot.blocking and not _lies_in(BLOCKING, slot):
        raise BlockingWorkTooEarly(detail=_remedy(slot, now, terms))


def _lies_in(name: str, slot: MaintenanceSlot) -> bool:
    length = second_of(_ceiling(slot.ends_at)) - second_of(slot.starts_at)
    return calendar(name).open_seconds_between(slot.starts_at, _ceiling(slot.ends_at)) == length


def _slots(since: int, until: int, *, blocking: bool) -> list[Interval]:
    slots = open_windows(PLANNED, since, until)
    return within(slots, open_windows(BLOCKING, since, until)) if blocking else slots


def _remedy(slot: MaintenanceSlot, now: datetime, terms: Terms) -> str:
    found = next_slot(slot, now, terms)
    if found is None:
        return "No slot of the coming year is that long: make it shorter."
    return f"The next slot of that length is from {_local(found.starts_at)} to {_local(found.ends_at)}."


def _local(instant: datetime) -> str:
    return instant.astimezone(calendar(PLANNED).zone).isoformat(timespec="seconds")


def _ceiling(instant: datetime) -> datetime:
    """The instant, or the whole second that follows it."""
    return instant + timedelta(microseconds=-instant.microsecond % 1_000_000)
