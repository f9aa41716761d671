"""People are added: by the publisher its staff and a firm's first administrators, by a firm its own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from chassis.auth import Role
from chassis.db import Tx
from services.tenancy.model import PUBLISHER
from services.tenancy.rules.credentials import may_give_role
from services.tenancy.rules.establishments import given_name
from services.tenancy.store.companies import load_company
from services.tenancy.store.credentials import insert_person
from services.tenancy.store.customers import load_kind


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to add. `company_id` for a company's people only."""

    name: str
    role: Role
    mail: str | None = None
    company_id: UUID | None = None


async def add_person(tx: Tx, customer_id: UUID, new: NewPerson, giver: Role, now: datetime) -> UUID:
    """Adds a person to a portal, `PUBLISHER` being the publisher's own. Credentials are given apart."""
    at_the_publisher = customer_id == PUBLISHER
    may_give_role(giver, new.role, to_a_company=new.company_id is not None, at_the_publisher=at_the_publisher)
    if not at_the_publisher:
        await load_kind(tx, customer_id)
    if new.company_id is not None:
        await load_company(tx, customer_id, new.company_id)
    person_id = uuid4()
    row = {
        "customer_id": customer_id,
        "person_id": person_id,
        "company_id": new.company_id,
        "role": new.role.value,
        "name": given_name(new.name),
        "mail": new.mail,
        "added_at": now,
    }
    await insert_person(tx, row)
    return person_id
