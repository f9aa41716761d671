"""In which order what waits is served, and who may pass a ticket on."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ticketing.model.queue import Waiting
from services.ticketing.model.tickets import SupportPlan
from services.ticketing.refusals.queue import TicketAssigned, TicketNotYours
from services.ticketing.rules.queue import goes_before, may_assign, may_hand_over

START = datetime(2026, 3, 26, 9, 0, tzinfo=UTC)
ADA, BRUNO = UUID(int=1), UUID(int=2)

instants = st.integers(0, 5).map(lambda hours: START + timedelta(hours=hours))
waiting = st.builds(
    Waiting,
    plan=st.sampled_from(SupportPlan),
    registered_at=instants,
    ticket_id=st.integers(0, 2**64).map(lambda number: UUID(int=number)),
    nearest_due_at=st.none() | instants,
)


@given(waiting, waiting, waiting)
def test_what_waits_stands_in_one_order(one: Waiting, two: Waiting, three: Waiting) -> None:
    if one.ticket_id != two.ticket_id:
        assert goes_before(one, two) is not goes_before(two, one)
    if goes_before(one, two) and goes_before(two, three):
        assert goes_before(one, three)


@given(waiting, waiting)
def test_nothing_of_another_plan_goes_before_private(one: Waiting, two: Waiting) -> None:
    if one.plan is not SupportPlan.private and two.plan is SupportPlan.private:
        assert goes_before(two, one)


def test_an_agent_takes_what_nobody_has_and_an_administrator_gives_what_another_has() -> None:
    may_assign(None, ADA, is_administrator=False)
    may_assign(ADA, ADA, is_administrator=False)
    may_assign(BRUNO, ADA, is_administrator=True)
    with pytest.raises(TicketAssigned):
        may_assign(BRUNO, ADA, is_administrator=False)


def test_only_whom_a_ticket_is_assigned_to_hands_it_over() -> None:
    may_hand_over(ADA, ADA, is_administrator=False)
    may_hand_over(BRUNO, ADA, is_administrator=True)
    for has in (BRUNO, None):
        with pytest.raises(TicketNotYours):
            may_hand_over(has, ADA, is_administrator=False)
