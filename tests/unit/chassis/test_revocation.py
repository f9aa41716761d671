"""What each process knows of disabled credentials."""

from uuid import uuid4

from chassis.auth.revocation import Revocations
from chassis.clock import system_now
from tests.unit.chassis.slow import SlowAtFirst


async def test_a_look_that_was_slow_does_not_undo_one_asked_for_later() -> None:
    revocations, disabled = Revocations(), uuid4()
    await SlowAtFirst().asked_twice(revocations.refresh, then=(disabled, system_now()))
    assert disabled in revocations
