"""Who attends a web session, and who gets a seat, without a database (13.8-a)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    RegistrationCancelled,
    WebSessionBegun,
    WebSessionCancelled,
    WebSessionMalformed,
)
from services.ticketing.refusals.tickets import SupportOver
from services.ticketing.rules import sessions as rules

NOW = datetime(2026, 3, 23, 9, 0, tzinfo=UTC)
START, HOUR = NOW + timedelta(days=2), timedelta(hours=1)
WORDS = SessionWords(
    "Quotes", "What is new.", (), "fr", SupportPlan.open, START, START + HOUR, 5, "https://webinar.example/q"
)
SESSION = WebSession(
    **{name: getattr(WORDS, name) for name in SessionWords.__dataclass_fields__},
    session_id=UUID(int=1),
    state=SessionState.planned,
    cancelled_reason=None,
    replay_link=None,
    replay_published_at=None,
    planned_at=NOW,
    planned_by=UUID(int=2),
)
REGISTRATION = Registration(
    customer_id=UUID(int=3),
    registration_id=UUID(int=4),
    session_id=UUID(int=1),
    person_id=UUID(int=5),
    name="Claire",
    mail="claire@cabinet.example",
    place=1,
    state=RegistrationState.registered,
    registered_at=NOW,
)


@pytest.mark.parametrize(
    ("plan", "levels"),
    [
        (SupportPlan.connect, {SupportPlan.connect}),
        (SupportPlan.open, {SupportPlan.connect, SupportPlan.open}),
        (SupportPlan.private, set(SupportPlan)),
    ],
)
def test_a_plan_attends_what_is_of_its_level_and_below(plan: SupportPlan, levels: set[SupportPlan]) -> None:
    assert {level for level in SupportPlan if rules.attends(plan, level)} == levels


@given(st.lists(st.sampled_from(["comes", "goes"]), max_size=40), st.integers(1, 5))
def test_seats_are_never_more_than_there_are_and_go_to_the_first_who_wait(
    deeds: list[str], capacity: int
) -> None:
    session, there = replace(SESSION, capacity=capacity), list[Registration]()
    for deed in deeds:
        if deed == "comes":
            state = rules.seat_of(session.seats_taken, session.capacity)
            session = rules.numbered(session, state)
            there.append(replace(REGISTRATION, place=session.places_given, state=state))
        elif there and there[0].state is RegistrationState.registered:
            rules.withdrawn(there.pop(0), session, NOW)
            session = replace(session, seats_taken=session.seats_taken - 1)
            waiting = [number for number, each in enumerate(there) if each.state is RegistrationState.waiting]
            if waiting:
                there[waiting[0]] = rules.promoted(there[waiting[0]], session, NOW)
                session = replace(session, seats_taken=session.seats_taken + 1)
        seated = [each for each in there if each.state is RegistrationState.registered]
        assert len(seated) == session.seats_taken == min(capacity, len(there))
        assert there[: len(seated)] == seated


def test_who_waited_is_recalled_once_seated() -> None:
    waiting = replace(REGISTRATION, state=RegistrationState.waiting)
    seated = rules.promoted(waiting, SESSION, NOW)
    assert (seated.state, seated.remind_at) == (RegistrationState.registered, START - timedelta(days=1))


@pytest.mark.parametrize(
    ("starts", "ends"),
    [(NOW, NOW + HOUR), (START, START), (START, START - HOUR), (START, START + 13 * HOUR)],
)
def test_a_session_lies_ahead_and_ends_within_twelve_hours(starts: datetime, ends: datetime) -> None:
    with pytest.raises(WebSessionMalformed):
        rules.well_formed(replace(WORDS, starts_at=starts, ends_at=ends), NOW)


def test_no_seat_is_taken_from_who_has_one() -> None:
    full = replace(SESSION, seats_taken=3)
    assert rules.replanned(full, replace(WORDS, capacity=3), NOW).capacity == 3
    with pytest.raises(CapacityBelowSeats):
        rules.replanned(full, replace(WORDS, capacity=2), NOW)


def test_what_has_begun_or_was_cancelled_is_not_changed() -> None:
    cancelled = rules.cancelled(SESSION, "Ill.", NOW)
    for session, now, refusal in ((cancelled, NOW, WebSessionCancelled), (SESSION, START, WebSessionBegun)):
        with pytest.raises(refusal):
            rules.replanned(session, WORDS, now)
        with pytest.raises(refusal):
            rules.cancelled(session, "Again.", now)
    with pytest.raises(WebSessionCancelled):
        rules.replayed(cancelled, "https://webinar.example/r", START + 2 * HOUR)


def test_who_left_does_not_leave_again_nor_once_it_has_begun() -> None:
    left = rules.withdrawn(REGISTRATION, SESSION, NOW)
    assert (left.cancelled_at, left.remind_at) == (NOW, None)
    with pytest.raises(RegistrationCancelled):
        rules.withdrawn(left, SESSION, NOW)
    with pytest.raises(WebSessionBegun):
        rules.withdrawn(REGISTRATION, SESSION, START)


def test_nobody_registers_for_after_the_contracts_last_day() -> None:
    asker = Asker(UUID(int=3), "Cabinet Durand", SupportPlan.open, date(2026, 3, 25), None)
    rules.may_register(SESSION, asker, NOW)
    with pytest.raises(SupportOver):
        rules.may_register(SESSION, replace(asker, contract_last_day=date(2026, 3, 24)), NOW)
