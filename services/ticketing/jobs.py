"""Timed work of ticketing: what is said of clocks at their instants, reminders, and what operators see."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis import metrics
from chassis.db import Tx
from chassis.hears import Context, Job
from services.ticketing.commands.deadlines import say_due
from services.ticketing.commands.reminders import remind
from services.ticketing.store.queue import list_standings


async def say_deadlines(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Says which clocks are three quarters gone, and which exceed their limit."""
    await say_due(tx, context.clock.business_now())


async def send_reminders(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Reminds people of the remote assistance and the web sessions that they are to attend."""
    await remind(tx, context.clock.business_now())


async def measure_queues(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Shows operators what waits in each queue, and what of it is past due."""
    standings = await list_standings(tx, context.clock.business_now())
    for gauge in (metrics.TICKETS_WAITING, metrics.TICKETS_OVERDUE):
        gauge.clear()
    for one in standings:
        metrics.TICKETS_WAITING.labels(one.queue).set(one.waiting)
        metrics.TICKETS_OVERDUE.labels(one.queue).set(one.overdue)


EVERY: dict[timedelta | str, Job | Sequence[Job]] = {
    timedelta(seconds=2): say_deadlines,
    timedelta(seconds=15): measure_queues,
    timedelta(seconds=30): send_reminders,
}
