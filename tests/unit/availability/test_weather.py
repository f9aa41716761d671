"""The weather (6-g, 5-a): what it says of each service and each maintenance at an instant, and of its age."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.availability.commands.weather import digest_of
from services.availability.model.weather import Facts, Interruption, Maintenance, Phase, Standing, Status
from services.availability.rules.weather import RECENT, freshness_of, notice_of, status_of, weather_of
from tests.unit.availability.skies import (
    CANCELLED,
    ENDED,
    EVERY,
    GOING_ON,
    HOUR,
    LAPSED,
    LATE,
    NOW,
    OFFERINGS,
    OVER,
    OVERRUN,
    PLANNED,
    PORTAL_DOWN,
    SERVICE_DOWN,
    TOLD_AT,
    URGENT,
    maintenance,
)

BLOCKING = replace(GOING_ON, blocking=True)


def ids(notices: object) -> list[int]:
    return [each.maintenance.maintenance_id.int for each in notices]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("held", "phase"),
    [
        (PLANNED, Phase.planned),
        (LATE, Phase.late),
        (GOING_ON, Phase.going_on),
        (ENDED, Phase.ended),
        (CANCELLED, Phase.cancelled),
        (LAPSED, Phase.lapsed),
        (URGENT, Phase.going_on),
    ],
    ids=lambda value: str(value) if isinstance(value, Phase) else value.kind,
)
def test_a_maintenance_has_one_phase(held: Maintenance, phase: Phase) -> None:
    assert notice_of(held, NOW).phase is phase


@pytest.mark.parametrize(("seconds", "since"), [(-1, None), (0, None), (1, OVERRUN.ends_at)])
def test_it_overruns_once_its_announced_end_is_past(seconds: int, since: object) -> None:
    assert OVERRUN.ends_at is not None
    assert notice_of(OVERRUN, OVERRUN.ends_at + timedelta(seconds=seconds)).overran_since == since


def test_what_ended_late_says_so_for_ever_and_what_never_began_overruns_nothing() -> None:
    assert notice_of(ENDED, NOW + HOUR).overran_since == ENDED.ends_at
    assert notice_of(LAPSED, NOW).overran_since is None


def test_maintenance_stands_under_what_is_going_on_to_come_or_over() -> None:
    told = weather_of(Facts(maintenance=EVERY), NOW)

    assert ids(told.maintenance) == [3, 2, 7, 8]
    assert ids(told.planned) == [1]
    assert ids(told.past_maintenance) == [5, 6, 4]


def test_what_was_over_thirty_days_ago_is_told_no_more() -> None:
    assert ENDED.ended_at is not None
    assert OVER.ends_at is not None
    facts = Facts(interruptions=(OVER,), maintenance=(ENDED,))

    last = min(OVER.ends_at, ENDED.ended_at) + RECENT - timedelta(seconds=1)
    told = weather_of(facts, last)
    assert (len(told.past_maintenance), len(told.past_interruptions)) == (1, 1)
    after = weather_of(facts, max(OVER.ends_at, ENDED.ended_at) + RECENT)
    assert (after.past_maintenance, after.past_interruptions) == ((), ())


def test_all_is_well_without_interruption_or_maintenance() -> None:
    told = weather_of(Facts(offerings=OFFERINGS, interruptions=(OVER,), maintenance=(PLANNED, GOING_ON)), NOW)

    assert told.portal == Standing(Status.operational)
    assert [each.status for each in told.services] == [Status.operational] * 2


def test_a_service_is_down_alone() -> None:
    told = weather_of(Facts(offerings=OFFERINGS, interruptions=(SERVICE_DOWN,)), NOW)

    assert told.portal.status is Status.operational
    assert [each.status for each in told.services] == [Status.interrupted, Status.operational]
    assert told.services[0].since == SERVICE_DOWN.starts_at


def test_nothing_is_reached_while_the_portal_is_down() -> None:
    told = weather_of(Facts(offerings=OFFERINGS, interruptions=(SERVICE_DOWN, PORTAL_DOWN)), NOW)

    assert {each.status for each in (told.portal, *told.services)} == {Status.interrupted}
    assert {each.since for each in told.services} == {PORTAL_DOWN.starts_at}


def test_an_interruption_is_the_blocking_maintenance_until_its_announced_end() -> None:
    facts = Facts(interruptions=(PORTAL_DOWN,), maintenance=(BLOCKING,))
    assert BLOCKING.ends_at is not None

    assert status_of(None, facts, BLOCKING.ends_at - timedelta(seconds=1)).status is Status.maintenance
    assert status_of(None, facts, BLOCKING.ends_at).status is Status.interrupted


def test_an_overrun_without_interruption_is_still_maintenance() -> None:
    assert status_of(None, Facts(maintenance=(OVERRUN,)), NOW).status is Status.maintenance


def test_work_that_blocks_nothing_excuses_no_interruption() -> None:
    facts = Facts(interruptions=(PORTAL_DOWN,), maintenance=(GOING_ON,))

    assert status_of(None, facts, NOW).status is Status.interrupted


@pytest.mark.parametrize(("seconds", "stale"), [(0, False), (180, False), (181, True), (86_400, True)])
def test_a_state_says_that_updates_have_stopped_once_it_is_good_no_more(seconds: int, stale: bool) -> None:
    now = TOLD_AT + timedelta(seconds=seconds)
    freshness = freshness_of(TOLD_AT, TOLD_AT + timedelta(minutes=3), now)

    assert (freshness.is_stale, freshness.age) == (stale, timedelta(seconds=seconds))


def test_a_clock_that_was_set_back_makes_no_negative_age() -> None:
    freshness = freshness_of(TOLD_AT, TOLD_AT + timedelta(minutes=3), TOLD_AT - HOUR)

    assert freshness.age == timedelta(0)


def test_the_digest_is_that_of_what_is_said_not_of_when() -> None:
    facts = Facts(offerings=OFFERINGS, interruptions=(PORTAL_DOWN,), maintenance=EVERY)
    said = digest_of(weather_of(facts, NOW))

    assert digest_of(weather_of(facts, NOW + timedelta(seconds=59))) == said
    assert digest_of(weather_of(replace(facts, interruptions=()), NOW)) != said
    assert digest_of(weather_of(facts, NOW + timedelta(days=2))) != said


@given(st.lists(st.sampled_from(EVERY), unique=True), st.integers(-60, 60 * 24 * 40))
def test_each_maintenance_is_told_once_in_whatever_order_it_comes(
    held: list[Maintenance], minutes: int
) -> None:
    now = NOW + timedelta(minutes=minutes)
    told = weather_of(Facts(maintenance=tuple(held)), now)
    listed = ids((*told.maintenance, *told.planned, *told.past_maintenance))

    assert len(listed) == len(set(listed))
    assert told == weather_of(Facts(maintenance=tuple(reversed(held))), now)


@given(st.lists(st.integers(0, 100), max_size=6), st.integers(0, 100))
def test_the_portal_is_interrupted_exactly_while_an_outage_of_it_goes_on(starts: list[int], at: int) -> None:
    outages = tuple(
        Interruption(maintenance(n, NOW).maintenance_id, NOW + n * HOUR, ends_at=NOW + (n + 5) * HOUR)
        for n in starts
    )
    begun = [n for n in starts if n <= at]
    facts = Facts(interruptions=tuple(each for each in outages if each.starts_at <= NOW + at * HOUR))
    interrupted = status_of(None, facts, NOW + at * HOUR).status is Status.interrupted

    assert interrupted == any(at < n + 5 for n in begun)
