"""Seats of web sessions are taken, given up, and given to who waited for longest (13.8-a).

A session's row is locked before any registration for it: seats are counted and numbered there, since a
customer's transaction sees no other customer's registrations.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from chassis.db import Scope, Tx
from contracts.events.ticketing import InterventionPlanned
from services.ticketing.commands.telling import tell
from services.ticketing.model.agenda import Planned, PlannedAs, PlannedKind, PlannedState
from services.ticketing.model.sessions import (
    Registration,
    RegistrationState,
    SessionState,
    WebSession,
)
from services.ticketing.refusals.sessions import RegisteredAlready
from services.ticketing.refusals.tickets import CustomerUnknown
from services.ticketing.rules import sessions as rules
from services.ticketing.rules.announcing import Told
from services.ticketing.rules.assistance import reminder_at
from services.ticketing.store import registrations as store
from services.ticketing.store.heard import find_asker
from services.ticketing.store.sessions import find_session, lock_session, save_session


async def register(
    tx: Tx, customer_id: UUID, session_id: UUID, name: str, address: str, by: UUID, now: datetime
) -> Registration:
    """Somebody wants to attend: a seat where there is one, else a place on the waiting list; told by mail."""
    asker = await find_asker(tx, customer_id, now, shared=True)
    if asker is None:
        raise CustomerUnknown
    session = await lock_session(tx, session_id)
    rules.may_register(session, asker, now)
    if await store.is_registered(tx, customer_id, session_id, address):
        raise RegisteredAlready
    state = rules.seat_of(session.seats_taken, session.capacity)
    session = rules.numbered(session, state)
    has_seat = state is RegistrationState.registered
    registration = Registration(
        customer_id=customer_id,
        registration_id=uuid4(),
        session_id=session_id,
        person_id=by,
        name=name,
        mail=address,
        place=session.places_given,
        state=state,
        registered_at=now,
        remind_at=reminder_at(session.starts_at, now) if has_seat else None,
    )
    await save_session(tx, session)
    await store.save_registration(tx, registration)
    await tell_registered(tx, registration, session, Told.registered if has_seat else Told.waiting, now)
    await tx.emit_many(planned_events([registration], session))
    return registration


async def withdraw(
    tx: Tx, customer_id: UUID, registration_id: UUID, now: datetime
) -> tuple[Registration, WebSession]:
    """Somebody does not come; a seat that becomes free is given to who waited for longest."""
    seen = await store.find_registration(tx, customer_id, registration_id)
    session = await lock_session(tx, seen.session_id)
    before = await store.lock_registration(tx, customer_id, registration_id)
    ended = rules.withdrawn(before, session, now)
    await store.save_registration(tx, ended)
    promoted: list[Registration] = []
    if before.state is RegistrationState.registered:
        session = replace(session, seats_taken=session.seats_taken - 1)
        session, promoted = await _fill_for_another(tx, customer_id, session, now)
        await save_session(tx, session)
    await tell_registered(tx, ended, session, Told.cancelled, now)
    await tx.emit_many(planned_events(promoted, session))
    return ended, session


async def record_attendance(
    tx: Tx, registration: Registration, by: UUID, now: datetime, *, attended: bool
) -> Registration:
    """Whether somebody whose registration is locked was there."""
    session = await find_session(tx, registration.session_id)
    recorded = rules.attendance(registration, session, by, now, attended=attended)
    await store.save_registration(tx, recorded)
    return recorded


async def fill_seats(tx: Tx, session: WebSession, now: datetime) -> tuple[WebSession, list[Registration]]:
    """Gives the free seats of a session that is locked to who waits, in order; the scope is the portal's."""
    free = session.capacity - session.seats_taken
    if free <= 0 or session.state is SessionState.cancelled:
        return session, []
    waiting = await store.lock_waiting(tx, session.session_id, free)
    seated = [rules.promoted(each, session, now) for each in waiting]
    for registration in seated:
        await store.save_registration(tx, registration)
        await tell_registered(tx, registration, session, Told.registered, now)
    return replace(session, seats_taken=session.seats_taken + len(seated)), seated


async def _fill_for_another(
    tx: Tx, customer_id: UUID, session: WebSession, now: datetime
) -> tuple[WebSession, list[Registration]]:
    """Whoever waits may be another customer: its row is seen for as long as it takes to give it the seat."""
    await tx.rescope(Scope.portal())
    filled = await fill_seats(tx, session, now)
    await tx.rescope(Scope.customer(customer_id))
    return filled


def registration_planned(registration: Registration, session: WebSession) -> Planned:
    """A registration as a line of a schedule; the webinar's link is for those who have a seat."""
    has_seat = registration.state is RegistrationState.registered
    goes_on = session.state is SessionState.planned
    states = {
        RegistrationState.registered: PlannedState.planned,
        RegistrationState.waiting: PlannedState.waiting,
        RegistrationState.cancelled: PlannedState.cancelled,
    }
    return Planned(
        customer_id=registration.customer_id,
        planned_id=registration.registration_id,
        planned_as=PlannedAs.registration,
        kind=PlannedKind.web_session,
        state=states[registration.state] if goes_on else PlannedState.cancelled,
        title=session.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place=session.link if has_seat and goes_on else "",
        revision=registration.revision + session.revision,
    )


async def tell_registered(
    tx: Tx, registration: Registration, session: WebSession, told: Told, now: datetime
) -> None:
    """Tells who registered what became of it."""
    planned = registration_planned(registration, session)
    more = (session.cancelled_reason or "") if told is Told.cancelled else planned.place
    once = f"{registration.revision}.{session.revision}"
    await tell(tx, planned, told, registration.mail, now, more=more, once=once)


def planned_events(seated: Iterable[Registration], session: WebSession) -> list[InterventionPlanned]:
    """What is said of those who have a seat; who waits has nothing planned yet."""
    return [
        InterventionPlanned(
            customer_id=each.customer_id,
            intervention_id=each.registration_id,
            kind="web_session",
            title=session.title,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
        )
        for each in seated
        if each.state is RegistrationState.registered
    ]
