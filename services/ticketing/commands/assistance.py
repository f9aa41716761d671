"""Remote assistance is booked, moved and cancelled, and what came of it is recorded (13.7-a).

Locks are taken in one order: customer, ticket, booking, technicians' hours. Whoever books a time waits for
who books at the same time, and then sees that it is taken.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis.db import Tx
from contracts.events.ticketing import InterventionPlanned
from services.ticketing.commands.happening import happened
from services.ticketing.commands.telling import tell_booked
from services.ticketing.model.assistance import Booking, BookingState, Slot, TechnicianTime
from services.ticketing.model.heard import Asker
from services.ticketing.model.tickets import Happening, Ticket
from services.ticketing.refusals.assistance import (
    AssistanceBookedAlready,
    NoTechnicianFree,
    OutsideAssistanceHours,
    SlotPast,
)
from services.ticketing.refusals.tickets import CustomerUnknown
from services.ticketing.rules import assistance as rules
from services.ticketing.rules.announcing import Told
from services.ticketing.rules.registration import hours_of
from services.ticketing.store import assistance as store
from services.ticketing.store import technicians
from services.ticketing.store.heard import find_asker
from services.ticketing.store.tickets import lock_ticket

TICKET_CLOSED = "La demande est close. / The ticket is closed."


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. Without a name or an address, those of the ticket's contact are taken."""

    slot: Slot
    contact_name: str | None = None
    contact_mail: str | None = None
    access: str | None = None
    system_maintained: bool = True


async def book(tx: Tx, customer_id: UUID, ticket_id: UUID, wish: Wish, by: UUID, now: datetime) -> Booking:
    """Books a technician's time for a ticket. Of many who ask for the last one at once, one gets it.

    Raises the refusals of `rules.assistance.may_book`, AssistanceBookedAlready, and NoTechnicianFree; those
    about the time name the next ones that are free.
    """
    asker, ticket = await _asked(tx, customer_id, ticket_id, now)
    await _require_allowed(tx, asker, ticket, wish, now)
    if await store.find_open(tx, customer_id, ticket_id) is not None:
        raise AssistanceBookedAlready
    booking_id = uuid4()
    technician_id = await _take(tx, asker, ticket, wish.slot, booking_id, now)
    booking = Booking(
        customer_id=customer_id,
        booking_id=booking_id,
        ticket_id=ticket_id,
        reference=ticket.reference,
        technician_id=technician_id,
        plan=asker.plan,
        state=BookingState.booked,
        starts_at=wish.slot.starts_at,
        ends_at=wish.slot.ends_at,
        contact_name=wish.contact_name or ticket.contact.name,
        contact_mail=wish.contact_mail or ticket.contact.email,
        access=wish.access or ticket.contact.phone,
        booked_at=now,
        booked_by=by,
        remind_at=rules.reminder_at(wish.slot.starts_at, now),
    )
    await store.save_booking(tx, booking)
    await _noted(tx, ticket, Happening.assistance_booked, booking, by, now)
    await tell_booked(tx, booking, Told.booked, now)
    await tx.emit(planned_event(booking))
    return booking


async def move(
    tx: Tx, customer_id: UUID, booking: Booking, slot: Slot, by: UUID, now: datetime, *, by_customer: bool
) -> Booking:
    """Moves a booking that is locked, with the same technician where that one is free."""
    rules.may_change(booking, now, by_customer=by_customer)
    asker, ticket = await _asked(tx, customer_id, booking.ticket_id, now)
    await _require_allowed(tx, asker, ticket, Wish(slot), now)
    technician_id = await _take(tx, asker, ticket, slot, booking.booking_id, now, booking.technician_id)
    moved = rules.moved(booking, slot, technician_id, asker.plan, now)
    await store.save_booking(tx, moved)
    await _noted(tx, ticket, Happening.assistance_moved, moved, by, now)
    await tell_booked(tx, moved, Told.moved, now)
    await tx.emit(planned_event(moved))
    return moved


async def cancel(
    tx: Tx, booking: Booking, reason: str, by: UUID, now: datetime, *, by_customer: bool
) -> Booking:
    """It does not take place; its time is free again at once."""
    ticket = await lock_ticket(tx, booking.customer_id, booking.ticket_id)
    ended = rules.cancelled(booking, reason, by, now, by_customer=by_customer)
    await _called_off(tx, ticket, ended, by, now)
    return ended


async def cancel_ahead(tx: Tx, ticket: Ticket, by: UUID | None, now: datetime) -> Ticket:
    """A ticket that is locked is about to be closed: what is booked for it and has not begun is cancelled,
    and its contact told. What has begun is the technician's to end.
    """
    found = await store.find_open(tx, ticket.customer_id, ticket.ticket_id)
    if found is None or found.starts_at <= now:
        return ticket
    booking = await store.lock_booking(tx, found.customer_id, found.booking_id)
    ended = rules.cancelled(booking, TICKET_CLOSED, by, now, by_customer=False)
    return await _called_off(tx, ticket, ended, by, now)


