"""Who may do what in the catalogue. Activating costs and binds: it is the administrator's."""

from typing import Annotated
from uuid import UUID

from chassis.auth import COMPANY_ROLES, FIRM_ROLES, PROGRAM_ROLES, PUBLISHER_ROLES, Caller, Role, allowed
from services.catalog.refusals import CompanyUnknown, CustomerUnknown

PublisherAdmin = Annotated[Caller, allowed(Role.publisher_admin)]
Support = Annotated[Caller, allowed(Role.support_agent, Role.publisher_admin)]
PublisherStaff = Annotated[Caller, allowed(*PUBLISHER_ROLES)]
CatalogueReader = Annotated[
    Caller, allowed(*PUBLISHER_ROLES, *FIRM_ROLES, *PROGRAM_ROLES, scope="catalog:read")
]
CustomerAdmin = Annotated[Caller, allowed(Role.firm_admin)]
"""A firm's administrator, or that of a direct customer."""
CustomerReader = Annotated[Caller, allowed(*FIRM_ROLES, Role.partner, scope="catalog:read")]
PortalReader = Annotated[Caller, allowed(*FIRM_ROLES, *COMPANY_ROLES, Role.partner, scope="catalog:read")]
ActivationReader = Annotated[
    Caller, allowed(*FIRM_ROLES, *COMPANY_ROLES, Role.partner, scope="activations:read")
]


def own_customer(caller: Caller) -> UUID:
    """The customer that the caller belongs to. The publisher's staff names one in the path instead."""
    if caller.customer_id is None:
        raise CustomerUnknown
    return caller.customer_id


def own_company(caller: Caller, asked: UUID | None) -> UUID | None:
    """The company whose things the caller may see: a company's people their own, the firm's any or all."""
    if caller.company_id is None:
        return asked
    if asked is not None and asked != caller.company_id:
        raise CompanyUnknown
    return caller.company_id
