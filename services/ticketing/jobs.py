"""Timed work of ticketing: what is said of clocks at their instants."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis.db import Tx
from chassis.hears import Context, Job
from services.ticketing.commands.deadlines import say_due


async def say_deadlines(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Says which clocks are three quarters gone, and which exceed their limit."""
    await say_due(tx, context.clock.business_now())


EVERY: dict[timedelta | str, Job | Sequence[Job]] = {timedelta(seconds=2): say_deadlines}
