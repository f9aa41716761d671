"""Customers are registered and corrected by the publisher, and change their support plan."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis.db import Tx
from contracts.events import Event
from contracts.events.tenancy import CompanyRegistered, CustomerRegistered, SupportPlanChanged
from services.tenancy.commands.contracts import open_contract
from services.tenancy.commands.standing import company_standing, customer_standing
from services.tenancy.contract_model import Term
from services.tenancy.model import CustomerKind, Identity, NewCompany, NewCustomer, SupportPlan
from services.tenancy.refusals import PortalAddressTaken
from services.tenancy.rules.registration import admitted_customer, admitted_identity, changed_plan
from services.tenancy.store import customers as store
from services.tenancy.store.companies import insert_company, save_own_company


async def register_customer(tx: Tx, asked: NewCustomer, by: UUID | None, now: datetime) -> UUID:
    """Registers a customer with its portal; a direct one gets its only company, itself."""
    new = admitted_customer(asked)
    customer_id = uuid4()
    if not await store.insert_customer(tx, customer_id, new, by, now):
        raise PortalAddressTaken
    events: list[Event] = [
        CustomerRegistered(
            customer_id=customer_id,
            name=new.name,
            kind=new.kind.value,
            support_plan=new.support_plan.value,
            registered_at=now,
            contract_starts_on=new.contract_starts_on,
            term_months=new.term_months,
            support_starts_on=new.support_starts_on,
        )
    ]
    await open_contract(tx, customer_id, Term(new.contract_starts_on, new.term_months))
    if new.kind is CustomerKind.direct:
        events.append(await _itself(tx, customer_id, new, now))
    await tx.emit_many(events)
    return customer_id


async def _itself(tx: Tx, customer_id: UUID, new: NewCustomer, now: datetime) -> CompanyRegistered:
    company_id = uuid4()
    own = _own_company(Identity(new.name, new.siret, new.vat, new.address))
    await insert_company(tx, customer_id, company_id, own, now)
    return CompanyRegistered(
        customer_id=customer_id, company_id=company_id, siret=new.siret, name=new.name, registered_at=now
    )


def _own_company(identity: Identity) -> NewCompany:
    """A direct customer's only company: itself."""
    address = identity.address
    return NewCompany(identity.siret, identity.name, address.street, address.postcode, address.city)


async def correct_customer(
    tx: Tx, customer_id: UUID, asked: Identity, require: Callable[[int], None]
) -> dict[str, Any]:
    """Corrects who a customer is and where it stands; a direct one's only company, itself, with it.

    Others know its name alone: where that differs the customer is said again as it stands now, as a resync
    says it. `require` is told the version that was found, and refuses one that is not what the caller saw.
    Gives what stood there before, column by column.
    """
    identity = admitted_identity(asked)
    found = await store.lock_customer(tx, customer_id)
    require(found.version)
    await store.save_identity(tx, customer_id, identity)
    events: list[Event] = []
    if found.name != identity.name:
        events.append(customer_standing(await store.load_customer(tx, customer_id)))
    if found.kind == CustomerKind.direct:
        events.append(company_standing(await save_own_company(tx, customer_id, _own_company(identity))))
    await tx.emit_many(events)
    return {name: getattr(found, name) for name in store.identity_columns(identity)}


async def change_support_plan(tx: Tx, customer_id: UUID, asked: SupportPlan, now: datetime) -> None:
    """Moves a customer to another support plan."""
    current = await store.load_plan(tx, customer_id)
    plan = changed_plan(current, asked)
    await store.save_plan(tx, customer_id, plan, now)
    await tx.emit(
        SupportPlanChanged(
            customer_id=customer_id, plan=plan.value, previous_plan=current.value, changed_at=now
        )
    )
