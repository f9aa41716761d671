"""Timed work of availability."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from chassis import metrics
from chassis.db import Tx
from chassis.hears import Context, Job
from services.availability.commands import alerts, probes
from services.availability.commands.hosting import remind
from services.availability.commands.months import close_due, say_lost
from services.availability.commands.reviews import review_closed
from services.availability.commands.weather import Telling, tell
from services.availability.settings import AvailabilitySettings
from services.availability.store.outages import count_open


async def close_months(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Months that are over and settled are closed (6-h)."""
    await close_due(tx, context.clock.business_now())


async def revise_months(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Closed months under a record that changed are revised where it changed them (6-h)."""
    await review_closed(tx, context.clock.business_now())


async def say_commitments_lost(tx: Tx, _due_at: datetime, context: Context) -> None:
    """A month that can no longer be met is said to be lost (6-a)."""
    await say_lost(tx, context.clock.business_now())


async def tell_weather(tx: Tx, _due_at: datetime, context: Context) -> None:
    """What the weather says is compared with what it said: no change of any kind is left out (6-g)."""
    settings, clock = cast(AvailabilitySettings, context.settings), context.clock
    every = timedelta(seconds=settings.weather_seconds)
    await tell(tx, Telling(clock.business_now(), clock.system_now(), settings.origin, every))


async def remind_of_hosting(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Operations are told of hosting evidence that ends soon, and of what has ended (7-a)."""
    settings = cast(AvailabilitySettings, context.settings)
    await remind(tx, settings.operations_mail, context.clock.business_now())


async def tell_silent_places(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Operations are alarmed of places from which nothing is heard: that is no outage by itself (6-b)."""
    settings = cast(AvailabilitySettings, context.settings)
    await probes.tell_silent(tx, settings.operations_mail, context.clock.system_now())


async def measure_outages(tx: Tx, _due_at: datetime, _context: Context) -> None:
    """Shows operators how many outages go on."""
    metrics.OUTAGES_OPEN.clear()
    for environment, count in await count_open(tx):
        metrics.OUTAGES_OPEN.labels(environment).set(count)


async def forget_old_probes(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Results of probes and alerts go when they are old; what made an outage stays with it."""
    settings, now = cast(AvailabilitySettings, context.settings), context.clock.system_now()
    await probes.forget_old(tx, timedelta(days=settings.probes_kept_days), now)
    await alerts.forget_old(tx, timedelta(days=settings.alerts_kept_days), now)


EVERY: dict[timedelta | str, Job | Sequence[Job]] = {
    timedelta(minutes=1): (close_months, revise_months, remind_of_hosting),
    timedelta(seconds=10): (say_commitments_lost, tell_silent_places, measure_outages),
    timedelta(minutes=10): forget_old_probes,
    timedelta(seconds=2): tell_weather,
}