async def record_no_show(tx: Tx, booking: Booking, by: UUID, now: datetime) -> Booking:
    """The customer was not there."""
    ticket = await lock_ticket(tx, booking.customer_id, booking.ticket_id)
    ended = rules.missed(booking, by, now)
    await store.save_booking(tx, ended)
    await _noted(tx, ticket, Happening.assistance_missed, ended, by, now)
    return ended


async def complete(tx: Tx, booking: Booking, report: str, by: UUID, now: datetime) -> Booking:
    """It took place; the customer reads the report."""
    ticket = await lock_ticket(tx, booking.customer_id, booking.ticket_id)
    ended = rules.done(booking, report, by, now)
    await store.save_booking(tx, ended)
    await _noted(tx, ticket, Happening.assistance_done, ended, by, now)
    return ended


async def lock(tx: Tx, customer_id: UUID, booking_id: UUID, now: datetime) -> Booking:
    """The booking, to be changed: its customer and its ticket are locked before it, as whoever books does."""
    seen = await store.find_booking(tx, customer_id, booking_id)
    await find_asker(tx, customer_id, now, shared=True)
    await lock_ticket(tx, customer_id, seen.ticket_id)
    return await store.lock_booking(tx, customer_id, booking_id)


def planned_event(booking: Booking) -> InterventionPlanned:
    """What is said of a booking when it is made or moved."""
    return InterventionPlanned(
        customer_id=booking.customer_id,
        intervention_id=booking.booking_id,
        kind="remote_assistance",
        title=booking.reference,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
    )


async def _asked(tx: Tx, customer_id: UUID, ticket_id: UUID, now: datetime) -> tuple[Asker, Ticket]:
    asker = await find_asker(tx, customer_id, now, shared=True)
    if asker is None:
        raise CustomerUnknown
    return asker, await lock_ticket(tx, customer_id, ticket_id)


async def _require_allowed(tx: Tx, asker: Asker, ticket: Ticket, wish: Wish, now: datetime) -> None:
    matter = rules.matter_of(ticket, system_maintained=wish.system_maintained)
    try:
        rules.may_book(asker, matter, wish.slot, now)
    except (OutsideAssistanceHours, SlotPast) as refusal:
        raise type(refusal)(detail=await _free_next(tx, asker, ticket, wish.slot, now)) from None


async def _take(
    tx: Tx,
    asker: Asker,
    ticket: Ticket,
    slot: Slot,
    booking_id: UUID,
    now: datetime,
    preferred: UUID | None = None,
) -> UUID:
    """A technician whose time is taken for this booking. Raises NoTechnicianFree."""
    since, until = slot.starts_at - rules.DAY, slot.ends_at + rules.DAY
    there, busy = await technicians.lock_times(tx, ticket.queue, slot, since, until, booking_id)
    candidates: Collection[TechnicianTime] = there
    while (chosen := rules.technician_for(slot, candidates, busy, preferred)) is not None:
        if await technicians.occupy(tx, booking_id, chosen, slot):
            return chosen
        candidates = [time for time in candidates if time.technician_id != chosen]
    raise NoTechnicianFree(detail=await _free_next(tx, asker, ticket, slot, now))


async def _free_next(tx: Tx, asker: Asker, ticket: Ticket, slot: Slot, now: datetime) -> str:
    since = max(slot.starts_at, now)
    there, busy = await technicians.list_times(tx, ticket.queue, since, since + rules.AHEAD)
    found = rules.next_slots(asker.plan, there, busy, slot.ends_at - slot.starts_at, since)
    if not found:
        return f"No time of that length is free within {rules.AHEAD.days} days."
    zone = hours_of(asker.plan).zone
    return f"Free next: {', '.join(each.starts_at.astimezone(zone).isoformat() for each in found)}."


async def _called_off(tx: Tx, ticket: Ticket, ended: Booking, by: UUID | None, now: datetime) -> Ticket:
    await technicians.release(tx, ended.booking_id)
    await store.save_booking(tx, ended)
    ticket = await _noted(tx, ticket, Happening.assistance_cancelled, ended, by, now)
    await tell_booked(tx, ended, Told.cancelled, now)
    return ticket


async def _noted(
    tx: Tx, ticket: Ticket, what: Happening, booking: Booking, by: UUID | None, now: datetime
) -> Ticket:
    told: dict[str, Any] = {
        "booking_id": str(booking.booking_id),
        "starts_at": booking.starts_at.isoformat(),
        "ends_at": booking.ends_at.isoformat(),
    }
    if booking.reason is not None:
        told["reason"] = booking.reason
    return await happened(tx, ticket, what, by, told, now)
