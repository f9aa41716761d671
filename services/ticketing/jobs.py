"""Timed work of ticketing: what is said of clocks, reminders, mail, and what operators see."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from chassis import metrics
from chassis.clock import monotonic
from chassis.db import Database, Tx
from chassis.hears import Context, Job
from services.ticketing.commands.deadlines import say_due
from services.ticketing.commands.mail_intake import work_next
from services.ticketing.commands.reminders import remind
from services.ticketing.settings import TicketingSettings
from services.ticketing.store import mail
from services.ticketing.store.queue import list_standings

MAIL_SECONDS = 5.0


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


async def go_on_with_mail(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Works on what came in by mail for some seconds. Each mail is a transaction of its own, so that one that
    fails stops no other.
    """
    if not await mail.is_any_due(tx, context.clock.business_now()):
        return
    db = Database.create(context.settings.database_url, pool_size=1, application_name="ticketing-mail")
    try:
        until = monotonic() + MAIL_SECONDS
        while monotonic() < until and await work_next(db, context.clock.business_now()):
            pass
    finally:
        await db.close()


async def measure_mails(tx: Tx, _due_at: datetime, _context: Context) -> None:
    """Shows operators how many mails wait for an agent to decide."""
    for state, count in (await mail.count_undecided(tx)).items():
        metrics.MAILS_WAITING.labels(state.value).set(count)


async def forget_old_mails(tx: Tx, _due_at: datetime, context: Context) -> None:
    """What a mail became stays; as it came it goes when it is old."""
    kept = timedelta(days=cast(TicketingSettings, context.settings).mails_kept_days)
    await mail.forget(tx, context.clock.business_now() - kept)


EVERY: dict[timedelta | str, Job | Sequence[Job]] = {
    timedelta(seconds=2): (say_deadlines, go_on_with_mail),
    timedelta(seconds=15): (measure_queues, measure_mails),
    timedelta(seconds=30): send_reminders,
    timedelta(days=1): forget_old_mails,
}
