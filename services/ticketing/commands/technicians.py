"""When technicians can be booked: said by themselves, or by an administrator for them."""

from datetime import datetime
from uuid import UUID, uuid4

from chassis.db import Tx
from services.ticketing.model.assistance import Hours, Slot
from services.ticketing.refusals.assistance import (
    HoursBooked,
    HoursOfAnother,
    HoursOverlap,
    HoursUnknown,
)
from services.ticketing.rules.assistance import published_hours
from services.ticketing.store import technicians as store


async def publish_hours(
    tx: Tx, technician_id: UUID, slot: Slot, by: UUID, now: datetime, *, is_administrator: bool
) -> Hours:
    """Opens a technician's time to bookings, wherever it lies within a plan's opening hours."""
    _may_change(technician_id, by, is_administrator=is_administrator)
    published_hours(slot, now)
    hours = Hours(uuid4(), technician_id, slot.starts_at, slot.ends_at, now, by)
    if not await store.publish_hours(tx, hours):
        raise HoursOverlap
    return hours


async def withdraw_hours(tx: Tx, hours_id: UUID, by: UUID, *, is_administrator: bool) -> Hours:
    """The technician is not there then. Raises HoursBooked where anything takes of that time."""
    hours = await store.lock_hours(tx, hours_id)
    if hours is None:
        raise HoursUnknown
    _may_change(hours.technician_id, by, is_administrator=is_administrator)
    if await store.is_taken(tx, hours.technician_id, Slot(hours.starts_at, hours.ends_at)):
        raise HoursBooked
    await store.withdraw_hours(tx, hours_id)
    return hours


def _may_change(technician_id: UUID, by: UUID, *, is_administrator: bool) -> None:
    if technician_id != by and not is_administrator:
        raise HoursOfAnother
