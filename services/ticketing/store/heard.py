"""What was told of customers, their plans and companies, and of products.

Events come in any order between keys, and more than once, so each statement takes what is missing and leaves
what is newer.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from chassis.db import Tx
from contracts.events.catalog import ServicePublished, ServiceWithdrawn
from contracts.events.tenancy import (
    CompanyRegistered,
    ContractEnded,
    CustomerRegistered,
    SupportPlanChanged,
)
from services.ticketing.model.clocks import SupportedPlan
from services.ticketing.model.heard import Asker, Product
from services.ticketing.model.tickets import SupportPlan
from services.ticketing.rules.compliance import midnight
from services.ticketing.share_terms import zone
from services.ticketing.store.suspensions import find_open

_CUSTOMER = text("""
    INSERT INTO customer (customer_id, name, kind, registered_at, contract_starts_on)
    VALUES (:customer_id, :name, :kind, :registered_at, :starts_on)
    ON CONFLICT (customer_id) DO UPDATE SET name = excluded.name, kind = excluded.kind,
        registered_at = excluded.registered_at, contract_starts_on = excluded.contract_starts_on
""")
_FIRST_PLAN = text("""
    INSERT INTO plan_period (customer_id, since, plan)
    SELECT :customer_id, CAST(:since AS timestamptz), :plan WHERE NOT EXISTS (
        SELECT FROM plan_period
        WHERE customer_id = :customer_id AND since <= greatest(CAST(:since AS timestamptz), :registered_at))
""")
_PLAN = text("""
    INSERT INTO plan_period (customer_id, since, plan) VALUES (:customer_id, :since, :plan)
    ON CONFLICT (customer_id, since) DO UPDATE SET plan = excluded.plan
""")
_ENDED = text("UPDATE customer SET contract_last_day = :last_day WHERE customer_id = :customer_id")
_COMPANIES = text("""
    INSERT INTO company (customer_id, company_id, siret, name)
    SELECT DISTINCT ON (customer_id, company_id) customer_id, company_id, siret, name
    FROM unnest(CAST(:customers AS uuid[]), CAST(:companies AS uuid[]), CAST(:sirets AS text[]),
                CAST(:names AS text[]))
         WITH ORDINALITY AS heard (customer_id, company_id, siret, name, place)
    ORDER BY customer_id, company_id, place DESC
    ON CONFLICT (customer_id, company_id) DO UPDATE SET siret = excluded.siret, name = excluded.name
""")
_PRODUCT = text("""
    INSERT INTO product (code, name, essential_features, stricter_terms)
    VALUES (:code, :name, CAST(:features AS text[]), CAST(:stricter AS text[]))
    ON CONFLICT (code) DO UPDATE
    SET name = excluded.name, essential_features = excluded.essential_features,
        stricter_terms = excluded.stricter_terms
""")
_WITHDRAWN = text("UPDATE product SET ends_on = :ends_on WHERE code = :code")
_ASKER = """
    SELECT customer.customer_id, customer.name, customer.contract_last_day,
           (SELECT plan FROM plan_period
            WHERE plan_period.customer_id = customer.customer_id
            ORDER BY (since <= CAST(:now AS timestamptz)) DESC,
                     abs(extract(epoch FROM since - CAST(:now AS timestamptz))) LIMIT 1) AS plan
    FROM customer WHERE customer.customer_id = :customer_id
