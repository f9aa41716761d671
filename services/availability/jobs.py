"""Timed work of availability."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis.db import Tx
from chassis.hears import Context, Job
from services.availability.commands.months import close_due, say_lost
from services.availability.commands.reviews import review_closed


async def close_months(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Months that are over and settled are closed (6-h)."""
    await close_due(tx, context.clock.business_now())


async def revise_months(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Closed months under a record that changed are revised where it changed them (6-h)."""
    await review_closed(tx, context.clock.business_now())


async def say_commitments_lost(tx: Tx, _due_at: datetime, context: Context) -> None:
    """A month that can no longer be met is said to be lost (6-a)."""
    await say_lost(tx, context.clock.business_now())


EVERY: dict[timedelta | str, Job | Sequence[Job]] = {
    timedelta(minutes=1): (close_months, revise_months),
    timedelta(seconds=10): say_commitments_lost,
}
