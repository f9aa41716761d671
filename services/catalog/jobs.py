"""Timed work of the catalogue: withdrawn services end on their day (3-d)."""

from datetime import datetime, timedelta

from chassis.db import Tx
from chassis.hears import Context, Job
from services.catalog.commands.deactivations import end_with_offerings


async def end_withdrawn_offerings(tx: Tx, _due_at: datetime, context: Context) -> None:
    """Ends the activations of every offering whose announced day has passed."""
    await end_with_offerings(tx, context.clock.business_now())


EVERY: dict[timedelta | str, Job] = {timedelta(minutes=1): end_withdrawn_offerings}
