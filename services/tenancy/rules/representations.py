"""Acting for a customer: within which time, and who may end it."""

from datetime import datetime, timedelta
from uuid import UUID

from services.tenancy.door_refusals import RepresentationOver, RepresentationUnknown
from services.tenancy.model import Representation

LONGEST_MINUTES = 60


def ends_at(started_at: datetime, minutes: int) -> datetime:
    """A representation lasts as long as was asked, an hour at most."""
    return started_at + timedelta(minutes=min(minutes, LONGEST_MINUTES))


def must_be_its_own(representation: Representation, person_id: UUID, now: datetime) -> None:
    """11-a: only who said why it acts for a customer does so, and only for the time it said.

    Raises RepresentationUnknown, RepresentationOver.
    """
    if representation.person_id != person_id:
        raise RepresentationUnknown
    must_be_open(representation, now)


def must_be_open(representation: Representation, now: datetime) -> None:
    """One that was ended, or whose time is over, stays so."""
    if representation.ended_at is not None or representation.ends_at <= now:
        raise RepresentationOver
