"""Customers are registered by the publisher, and change their support plan."""

from datetime import datetime
from uuid import UUID, uuid4

from chassis.db import Tx
from contracts.events import Event
from contracts.events.tenancy import CompanyRegistered, CustomerRegistered, SupportPlanChanged
from services.tenancy.model import CustomerKind, NewCompany, NewCustomer, SupportPlan
from services.tenancy.refusals import PortalAddressTaken
from services.tenancy.rules.registration import admitted_customer, changed_plan
from services.tenancy.store.companies import insert_company
from services.tenancy.store.customers import insert_customer, load_plan, save_plan


async def register_customer(tx: Tx, asked: NewCustomer, by: UUID | None, now: datetime) -> UUID:
    """Registers a customer with its portal; a direct one gets its only company, itself."""
    new = admitted_customer(asked)
    customer_id = uuid4()
    if not await insert_customer(tx, customer_id, new, by, now):
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
        )
    ]
    if new.kind is CustomerKind.direct:
        events.append(await _itself(tx, customer_id, new, now))
    await tx.emit_many(events)
    return customer_id


async def _itself(tx: Tx, customer_id: UUID, new: NewCustomer, now: datetime) -> CompanyRegistered:
    company_id = uuid4()
    address = new.address
    own = NewCompany(new.siret, new.name, address.street, address.postcode, address.city)
    await insert_company(tx, customer_id, company_id, own, now)
    return CompanyRegistered(
        customer_id=customer_id, company_id=company_id, siret=new.siret, name=new.name, registered_at=now
    )


async def change_support_plan(tx: Tx, customer_id: UUID, asked: SupportPlan, now: datetime) -> None:
    """Moves a customer to another support plan."""
    current = await load_plan(tx, customer_id)
    plan = changed_plan(current, asked)
    await save_plan(tx, customer_id, plan, now)
    await tx.emit(
        SupportPlanChanged(
            customer_id=customer_id, plan=plan.value, previous_plan=current.value, changed_at=now
        )
    )
