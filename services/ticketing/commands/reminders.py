"""Reminders of what was booked, once each, however many replicas ask (13.7-a, 13.8-a).

Who books, moves or cancels meanwhile is waited for or passed over: a reminder is of what holds.
"""

from datetime import datetime

from chassis.db import Tx
from services.ticketing.commands.seats import tell_registered
from services.ticketing.commands.telling import tell_booked
from services.ticketing.rules.announcing import Told
from services.ticketing.store import assistance, registrations
from services.ticketing.store.sessions import list_sessions_of

AT_ONCE = 200


async def remind(tx: Tx, now: datetime) -> int:
    """Sends the reminders that are due by `now`; what has begun needs none any more. Returns how many."""
    booked = [
        booking for booking in await assistance.claim_reminders(tx, now, AT_ONCE) if booking.starts_at > now
    ]
    for booking in booked:
        await tell_booked(tx, booking, Told.reminder, now)
    registered = await registrations.claim_reminders(tx, now, AT_ONCE)
    sessions = await list_sessions_of(tx, {registration.session_id for registration in registered})
    ahead = [each for each in registered if sessions[each.session_id].starts_at > now]
    for registration in ahead:
        await tell_registered(tx, registration, sessions[registration.session_id], Told.reminder, now)
    return len(booked) + len(ahead)
