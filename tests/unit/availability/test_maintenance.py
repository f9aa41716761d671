"""Planned maintenance: where it may lie, its notice, and the slot that is proposed, against the slow way."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.refusals import Refusal
from services.availability.model.rates import MaintenanceSlot, PlannedMaintenance, Terms
from services.availability.refusals.rates import (
    BlockingWorkTooEarly,
    MaintenanceNoticeTooShort,
    MaintenanceNotYet,
    MaintenanceOutsideSlots,
    MaintenanceWithoutLength,
)
from services.availability.rules.maintenance import may_start, next_slot, plan, replan
from tests.unit.availability import oracle
from tests.unit.availability.facts import at, instants

TERMS = Terms(Decimal(99), 48 * 3600)
NOTICE = timedelta(hours=48)
NOW = at("2026-05-01T09:00+02:00")
NIGHT = MaintenanceSlot(at("2026-05-05T22:00+02:00"), at("2026-05-06T04:00+02:00"))
PLANNED = PlannedMaintenance(NIGHT, NOW)


def slot(start: str, end: str, *, blocking: bool = True) -> MaintenanceSlot:
    """A slot of May 2026 by day and local time, as 05T22:00."""
    return MaintenanceSlot(at(f"2026-05-{start}+02:00"), at(f"2026-05-{end}+02:00"), blocking)


def proposed(refusal: Refusal) -> list[datetime]:
    """The instants that a refusal's detail names."""
    return [datetime.fromisoformat(found) for found in re.findall(r"2\d{3}-\S+T\S+\+\d\d:\d\d", str(refusal))]


@pytest.mark.parametrize(
    ("asked", "refused", "clause", "start"),
    [
        (slot("05T14:00", "05T16:00"), MaintenanceOutsideSlots, "5-d", "05T22:00"),
        (slot("05T14:00", "05T16:00", blocking=False), MaintenanceOutsideSlots, "5-d", "05T20:00"),
        (slot("05T22:00", "06T07:00:01"), MaintenanceOutsideSlots, "5-d", "07T22:00"),
        (slot("05T20:00", "05T22:00"), BlockingWorkTooEarly, "5-c", "05T22:00"),
        (slot("13T20:00", "14T06:00"), BlockingWorkTooEarly, "5-c", "13T22:00"),
        (slot("02T22:00", "03T02:00"), MaintenanceNoticeTooShort, "5-d", "03T09:00"),
        (slot("01T22:00", "02T02:00"), MaintenanceNoticeTooShort, "5-d", "03T09:00"),
    ],
)
def test_a_refusal_names_its_clause_and_the_next_slot_of_that_length(
    asked: MaintenanceSlot, refused: type[Refusal], clause: str, start: str
) -> None:
    with pytest.raises(refused) as caught:
        plan(asked, NOW, TERMS)

    length = asked.ends_at - asked.starts_at
    begins = at(f"2026-05-{start}+02:00")
    assert caught.value.clause == clause
    assert proposed(caught.value) == [begins, begins + length]


def test_the_notice_is_the_booklets() -> None:
    with pytest.raises(MaintenanceNoticeTooShort, match="The notice is 72 hours"):
        plan(NIGHT, NIGHT.starts_at - NOTICE, Terms(Decimal(99), 72 * 3600))


def test_no_slot_is_proposed_for_what_is_longer_than_all() -> None:
    with pytest.raises(MaintenanceOutsideSlots, match="make it shorter"):
        plan(slot("05T22:00", "13T22:00"), NOW, TERMS)


@pytest.mark.parametrize("end", ["05T22:00", "05T21:00"])
def test_maintenance_has_a_length(end: str) -> None:
    with pytest.raises(MaintenanceWithoutLength):
        plan(slot("05T22:00", end), NOW, TERMS)


@given(
    instants(oracle.MINUTE), st.integers(1, 900) | st.sampled_from([2040, 3420, 4860, 6300]), st.booleans(),
    st.integers(-300, 300) | st.integers(-9000, 9000),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_what_is_planned_is_what_the_clock_on_the_wall_allows(
    start: datetime, minutes: int, blocking: bool, margin: int
) -> None:
    asked = MaintenanceSlot(start, start + minutes * oracle.MINUTE, blocking)
    now = start - NOTICE - margin * oracle.MINUTE
    fits = all(
        oracle.may_be_planned_at(minute, blocking=blocking)
        for minute in oracle.walked(asked.starts_at, asked.ends_at, oracle.MINUTE)
    )

    try:
        plan(asked, now, TERMS)
    except Refusal:
        assert not (fits and margin >= 0)
    else:
        assert fits
        assert margin >= 0


@given(instants(oracle.MINUTE), st.integers(1, 4000), st.booleans(), st.integers(-4000, 4000))
@settings(max_examples=60, deadline=None)
def test_the_slot_proposed_is_the_first_that_fits_and_is_accepted(
    start: datetime, minutes: int, blocking: bool, margin: int
) -> None:
    asked = MaintenanceSlot(start, start + minutes * oracle.MINUTE, blocking)
    now = start - NOTICE - margin * oracle.MINUTE

    found = next_slot(asked, now, TERMS)

    assert found is not None
    assert found.starts_at == oracle.first_slot(max(start, now + NOTICE), minutes, blocking=blocking)
    assert found.ends_at - found.starts_at == asked.ends_at - asked.starts_at
    assert plan(found, now, TERMS).slot == found


def test_a_slot_is_proposed_to_the_minute_and_still_in_time() -> None:
    now = at("2026-05-02T23:10:20.5+02:00")

    found = next_slot(slot("02T23:00", "03T01:00"), now, TERMS)

    assert found == slot("04T23:11", "05T01:11")


@pytest.mark.parametrize(
    "changed",
    [
        slot("05T22:00", "06T03:00"),
        slot("05T23:00", "06T04:00"),
        slot("05T22:00", "06T04:00", blocking=False),
    ],
)
def test_what_stays_within_the_announced_slot_keeps_its_announcement(changed: MaintenanceSlot) -> None:
    assert replan(PLANNED, changed, NIGHT.starts_at, TERMS).announced_at == NOW


@pytest.mark.parametrize(
    "changed", [slot("05T22:00", "06T04:01"), slot("06T22:00", "07T04:00"), slot("05T23:00", "06T05:00")]
)
def test_moving_and_extending_need_a_new_notice(changed: MaintenanceSlot) -> None:
    in_time = changed.starts_at - NOTICE

    assert replan(PLANNED, changed, in_time, TERMS).announced_at == in_time
    with pytest.raises(MaintenanceNoticeTooShort):
        replan(PLANNED, changed, in_time + oracle.SECOND, TERMS)


def test_blocking_what_was_to_stay_open_needs_a_new_notice() -> None:
    open_night = PlannedMaintenance(slot("05T22:00", "06T04:00", blocking=False), NOW)

    with pytest.raises(MaintenanceNoticeTooShort):
        replan(open_night, NIGHT, NIGHT.starts_at - oracle.MINUTE, TERMS)


def test_starting_earlier_needs_a_new_notice_too() -> None:
    with pytest.raises(MaintenanceNotYet, match=r"2026-05-05T22:00:00\+02:00"):
        may_start(PLANNED, NIGHT.starts_at - oracle.SECOND)
    may_start(PLANNED, NIGHT.starts_at)
    may_start(PLANNED, NIGHT.starts_at + oracle.MINUTE)
