"""Who may do what about tickets. A customer's programs need a scope; a company is sent to its firm (17-a)."""

from typing import Annotated
from uuid import UUID

from chassis.auth import COMPANY_ROLES, FIRM_ROLES, PUBLISHER_ROLES, Caller, Role, allowed
from services.ticketing.refusals.tickets import CompanyUnknown, CustomerUnknown

Agent = Annotated[Caller, allowed(Role.support_agent, Role.publisher_admin)]
"""Who answers tickets: a technician."""
StaffReader = Annotated[Caller, allowed(*PUBLISHER_ROLES)]
CustomerPeople = Annotated[Caller, allowed(*FIRM_ROLES)]
"""A firm's people, or those of a direct customer."""
TicketReader = Annotated[Caller, allowed(*FIRM_ROLES, Role.partner, scope="tickets:read")]
TicketWriter = Annotated[Caller, allowed(*FIRM_ROLES, Role.partner, scope="tickets:write")]
Asker = Annotated[Caller, allowed(*FIRM_ROLES, *COMPANY_ROLES, Role.partner, scope="tickets:write")]
"""Whoever may try to register a ticket; a company's people learn that their firm does (17-a)."""


def own_customer(caller: Caller) -> UUID:
    """The customer that the caller belongs to. The publisher's staff names one in the path instead."""
    if caller.customer_id is None:
        raise CustomerUnknown
    return caller.customer_id


def own_company(caller: Caller, asked: UUID | None) -> UUID | None:
    """The company that a ticket is about: any for a firm's people, none but its own for a company's."""
    if caller.company_id is not None and asked not in (None, caller.company_id):
        raise CompanyUnknown
    return asked
