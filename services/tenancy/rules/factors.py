"""Who needs a second factor."""

from chassis.roles import PUBLISHER_ROLES, Role
from services.tenancy.door_refusals import EnrolmentRequired, SecondFactorRequired
from services.tenancy.model import Entrant


def must_present_code(entrant: Entrant, presented: bool) -> None:
    """11-b: who has enrolled a second factor enters with it; the publisher's staff must have one.

    Only who has shown the right password is told. Raises SecondFactorRequired, EnrolmentRequired.
    """
    if entrant.second_factor and not presented:
        raise SecondFactorRequired
    if not entrant.second_factor and Role(entrant.role) in PUBLISHER_ROLES:
        raise EnrolmentRequired
