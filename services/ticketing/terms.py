"""What the booklet in force promises a ticket on the day it is registered."""

from datetime import datetime
from functools import lru_cache

from contracts.booklet.figures import figure
from contracts.booklet.hours import calendar
from contracts.booklet.loader import booklet_path, load_booklet
from services.ticketing.model.clocks import SupportedPlan, Terms

HOUR = 3600


def terms_of(plan: SupportedPlan, registered_at: datetime) -> Terms:
    """R1: plan, limits and hours freeze at registration; its local day tells which are in force.

    Raises BookletUnreadable, and NotInForce for a day on which a figure has no value.
    """
    name = f"support.{plan}"
    day = registered_at.astimezone(calendar(name).zone).date()
    return Terms(
        calendar=name,
        frozen_on=day,
        take_charge_seconds=figure("13.2-e", f"take_charge_{plan}", day) * HOUR,
        plan_seconds=figure("13.3-b", "corrective_plan", day) * HOUR,
        correction_days=figure("13.3-c", "correction", day),
        net_decides=figure("13.3-b", "net_time_decides", day),
    )


def booklet_of() -> str:
    """Whose booklet it is that these terms are of (2-a). Raises BookletUnreadable."""
    return _publisher(str(booklet_path()))


@lru_cache(maxsize=4)
def _publisher(path: str) -> str:
    return load_booklet(path).publisher
