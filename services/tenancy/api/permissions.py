"""Who may do what in tenancy. Giving and taking access is the firm administrator's alone (11-a)."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from chassis.auth import COMPANY_ROLES, FIRM_ROLES, PUBLISHER_ROLES, Anyone, Caller, Role, allowed
from chassis.clock import Clock
from services.tenancy.commands.credentials import Instants
from services.tenancy.commands.door import Door
from services.tenancy.door_refusals import NotWhileRepresenting
from services.tenancy.refusals import CompanyUnknown, CustomerUnknown

PublisherAdmin = Annotated[Caller, allowed(Role.publisher_admin)]
PublisherStaff = Annotated[Caller, allowed(*PUBLISHER_ROLES)]
SupportStaff = Annotated[Caller, allowed(Role.publisher_admin, Role.support_agent)]
FirmAdmin = Annotated[Caller, allowed(Role.firm_admin)]
"""The administrator of a firm, or of a direct customer."""
FirmPeople = Annotated[Caller, allowed(*FIRM_ROLES)]
CompanyReader = Annotated[Caller, allowed(*FIRM_ROLES, *COMPANY_ROLES, Role.partner, scope="companies:read")]
CustomerReader = Annotated[
    Caller, allowed(*PUBLISHER_ROLES, *FIRM_ROLES, Role.machine, scope="customers:read")
]
CustomersReader = Annotated[Caller, allowed(*PUBLISHER_ROLES, Role.machine, scope="customers:read")]
"""Whoever sees all customers of the portal."""


async def _oneself(caller: Anyone) -> Caller:
    if caller.on_behalf_of is not None:
        raise NotWhileRepresenting
    return caller


Oneself = Annotated[Caller, Depends(_oneself)]
"""Any person, about its own access: not a member of the staff who acts for a customer (11-a)."""


def door_of(request: Request) -> Door:
    """What the door works with, in this process."""
    state = request.app.state
    return Door(state.db, state.hasher, state.sealer)


def own_customer(caller: Caller) -> UUID:
    """The customer that the caller belongs to."""
    if caller.customer_id is None:
        raise CustomerUnknown
    return caller.customer_id


def own_company(caller: Caller, asked: UUID) -> UUID:
    """The company asked for; a company's people see their own only, another is not there for them."""
    if caller.company_id is not None and caller.company_id != asked:
        raise CompanyUnknown
    return asked


def instants_of(clock: Clock) -> Instants:
    """Both clocks at this moment."""
    return Instants(clock.business_now(), clock.system_now())


def mounted_at(request: Request) -> str:
    """Where the origin has put this service, before `/v1`; empty when it stands alone."""
    root: str = request.scope.get("root_path", "")
    return root
