"""What the booklet in force commits to for a year of support (13.2-g), and where its days begin."""

from datetime import date
from zoneinfo import ZoneInfo

from contracts.booklet.figures import figure
from contracts.booklet.hours import calendar
from services.ticketing.model.compliance import ShareTerms


def share_terms_of(day: date) -> ShareTerms:
    """13.2-g: the share committed to in a year of support that begins on that day, and how long one is.

    Raises BookletUnreadable, and NotInForce.
    """
    return ShareTerms(figure("13.2-g", "committed_share", day), figure("13.2-g", "period", day))


def zone() -> ZoneInfo:
    """The booklet's time zone, in which days and months begin."""
    return calendar("support.open").zone
