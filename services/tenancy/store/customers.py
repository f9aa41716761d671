"""Customers and their portals' addresses."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, text

from chassis.db import Tx
from services.tenancy import tables
from services.tenancy.model import CustomerKind, Identity, NewCustomer, SupportPlan
from services.tenancy.refusals import CustomerUnknown

_TAKE_ADDRESS = text(
    "INSERT INTO portal (customer_id, address) VALUES (:customer_id, :address) ON CONFLICT (address) DO"
    " NOTHING"
)
_KIND = text("SELECT kind FROM customer WHERE customer_id = :customer_id FOR SHARE")
_LOCK_PLAN = text("SELECT support_plan FROM customer WHERE customer_id = :customer_id FOR UPDATE")
_SAVE_PLAN = text(
    "UPDATE customer SET support_plan = :plan, support_starts_on = coalesce(support_starts_on, :starts_on),"
    " version = version + 1 WHERE customer_id = :customer_id"
)
_LOCK = text("SELECT * FROM customer WHERE customer_id = :customer_id FOR UPDATE")
_SAVE_IDENTITY = text(
    "UPDATE customer SET name = :name, siret = :siret, vat = :vat, street = :street, postcode = :postcode,"
    " city = :city, country = :country, version = version + 1 WHERE customer_id = :customer_id"
)
_SHOWN = "SELECT c.*, p.address AS portal FROM customer c JOIN portal p USING (customer_id)"
_ONE = text(f"{_SHOWN} WHERE c.customer_id = :customer_id")
_PAGE = text(
    f"{_SHOWN} WHERE (c.name, c.customer_id) > (:after_name, :after_id) ORDER BY c.name, c.customer_id"
    f" LIMIT :limit"
)
_BY_ADDRESS = text("SELECT customer_id FROM portal WHERE address = :address")
_ALL_AFTER = text("SELECT * FROM customer WHERE customer_id > :after ORDER BY customer_id LIMIT :limit")


async def insert_customer(
    tx: Tx, customer_id: UUID, new: NewCustomer, by: UUID | None, now: datetime
) -> bool:
    """Writes a customer and its portal; False when another portal has the address."""
    taken = await tx.execute(_TAKE_ADDRESS, {"customer_id": customer_id, "address": new.portal})
    if taken.rowcount == 0:
        return False
    row = {
        "customer_id": customer_id,
        "kind": new.kind,
        **identity_columns(Identity(new.name, new.siret, new.vat, new.address)),
        "support_plan": new.support_plan,
        "support_starts_on": new.support_starts_on,
        "contract_starts_on": new.contract_starts_on,
        "term_months": new.term_months,
        "professional_use_at": now,
        "professional_use_by": by,
        "registered_at": now,
        "version": 1,
    }
    await tx.execute(insert(tables.customer), row)
    return True


async def load_kind(tx: Tx, customer_id: UUID) -> CustomerKind:
    """The customer's kind. Raises CustomerUnknown."""
    row = await tx.fetch_one(_KIND, {"customer_id": customer_id})
    if row is None:
        raise CustomerUnknown
    return CustomerKind(row.kind)


async def load_plan(tx: Tx, customer_id: UUID) -> SupportPlan:
    """The customer's support plan, locked until the end of the transaction. Raises CustomerUnknown."""
    row = await tx.fetch_one(_LOCK_PLAN, {"customer_id": customer_id})
    if row is None:
        raise CustomerUnknown
    return SupportPlan(row.support_plan)


async def save_plan(tx: Tx, customer_id: UUID, plan: SupportPlan, now: datetime) -> None:
    """The customer's support plan from now on; the first one that has support starts it."""
    starts_on = None if plan is SupportPlan.connect else now.date()
    await tx.execute(_SAVE_PLAN, {"customer_id": customer_id, "plan": plan, "starts_on": starts_on})


async def lock_customer(tx: Tx, customer_id: UUID) -> Row[Any]:
    """The customer as it stands, locked until the end of the transaction. Raises CustomerUnknown."""
    row = await tx.fetch_one(_LOCK, {"customer_id": customer_id})
    if row is None:
        raise CustomerUnknown
    return row


async def save_identity(tx: Tx, customer_id: UUID, identity: Identity) -> None:
    """Who the customer is from now on."""
    await tx.execute(_SAVE_IDENTITY, {"customer_id": customer_id} | identity_columns(identity))


def identity_columns(identity: Identity) -> dict[str, Any]:
    """An identity as the columns that hold it."""
    return {
        "name": identity.name,
        "siret": identity.siret,
        "vat": identity.vat,
        **asdict(identity.address),
    }


async def load_customer(tx: Tx, customer_id: UUID) -> Row[Any]:
    """All that is known of a customer. Raises CustomerUnknown."""
    row = await tx.fetch_one(_ONE, {"customer_id": customer_id})
    if row is None:
        raise CustomerUnknown
    return row


async def list_customers(tx: Tx, after_name: str, after_id: UUID, limit: int) -> Sequence[Row[Any]]:
    """Customers by name."""
    return await tx.fetch_all(_PAGE, {"after_name": after_name, "after_id": after_id, "limit": limit})


async def find_customer_id(tx: Tx, address: str) -> UUID | None:
    """Whose portal has this address."""
    row = await tx.fetch_one(_BY_ADDRESS, {"address": address})
    return None if row is None else row.customer_id


async def list_customers_after(tx: Tx, after: UUID, limit: int) -> Sequence[Row[Any]]:
    """Customers by id, to say all of them again."""
    return await tx.fetch_all(_ALL_AFTER, {"after": after, "limit": limit})
