"""Business time moves by its own origin and rate; real time does not."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.clock import Clock, system_now
from tests.unit.chassis.slow import SlowAtFirst

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def test_without_an_origin_business_time_is_real_time() -> None:
    before = system_now()
    now = Clock().business_now()
    assert before <= now <= system_now()


def test_business_time_runs_from_its_origin_at_its_rate() -> None:
    an_hour_ago = system_now() - timedelta(hours=1)
    now = Clock(NEW_YEAR, an_hour_ago, rate=24).business_now()
    assert timedelta(0) <= now - (NEW_YEAR + timedelta(days=1)) < timedelta(hours=1)


def test_rate_zero_stands_still() -> None:
    clock = Clock(NEW_YEAR, system_now() - timedelta(days=3), rate=0)
    assert clock.business_now() == NEW_YEAR


def test_advance_moves_forward_from_the_present_business_time() -> None:
    clock = Clock(NEW_YEAR, system_now(), rate=0)
    clock.advance(timedelta(days=31))
    assert clock.business_now() == datetime(2027, 2, 1, tzinfo=UTC)


def test_business_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="does not go back"):
        Clock().advance(timedelta(seconds=-1))


async def test_a_reading_that_was_slow_does_not_undo_one_asked_for_later() -> None:
    clock, db = Clock(), SlowAtFirst((NEW_YEAR, NEW_YEAR, 0))
    await db.asked_twice(clock.refresh, then=(NEW_YEAR + timedelta(days=1), NEW_YEAR, 0))
    assert clock.business_now() == NEW_YEAR + timedelta(days=1)
