"""When remote assistance can be, who gives it, and what becomes of a booking, without a database (13.7-a)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ticketing.model.assistance import Booking, BookingState, Matter, Slot, TechnicianTime
from services.ticketing.model.heard import Asker
from services.ticketing.model.tickets import SupportPlan, TicketKind, TicketState
from services.ticketing.refusals.assistance import (
    AssistanceBegun,
    BookingOver,
    HoursMalformed,
    OutsideAssistanceHours,
    SlotMalformed,
)
from services.ticketing.refusals.tickets import SupportOver
from services.ticketing.rules import assistance as rules
from services.ticketing.rules.registration import hours_of

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 23, 6, 0, tzinfo=UTC)
ADA, BRUNO, BY = UUID(int=10), UUID(int=11), UUID(int=12)
PLANS = st.sampled_from([SupportPlan.open, SupportPlan.private])

quarters = st.integers(0, 4 * 24 * 8)
lengths = st.integers(1, 16).map(lambda number: number * QUARTER)


@st.composite
def times(draw: st.DrawFn) -> TechnicianTime:
    """A stretch of Ada's or Bruno's time in the week that the clocks change after."""
    start = MONDAY + draw(quarters) * QUARTER
    return TechnicianTime(draw(st.sampled_from([ADA, BRUNO])), start, start + draw(lengths))


def walked(
    plan: SupportPlan,
    there: list[TechnicianTime],
    busy: list[TechnicianTime],
    length: timedelta,
    since: datetime,
) -> list[datetime]:
    """The same free times, found by trying every quarter of an hour against every quarter within it."""

    def is_free(who: UUID, at: datetime) -> bool:
        mine = [time for time in there if time.technician_id == who]
        taken = [time for time in busy if time.technician_id == who]
        return any(time.starts_at <= at < time.ends_at for time in mine) and not any(
            time.starts_at <= at < time.ends_at for time in taken
        )

    def is_open(at: datetime) -> bool:
        return all(
            hours_of(plan).is_open(at + part) for part in (timedelta(), QUARTER - timedelta(seconds=1))
        )

    found = []
    for number in range(4 * 24 * 9):
        start = MONDAY + number * QUARTER
        parts = [start + part * QUARTER for part in range(length // QUARTER)]
        somebody = any(all(is_free(who, part) for part in parts) for who in (ADA, BRUNO))
        if somebody and start >= since and all(is_open(part) for part in parts):
            found.append(start)
    return found


@given(PLANS, st.lists(times(), max_size=6), st.lists(times(), max_size=6), lengths, quarters)
def test_free_times_are_those_that_one_finds_by_trying_all(
    plan: SupportPlan,
    there: list[TechnicianTime],
    busy: list[TechnicianTime],
    length: timedelta,
    after: int,
) -> None:
    since = MONDAY + after * QUARTER
    found = [slot.starts_at for slot in rules.free_slots(plan, there, busy, length, since)]
    assert found == walked(plan, there, busy, length, since)


@given(PLANS, st.lists(times(), max_size=6), st.lists(times(), max_size=6), lengths)
def test_a_free_time_can_be_booked_with_somebody_and_with_nobody_twice(
    plan: SupportPlan, there: list[TechnicianTime], busy: list[TechnicianTime], length: timedelta
) -> None:
    for slot in islice(rules.free_slots(plan, there, busy, length, MONDAY), 20):
        rules.within_hours(plan, slot)
        who = rules.technician_for(slot, there, busy)
        assert who is not None
        taken = [*busy, TechnicianTime(who, slot.starts_at, slot.ends_at)]
        assert rules.technician_for(slot, there, taken) != who


def test_times_that_follow_on_one_another_are_one() -> None:
    there = [
        TechnicianTime(ADA, MONDAY + 3 * HOUR, MONDAY + 4 * HOUR),
        TechnicianTime(ADA, MONDAY + 4 * HOUR, MONDAY + 5 * HOUR),
    ]
    found = rules.next_slots(SupportPlan.private, there, [], 2 * HOUR, MONDAY)
    assert found == [Slot(MONDAY + 3 * HOUR, MONDAY + 5 * HOUR)]


def test_who_has_least_to_do_is_asked_first_unless_somebody_is_preferred() -> None:
    there = [TechnicianTime(who, MONDAY, MONDAY + 12 * HOUR) for who in (ADA, BRUNO)]
    busy = [TechnicianTime(ADA, MONDAY, MONDAY + HOUR)]
    slot = Slot(MONDAY + 3 * HOUR, MONDAY + 4 * HOUR)
    assert rules.technician_for(slot, there, busy) == BRUNO
    assert rules.technician_for(slot, there, busy, preferred=ADA) == ADA


@pytest.mark.parametrize(
    ("minutes", "longer"),
    [(5, HOUR), (0, timedelta(minutes=5)), (0, timedelta()), (0, 4 * HOUR + QUARTER), (0, -HOUR)],
)
def test_a_time_is_of_whole_quarters_and_of_a_length_that_is_given(minutes: int, longer: timedelta) -> None:
    start = MONDAY + 3 * HOUR + timedelta(minutes=minutes)
    with pytest.raises(SlotMalformed):
        rules.well_formed(Slot(start, start + longer), MONDAY)


def test_a_length_that_nobody_can_have_has_no_next_times() -> None:
    there = [TechnicianTime(ADA, MONDAY, MONDAY + 12 * HOUR)]
    assert rules.next_slots(SupportPlan.private, there, [], timedelta(), MONDAY) == []


@pytest.mark.parametrize("plan", [SupportPlan.open, SupportPlan.private])
def test_no_window_reaches_over_a_night(plan: SupportPlan) -> None:
    friday = datetime(2026, 3, 27, 15, 45, tzinfo=UTC)
    with pytest.raises(OutsideAssistanceHours):
        rules.within_hours(plan, Slot(friday, friday + HOUR))


def test_none_is_booked_for_after_the_contracts_last_day() -> None:
    asker = Asker(UUID(int=1), "Cabinet Durand", SupportPlan.open, date(2026, 3, 23), None)
    matter = Matter(TicketKind.support, TicketState.registered)
    rules.may_book(asker, matter, Slot(MONDAY + 3 * HOUR, MONDAY + 4 * HOUR), MONDAY)
    with pytest.raises(SupportOver):
        rules.may_book(asker, matter, Slot(MONDAY + 27 * HOUR, MONDAY + 28 * HOUR), MONDAY)


@pytest.mark.parametrize(
    ("ahead", "before"), [(3 * DAY, DAY), (DAY, HOUR), (HOUR + QUARTER, HOUR), (HOUR, None), (QUARTER, None)]
)
def test_a_reminder_comes_a_day_or_an_hour_before_where_that_is_ahead(
    ahead: timedelta, before: timedelta | None
) -> None:
    expected = None if before is None else MONDAY + ahead - before
    assert rules.reminder_at(MONDAY + ahead, MONDAY) == expected


def booking(**changes: object) -> Booking:
    """A booking at nine, made at six."""
    made = Booking(
        customer_id=UUID(int=1),
        booking_id=UUID(int=2),
        ticket_id=UUID(int=3),
        reference="1000-0014",
        technician_id=ADA,
        plan=SupportPlan.open,
        state=BookingState.booked,
        starts_at=MONDAY + 3 * HOUR,
        ends_at=MONDAY + 4 * HOUR,
        contact_name=None,
        contact_mail=None,
        access=None,
        booked_at=MONDAY,
        booked_by=BY,
        remind_at=MONDAY + 2 * HOUR,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_booking_that_moved_is_recalled_anew() -> None:
    slot = Slot(MONDAY + 2 * DAY, MONDAY + 2 * DAY + HOUR)
    moved = rules.moved(booking(reminded_at=MONDAY), slot, BRUNO, SupportPlan.private, MONDAY)
    assert (moved.slot, moved.technician_id, moved.revision) == (slot, BRUNO, 2)
    assert (moved.remind_at, moved.reminded_at) == (MONDAY + DAY, None)


@pytest.mark.parametrize("state", [BookingState.cancelled, BookingState.no_show, BookingState.done])
def test_what_ended_changes_no_more(state: BookingState) -> None:
    ended, later = booking(state=state), MONDAY + 5 * HOUR
    with pytest.raises(BookingOver):
        rules.cancelled(ended, "Solved.", BY, later, by_customer=False)
    with pytest.raises(BookingOver):
        rules.done(ended, "Set.", BY, later)
    with pytest.raises(BookingOver):
        rules.missed(ended, BY, later)


def test_a_customer_cancels_until_it_begins_and_a_technician_after_that_too() -> None:
    begun = MONDAY + 3 * HOUR
    rules.cancelled(booking(), "Solved.", BY, begun - timedelta(seconds=1), by_customer=True)
    with pytest.raises(AssistanceBegun):
        rules.cancelled(booking(), "Solved.", BY, begun, by_customer=True)
    ended = rules.cancelled(booking(), "Solved.", BY, begun, by_customer=False)
    assert (ended.reason, ended.ended_by, ended.remind_at) == ("Solved.", BY, None)


@pytest.mark.parametrize(
    ("first", "last"), [(-QUARTER, HOUR), (HOUR, HOUR), (timedelta(), DAY + QUARTER), (QUARTER / 3, HOUR)]
)
def test_a_technicians_hours_lie_ahead_within_a_day(first: timedelta, last: timedelta) -> None:
    with pytest.raises(HoursMalformed):
        rules.published_hours(Slot(MONDAY + first, MONDAY + last), MONDAY)
