"""Who attends a web session, in which order seats are given, and when its replay is there (13.8-a)."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.ticketing.model.heard import Asker
from services.ticketing.model.sessions import (
    Registration,
    RegistrationState,
    SessionState,
    SessionWords,
    WebSession,
)
from services.ticketing.model.tickets import SupportPlan
from services.ticketing.refusals.sessions import (
    CapacityBelowSeats,
    NoSeatHad,
    RegistrationCancelled,
    WebSessionBegun,
    WebSessionCancelled,
    WebSessionMalformed,
    WebSessionNotOver,
    WebSessionOfHigherPlan,
)
from services.ticketing.refusals.tickets import SupportOver
from services.ticketing.rules.assistance import reminder_at
from services.ticketing.rules.registration import hours_of

LONGEST = timedelta(hours=12)
_LEVELS = (SupportPlan.connect, SupportPlan.open, SupportPlan.private)


def attends(plan: SupportPlan, level: SupportPlan) -> bool:
    """13.8-a: plans are inclusive, so that each attends and replays what those below it do."""
    return _LEVELS.index(plan) >= _LEVELS.index(level)


def well_formed(words: SessionWords, now: datetime) -> None:
    """A session that can be planned: to come, and of a length that somebody can listen to."""
    if words.starts_at <= now or not timedelta() < words.ends_at - words.starts_at <= LONGEST:
        raise WebSessionMalformed


def may_register(session: WebSession, asker: Asker, now: datetime) -> None:
    """13.8-a: until it begins, in a plan of its level or above, and while the contract lasts."""
    _is_ahead(session, now)
    _is_of_level(session, asker)
    day = session.starts_at.astimezone(hours_of(asker.plan).zone).date()
    if asker.contract_last_day is not None and asker.contract_last_day < day:
        raise SupportOver(detail=f"Its last day is {asker.contract_last_day.isoformat()}.")


def may_invite(session: WebSession, asker: Asker, now: datetime) -> None:
    """13.8-a: to what has not begun, and whom its level lets in."""
    _is_ahead(session, now)
    _is_of_level(session, asker)


def seat_of(seats_taken: int, capacity: int) -> RegistrationState:
    """13.8-a: a seat while there are any, then a place on the waiting list."""
    return RegistrationState.registered if seats_taken < capacity else RegistrationState.waiting


def numbered(session: WebSession, state: RegistrationState) -> WebSession:
    """The session after one more registration, which took a seat or waits."""
    taken = session.seats_taken + (state is RegistrationState.registered)
    return replace(session, seats_taken=taken, places_given=session.places_given + 1)


def promoted(waiting: Registration, session: WebSession, now: datetime) -> Registration:
    """Who waited for longest has the seat that became free."""
    return replace(
        waiting,
        state=RegistrationState.registered,
        remind_at=reminder_at(session.starts_at, now),
        revision=waiting.revision + 1,
    )


def withdrawn(registration: Registration, session: WebSession, now: datetime) -> Registration:
    """Somebody does not come; possible until the session begins."""
    if registration.state is RegistrationState.cancelled:
        raise RegistrationCancelled
    if session.state is not SessionState.cancelled and session.starts_at <= now:
        raise WebSessionBegun
    return replace(
        registration,
        state=RegistrationState.cancelled,
        cancelled_at=now,
        remind_at=None,
        revision=registration.revision + 1,
    )


def replanned(session: WebSession, words: SessionWords, now: datetime) -> WebSession:
    """The session with other words, at another time or with more seats; never with fewer than are taken."""
    _is_ahead(session, now)
    well_formed(words, now)
    if words.capacity < session.seats_taken:
        raise CapacityBelowSeats(detail=f"{session.seats_taken} seats are taken.")
    changed = {name: getattr(words, name) for name in SessionWords.__dataclass_fields__}
    return replace(session, **changed, revision=session.revision + 1)


def is_rescheduled(before: WebSession, after: WebSession) -> bool:
    """Whether it is at another time."""
    return (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at)


def is_to_be_told(before: WebSession, after: WebSession) -> bool:
    """Whether who registered must know of it: another time, or another link to follow."""
    return is_rescheduled(before, after) or before.link != after.link


def cancelled(session: WebSession, reason: str, now: datetime) -> WebSession:
    """It does not take place, and why."""
    _is_ahead(session, now)
    return replace(
        session, state=SessionState.cancelled, cancelled_reason=reason, revision=session.revision + 1
    )


def replayed(session: WebSession, link: str, now: datetime) -> WebSession:
    """13.8-a: once it is over, what was shown can be seen again."""
    _is_over(session, now)
    return replace(session, replay_link=link, replay_published_at=now, revision=session.revision + 1)


def attendance(
    registration: Registration, session: WebSession, by: UUID, now: datetime, *, attended: bool
) -> Registration:
    """Whether somebody who had a seat was there, said once the session has begun."""
    if session.state is SessionState.cancelled:
        raise WebSessionCancelled
    if now < session.starts_at:
        raise WebSessionNotOver(detail="It has not begun.")
    if registration.state is not RegistrationState.registered:
        raise NoSeatHad
    return replace(
        registration,
        attended=attended,
        attendance_at=now,
        attendance_by=by,
        revision=registration.revision + 1,
    )


def replay_for(session: WebSession, plan: SupportPlan) -> str | None:
    """13.8-a: the replay's link, for plans of the session's level and above."""
    return session.replay_link if attends(plan, session.level) else None


def _is_ahead(session: WebSession, now: datetime) -> None:
    if session.state is SessionState.cancelled:
        raise WebSessionCancelled
    if session.starts_at <= now:
        raise WebSessionBegun


def _is_of_level(session: WebSession, asker: Asker) -> None:
    if not attends(asker.plan, session.level):
        raise WebSessionOfHigherPlan(detail=f"It is for the plan {session.level} and above.")


def _is_over(session: WebSession, now: datetime) -> None:
    if session.state is SessionState.cancelled:
        raise WebSessionCancelled
    if now < session.ends_at:
        raise WebSessionNotOver
