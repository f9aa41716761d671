"""What tenancy told: customers, companies, access rights. Written in sets, read and locked by commands.

Rows come in any order between keys, so each statement takes a row that is missing, and a newer instant
wins. Sets are written in key order, as commands lock them, so that neither waits for the other in a ring.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.db import Tx
from contracts.events.tenancy import (
    AccessRightsChanged,
    CompanyActivated,
    CompanyDeactivated,
    CompanyRegistered,
    CustomerRegistered,
)
from services.catalog.model import Company, Customer, CustomerKind

_CUSTOMER = text("""
    INSERT INTO customer (customer_id, name, kind, registered_at)
    VALUES (:customer_id, :name, :kind, :registered_at)
    ON CONFLICT (customer_id) DO UPDATE SET name = excluded.name, kind = excluded.kind
""")
_REGISTERED = text("""
    INSERT INTO company (customer_id, company_id, siret, name, registered_at)
    SELECT DISTINCT ON (customer_id, company_id) customer_id, company_id, siret, name, registered_at
    FROM unnest(CAST(:customers AS uuid[]), CAST(:companies AS uuid[]), CAST(:sirets AS text[]),
                CAST(:names AS text[]), CAST(:instants AS timestamptz[]))
         WITH ORDINALITY AS heard (customer_id, company_id, siret, name, registered_at, place)
    ORDER BY customer_id, company_id, place DESC
    ON CONFLICT (customer_id, company_id) DO UPDATE
    SET siret = excluded.siret, name = excluded.name, registered_at = excluded.registered_at
""")
_ACTIVATED = text("""
    INSERT INTO company (customer_id, company_id, activated_at)
    SELECT customer_id, company_id, max(activated_at)
    FROM unnest(CAST(:customers AS uuid[]), CAST(:companies AS uuid[]), CAST(:instants AS timestamptz[]))
         AS heard (customer_id, company_id, activated_at)
    GROUP BY customer_id, company_id ORDER BY customer_id, company_id
    ON CONFLICT (customer_id, company_id) DO UPDATE
    SET activated_at = greatest(company.activated_at, excluded.activated_at)
""")
_DEACTIVATED = text("""
    INSERT INTO company (customer_id, company_id, deactivated_at)
    VALUES (:customer_id, :company_id, :deactivated_at)
    ON CONFLICT (customer_id, company_id) DO UPDATE
    SET deactivated_at = greatest(company.deactivated_at, excluded.deactivated_at)
""")
_RIGHTS = text("""
    INSERT INTO access_rights (customer_id, company_id, offering_codes, changed_at)
    VALUES (:customer_id, :company_id, CAST(:codes AS text[]), :changed_at)
    ON CONFLICT (customer_id, company_id) DO UPDATE
    SET offering_codes = excluded.offering_codes, changed_at = excluded.changed_at
    WHERE access_rights.changed_at <= excluded.changed_at
""")
_LOCK_CUSTOMER = text(
    "SELECT customer_id, kind FROM customer WHERE customer_id = :customer_id FOR NO KEY UPDATE"
)
_LOCK_COMPANIES = text("""
    SELECT company_id, activated_at, deactivated_at FROM company
    WHERE customer_id = :customer_id AND company_id = ANY(CAST(:companies AS uuid[]))
    ORDER BY customer_id, company_id FOR NO KEY UPDATE
""")
_LOCK_ACTIVE = text("""
    SELECT company_id, activated_at, deactivated_at FROM company
    WHERE customer_id = :customer_id
      AND activated_at IS NOT NULL AND (deactivated_at IS NULL OR deactivated_at < activated_at)
    ORDER BY customer_id, company_id FOR NO KEY UPDATE
""")
_HAS_COMPANY = text("SELECT 1 FROM company WHERE customer_id = :customer_id AND company_id = :company_id")
_FIND_RIGHTS = text("""
    SELECT offering_codes FROM access_rights WHERE customer_id = :customer_id AND company_id = :company_id
""")


def _columns(events: Sequence[Any], instant: str) -> dict[str, list[Any]]:
    return {
        "customers": [event.customer_id for event in events],
        "companies": [event.company_id for event in events],
        "instants": [getattr(event, instant) for event in events],
    }


async def save_customer(tx: Tx, event: CustomerRegistered) -> None:
    """A customer, or its name said again."""
    await tx.execute(
        _CUSTOMER,
        {
            "customer_id": event.customer_id,
            "name": event.name,
            "kind": event.kind,
            "registered_at": event.registered_at,
        },
    )


async def save_registered(tx: Tx, events: Sequence[CompanyRegistered]) -> None:
    """Companies, in one statement; the last heard of each wins."""
    names = {"sirets": [event.siret for event in events], "names": [event.name for event in events]}
    await tx.execute(_REGISTERED, _columns(events, "registered_at") | names)


async def save_activated(tx: Tx, events: Sequence[CompanyActivated]) -> None:
    """The latest activation of each company, in one statement."""
    await tx.execute(_ACTIVATED, _columns(events, "activated_at"))


async def save_deactivated(tx: Tx, event: CompanyDeactivated) -> None:
    """The latest deactivation of a company. Its row is locked from here on."""
    await tx.execute(
        _DEACTIVATED,
        {
            "customer_id": event.customer_id,
            "company_id": event.company_id,
            "deactivated_at": event.deactivated_at,
        },
    )


async def save_rights(tx: Tx, event: AccessRightsChanged) -> None:
    """A company's rights, unless newer ones are known."""
    await tx.execute(
        _RIGHTS,
        {
            "customer_id": event.customer_id,
            "company_id": event.company_id,
            "codes": list(event.offering_codes),
            "changed_at": event.changed_at,
        },
    )


async def lock_customer(tx: Tx, customer_id: UUID) -> Customer | None:
    """The customer, locked: orders what is said under its key."""
    row = await tx.fetch_one(_LOCK_CUSTOMER, {"customer_id": customer_id})
    return Customer(row.customer_id, CustomerKind(row.kind)) if row else None


async def lock_companies(tx: Tx, customer_id: UUID, companies: Sequence[UUID]) -> dict[UUID, Company]:
    """Those of `companies` that this customer has, locked in key order."""
    rows = await tx.fetch_all(_LOCK_COMPANIES, {"customer_id": customer_id, "companies": list(companies)})
    return {row.company_id: Company(*tuple(row)) for row in rows}


async def lock_active_companies(tx: Tx, customer_id: UUID) -> dict[UUID, Company]:
    """Every active company of this customer, locked in key order."""
    rows = await tx.fetch_all(_LOCK_ACTIVE, {"customer_id": customer_id})
    return {row.company_id: Company(*tuple(row)) for row in rows}


async def has_company(tx: Tx, customer_id: UUID, company_id: UUID) -> bool:
    """Whether this customer has this company."""
    return bool(await tx.fetch_all(_HAS_COMPANY, {"customer_id": customer_id, "company_id": company_id}))


async def find_rights(tx: Tx, customer_id: UUID, company_id: UUID) -> frozenset[str]:
    """The offerings a company may see; none when its firm gave it no right."""
    row = await tx.fetch_one(_FIND_RIGHTS, {"customer_id": customer_id, "company_id": company_id})
    return frozenset(row.offering_codes) if row else frozenset()
