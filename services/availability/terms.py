"""What the booklet in force commits to on a day."""

from datetime import date, timedelta
from decimal import Decimal

from contracts.booklet.figures import figure
from services.availability.model.hosting import HostingTerms
from services.availability.model.rates import Terms

HOUR = 3600


def terms_on(day: date) -> Terms:
    """The committed rate of a month that begins that day, and the notice of what is announced on it.

    Raises BookletUnreadable, and NotInForce for a day on which a figure has no value.
    """
    return Terms(
        committed_rate=Decimal(figure("6-a", "committed_rate", day)),
        notice_seconds=figure("5-d", "notice", day) * HOUR,
    )


def settling_on(day: date) -> timedelta:
    """6-h: how long after its end a month that begins that day closes. Raises as `terms_on` does."""
    return timedelta(hours=figure("6-h", "settling", day))


def hosting_terms_on(day: date) -> HostingTerms:
    """7-a: what hosting is committed to, how early its end is told. Raises as `terms_on` does."""
    return HostingTerms(
        commitments=tuple(figure("7-a", "commitments", day)),
        reminder_days=figure("7-a", "reminder", day),
    )