"""
_FIND_ASKER = text(_ASKER)
_FIND_ASKER_SHARED = text(_ASKER + " FOR SHARE OF customer")
_LOCK_CUSTOMER = text("SELECT customer_id FROM customer WHERE customer_id = :customer_id FOR UPDATE")
_COMPANY = text("SELECT name FROM company WHERE customer_id = :customer_id AND company_id = :company_id")
_FIND_PRODUCT = text(
    "SELECT code, name, essential_features, stricter_terms, ends_on FROM product WHERE code = :code"
)


async def save_customer(tx: Tx, event: CustomerRegistered) -> None:
    """A customer, or its name said again; its first plan, from the day on which its support starts (R9).

    A restated customer tells its present plan with the instant of its registration: what is known of that
    instant stays.
    """
    await tx.execute(
        _CUSTOMER,
        {
            "customer_id": event.customer_id,
            "name": event.name,
            "kind": event.kind,
            "registered_at": event.registered_at,
            "starts_on": event.contract_starts_on,
        },
    )
    since = event.registered_at
    if event.support_starts_on is not None and event.support_plan in tuple(SupportedPlan):
        since = midnight(event.support_starts_on, zone())
    told = _period(event.customer_id, since, event.support_plan) | {"registered_at": event.registered_at}
    await tx.execute(_FIRST_PLAN, told)


async def save_plan(tx: Tx, event: SupportPlanChanged) -> None:
    """A customer's plan from an instant on."""
    await tx.execute(_PLAN, _period(event.customer_id, event.changed_at, event.plan))


def _period(customer_id: UUID, since: datetime, plan: str) -> dict[str, object]:
    return {"customer_id": customer_id, "since": since, "plan": plan}


async def save_contract_end(tx: Tx, event: ContractEnded) -> None:
    """The last day of a customer's contract."""
    await tx.execute(_ENDED, {"customer_id": event.customer_id, "last_day": event.last_day})


async def save_companies(tx: Tx, events: Sequence[CompanyRegistered]) -> None:
    """Companies, in one statement; the last heard of each wins."""
    await tx.execute(
        _COMPANIES,
        {
            "customers": [event.customer_id for event in events],
            "companies": [event.company_id for event in events],
            "sirets": [event.siret for event in events],
            "names": [event.name for event in events],
        },
    )


async def save_product(tx: Tx, event: ServicePublished) -> None:
    """A product, or its name and features said again."""
    await tx.execute(
        _PRODUCT,
        {
            "code": event.offering_code,
            "name": event.name,
            "features": list(event.essential_features),
            "stricter": list(event.stricter_terms),
        },
    )


async def save_withdrawal(tx: Tx, event: ServiceWithdrawn) -> None:
    """The last day of a product."""
    await tx.execute(_WITHDRAWN, {"code": event.offering_code, "ends_on": event.ends_on})


async def find_asker(tx: Tx, customer_id: UUID, now: datetime, *, shared: bool = False) -> Asker | None:
    """A customer with its plan and suspension at `now`.

    With `shared`, neither changes until this transaction ends: others may register beside it, and whoever
    suspends or resumes waits.
    """
    statement = _FIND_ASKER_SHARED if shared else _FIND_ASKER
    row = await tx.fetch_one(statement, {"customer_id": customer_id, "now": now})
    if row is None or row.plan is None:
        return None
    # Asked apart: what was suspended while this waited for the lock is not in the statement that waited.
    suspension = await find_open(tx, customer_id)
    return Asker(row.customer_id, row.name, SupportPlan(row.plan), row.contract_last_day, suspension)


async def lock_customer(tx: Tx, customer_id: UUID) -> bool:
    """Keeps registrations and suspensions of this customer away until the end; False when it is unknown."""
    return await tx.fetch_one(_LOCK_CUSTOMER, {"customer_id": customer_id}) is not None


async def has_company(tx: Tx, customer_id: UUID, company_id: UUID) -> bool:
    """Whether this customer has this company."""
    found = await tx.fetch_one(_COMPANY, {"customer_id": customer_id, "company_id": company_id})
    return found is not None


async def find_product(tx: Tx, code: str) -> Product | None:
    """A product by its code."""
    row = await tx.fetch_one(_FIND_PRODUCT, {"code": code})
    if row is None:
        return None
    features = frozenset(row.essential_features)
    return Product(row.code, row.name, features, row.ends_on, tuple(row.stricter_terms))
