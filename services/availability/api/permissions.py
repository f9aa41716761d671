"""Who may do what in availability: operations keep the record, all the publisher's staff reads it, and a
customer reads what touches it."""

from typing import Annotated
from uuid import UUID

from chassis.auth import COMPANY_ROLES, FIRM_ROLES, PUBLISHER_ROLES, Caller, Role, allowed
from services.availability.model.records import Viewer
from services.availability.refusals.records import CustomerUnknown

Operations = Annotated[Caller, allowed(Role.operations, Role.publisher_admin)]
StaffReader = Annotated[Caller, allowed(*PUBLISHER_ROLES)]
Prober = Annotated[Caller, allowed(Role.machine, scope="probes:report")]
AlertSender = Annotated[Caller, allowed(Role.machine, scope="alerts:deliver")]
CustomerReader = Annotated[Caller, allowed(*FIRM_ROLES, Role.partner, scope="availability:read")]
PortalReader = Annotated[
    Caller, allowed(*FIRM_ROLES, *COMPANY_ROLES, Role.partner, scope="availability:read")
]
"""Companies' people too: they learn what concerns the portal as such."""
AnyReader = Annotated[
    Caller,
    allowed(*PUBLISHER_ROLES, *FIRM_ROLES, *COMPANY_ROLES, Role.partner, scope="availability:read"),
]


def own_customer(caller: Caller) -> UUID:
    """The customer that the caller belongs to."""
    if caller.customer_id is None:
        raise CustomerUnknown
    return caller.customer_id


def viewer_of(caller: Caller) -> Viewer:
    """For whom a customer's caller reads the record."""
    return Viewer(own_customer(caller), portal_only=caller.company_id is not None)
