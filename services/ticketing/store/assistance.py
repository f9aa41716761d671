"""Bookings of remote assistance."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text

from chassis.db import Tx
from services.ticketing.model.assistance import Booking, BookingState
from services.ticketing.model.tickets import SupportPlan
from services.ticketing.refusals.assistance import BookingUnknown
from services.ticketing.store.rows import columns_of, saving
from services.ticketing.tables.assistance import BOOKING

_SAVE = saving(BOOKING)
_ONE = select(BOOKING).where(
    BOOKING.c.customer_id == bindparam("customer"), BOOKING.c.booking_id == bindparam("booking")
)
_LOCK = _ONE.with_for_update()
_OPEN = select(BOOKING).where(
    BOOKING.c.customer_id == bindparam("customer"),
    BOOKING.c.ticket_id == bindparam("ticket"),
    BOOKING.c.state == BookingState.booked.value,
)
_COLUMNS = ", ".join(column.name for column in BOOKING.c)
_LIST = text(f"""
    SELECT {_COLUMNS} FROM assistance_booking
    WHERE customer_id = :customer_id AND (starts_at, booking_id) < (:before_at, :before_id)
    ORDER BY starts_at DESC, booking_id DESC LIMIT :limit
""").columns(*BOOKING.c)  # noqa: S608
_CLAIM = text(f"""
    UPDATE assistance_booking SET reminded_at = :now
    WHERE (customer_id, booking_id) IN (
        SELECT customer_id, booking_id FROM assistance_booking
        WHERE remind_at <= :now AND reminded_at IS NULL AND state = 'booked'
        ORDER BY remind_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING {_COLUMNS}
""").columns(*BOOKING.c)  # noqa: S608


async def save_booking(tx: Tx, booking: Booking) -> None:
    """A booking as it stands now."""
    await tx.execute(_SAVE, columns_of(booking))


async def find_booking(tx: Tx, customer_id: UUID, booking_id: UUID) -> Booking:
    """One booking. Raises BookingUnknown."""
    return _found(await tx.fetch_one(_ONE, {"customer": customer_id, "booking": booking_id}))


async def lock_booking(tx: Tx, customer_id: UUID, booking_id: UUID) -> Booking:
    """One booking, kept from others until this transaction ends. Raises BookingUnknown."""
    return _found(await tx.fetch_one(_LOCK, {"customer": customer_id, "booking": booking_id}))


async def find_open(tx: Tx, customer_id: UUID, ticket_id: UUID) -> Booking | None:
    """What is booked for a ticket and has not ended."""
    row = await tx.fetch_one(_OPEN, {"customer": customer_id, "ticket": ticket_id})
    return _booking(row) if row else None


async def list_bookings(
    tx: Tx, customer_id: UUID, before: tuple[datetime, UUID], limit: int
) -> list[Booking]:
    """A customer's bookings, the latest first, those before `before`."""
    asked = {"customer_id": customer_id, "before_at": before[0], "before_id": before[1], "limit": limit}
    return [_booking(row) for row in await tx.fetch_all(_LIST, asked)]


async def claim_reminders(tx: Tx, now: datetime, limit: int) -> list[Booking]:
    """Bookings whose reminder is due; each is claimed once, however many replicas ask."""
    return [_booking(row) for row in await tx.fetch_all(_CLAIM, {"now": now, "limit": limit})]


def _found(row: Row[Any] | None) -> Booking:
    if row is None:
        raise BookingUnknown
    return _booking(row)


def _booking(row: Row[Any]) -> Booking:
    told = dict(row._mapping)
    return Booking(**told | {"plan": SupportPlan(row.plan), "state": BookingState(row.state)})
