"""Timed work of ticketing: what is said of clocks at their instants, and reminders of what was booked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis.db import Tx
from chassis.hears import Context, Job
from services.ticketing.commands.deadlines import say_due
from services.ticketing.commands.reminders import remind


async def say_deadlines(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Says which clocks are three quarters gone, and which exceed their limit."""
    await say_due(tx, context.clock.business_now())


async def send_reminders(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Reminds people of the remote assistance and the web sessions that they are to attend."""
    await remind(tx, context.clock.business_now())


EVERY: dict[timedelta | str, Job | Sequence[Job]] = {
    timedelta(seconds=2): say_deadlines,
    timedelta(seconds=30): send_reminders,
}
