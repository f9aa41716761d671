"""The publisher plans web sessions, invites to them and publishes their replays (13.8-a)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from chassis import mail
from chassis.db import Tx
from services.ticketing.commands.seats import fill_seats, planned_events, tell_registered
from services.ticketing.model.assistance import Slot
from services.ticketing.model.sessions import (
    Registration,
    RegistrationState,
    SessionState,
    SessionWords,
    WebSession,
)
from services.ticketing.refusals.assistance import TechnicianBusy
from services.ticketing.refusals.sessions import NoAddressKnown
from services.ticketing.refusals.tickets import CustomerUnknown, ProductUnknown
from services.ticketing.rules import sessions as rules
from services.ticketing.rules.announcing import Told, announcement
from services.ticketing.rules.assistance import reminder_at
from services.ticketing.store import registrations, technicians
from services.ticketing.store import sessions as store
from services.ticketing.store.heard import find_asker, find_product

WROTE_WITHIN = timedelta(days=365)
MAX_ADDRESSES = 20


async def plan(tx: Tx, words: SessionWords, by: UUID, now: datetime) -> WebSession:
    """A new session; nobody is told before they are invited."""
    rules.well_formed(words, now)
    await _require_products(tx, words.products)
    told = {name: getattr(words, name) for name in SessionWords.__dataclass_fields__}
    session = WebSession(
        **told,
        session_id=uuid4(),
        state=SessionState.planned,
        cancelled_reason=None,
        replay_link=None,
        replay_published_at=None,
        planned_at=now,
        planned_by=by,
    )
    await _occupy(tx, session)
    await store.save_session(tx, session)
    return session


async def replan(tx: Tx, session: WebSession, words: SessionWords, now: datetime) -> WebSession:
    """Changes a session that is locked: who registered is told of a new time or link, new seats fill."""
    changed = rules.replanned(session, words, now)
    await _require_products(tx, words.products)
    await _occupy(tx, changed)
    standing = await registrations.lock_standing(tx, session.session_id)
    if rules.is_rescheduled(session, changed):
        await registrations.reschedule(tx, session.session_id, reminder_at(changed.starts_at, now))
    changed, promoted = await fill_seats(tx, changed, now)
    await store.save_session(tx, changed)
    if rules.is_to_be_told(session, changed):
        await _tell_others(tx, standing, promoted, changed, now)
    seated = standing if rules.is_rescheduled(session, changed) else []
    await tx.emit_many(planned_events([*seated, *promoted], changed))
    return changed


async def cancel(tx: Tx, session: WebSession, reason: str, now: datetime) -> WebSession:
    """A session that is locked does not take place; who registered or waits is told why."""
    ended = rules.cancelled(session, reason, now)
    await technicians.release(tx, session.session_id)
    await registrations.reschedule(tx, session.session_id, None)
    await store.save_session(tx, ended)
    for registration in await registrations.lock_standing(tx, session.session_id):
        await tell_registered(tx, registration, ended, Told.cancelled, now)
    return ended


async def publish_replay(tx: Tx, session: WebSession, link: str, now: datetime) -> WebSession:
    """What was shown can be seen again; who had a seat is told, in the customer space is where."""
    shown = rules.replayed(session, link, now)
    await store.save_session(tx, shown)
    for registration in await registrations.lock_standing(tx, session.session_id):
        if registration.state is RegistrationState.registered:
            await tell_registered(tx, registration, shown, Told.replay, now)
    return shown


async def invite(
    tx: Tx, customer_id: UUID, session_id: UUID, mails: Sequence[str], by: UUID, now: datetime
) -> list[str]:
    """Invites these addresses of a customer; without any, those from which its tickets came within a year.

    Returns the addresses that were not invited before: no one is invited twice. Raises NoAddressKnown.
    """
    asker = await find_asker(tx, customer_id, now)
    if asker is None:
        raise CustomerUnknown
    session = await store.find_session(tx, session_id)
    rules.may_invite(session, asker, now)
    wanted = mails or await store.list_addresses(tx, customer_id, now - WROTE_WITHIN, MAX_ADDRESSES)
    if not wanted:
        raise NoAddressKnown
    invited = await store.invite(tx, customer_id, session_id, wanted, by, now)
    subject, text = announcement(Told.invited, session.title, session.starts_at, session.ends_at)
    for address in invited:
        key = f"invited/{session_id}/{customer_id}/{address}"
        await mail.send(tx, key=key, to=address, subject=subject, text=text)
    return invited


async def _tell_others(
    tx: Tx,
    standing: Iterable[Registration],
    promoted: Iterable[Registration],
    session: WebSession,
    now: datetime,
) -> None:
    """Who just got a seat was told of all by that."""
    told = {each.registration_id for each in promoted}
    for registration in standing:
        if registration.registration_id not in told:
            await tell_registered(tx, registration, session, Told.moved, now)


async def _occupy(tx: Tx, session: WebSession) -> None:
    slot = Slot(session.starts_at, session.ends_at)
    if session.host_id is None:
        await technicians.release(tx, session.session_id)
    elif not await technicians.occupy(tx, session.session_id, session.host_id, slot):
        raise TechnicianBusy


async def _require_products(tx: Tx, products: Iterable[str]) -> None:
    for code in products:
        if await find_product(tx, code) is None:
            raise ProductUnknown(detail=code)
