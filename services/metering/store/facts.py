"""Facts, written in sets: one statement for a whole batch of events of one type.

Each statement gives the same rows whatever the order and however often its events come: a set of
instants, the earliest of several, or a field that is filled once. Rows are written in key order, so that
two batches at once do not wait for each other in a ring.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import TextClause, text

from chassis.db import Tx
from contracts.events.catalog import (
    DemonstrationEnded,
    ServiceActivated,
    ServiceDeactivated,
    ServicePublished,
)
from contracts.events.tenancy import (
    CompanyActivated,
    CompanyDeactivated,
    CompanyRegistered,
    CredentialIssued,
    CustomerRegistered,
)

_CUSTOMERS = text("""
    INSERT INTO customer_fact (customer_id, name, registered_at)
    SELECT DISTINCT ON (customer_id) customer_id, name, registered_at
    FROM unnest(CAST(:customer_id AS uuid[]), CAST(:name AS text[]), CAST(:registered_at AS timestamptz[]))
         WITH ORDINALITY AS heard (customer_id, name, registered_at, place)
    ORDER BY customer_id, place DESC
    ON CONFLICT (customer_id) DO UPDATE SET name = excluded.name, registered_at = excluded.registered_at
""")
_DEMONSTRATIONS = text("""
    INSERT INTO customer_fact (customer_id, demonstration_ended_at)
    SELECT customer_id, min(ended_at)
    FROM unnest(CAST(:customer_id AS uuid[]), CAST(:ended_at AS timestamptz[]))
         AS heard (customer_id, ended_at)
    GROUP BY customer_id ORDER BY customer_id
    ON CONFLICT (customer_id) DO UPDATE
    SET demonstration_ended_at = least(customer_fact.demonstration_ended_at, excluded.demonstration_ended_at)
""")
_COMPANIES = text("""
    INSERT INTO company_fact (customer_id, company_id, siret, name)
    SELECT DISTINCT ON (customer_id, company_id) customer_id, company_id, siret, name
    FROM unnest(CAST(:customer_id AS uuid[]), CAST(:company_id AS uuid[]), CAST(:siret AS text[]),
                CAST(:name AS text[]))
         WITH ORDINALITY AS heard (customer_id, company_id, siret, name, place)
    ORDER BY customer_id, company_id, place DESC
    ON CONFLICT (customer_id, company_id) DO UPDATE SET siret = excluded.siret, name = excluded.name
""")
_CREDENTIALS = text("""
    INSERT INTO company_fact (customer_id, company_id, credential_given_at)
    SELECT customer_id, company_id, min(issued_at)
    FROM unnest(CAST(:customer_id AS uuid[]), CAST(:company_id AS uuid[]),
                CAST(:issued_at AS timestamptz[])) AS heard (customer_id, company_id, issued_at)
    GROUP BY customer_id, company_id ORDER BY customer_id, company_id
    ON CONFLICT (customer_id, company_id) DO UPDATE
    SET credential_given_at = least(company_fact.credential_given_at, excluded.credential_given_at)
""")
_CHANGES = """
    INSERT INTO company_change (customer_id, company_id, active, changed_at)
    SELECT customer_id, company_id, {active}, changed_at
    FROM unnest(CAST(:customer_id AS uuid[]), CAST(:company_id AS uuid[]),
                CAST(:{instant} AS timestamptz[])) AS heard (customer_id, company_id, changed_at)
    ORDER BY customer_id, company_id, changed_at
    ON CONFLICT DO NOTHING
"""
_ACTIVATED = text(_CHANGES.format(active="true", instant="activated_at"))
_DEACTIVATED = text(_CHANGES.format(active="false", instant="deactivated_at"))
_SERVICES = """
    INSERT INTO service_fact (customer_id, activation_id, company_id, offering_code, {instant})
    SELECT customer_id, activation_id, company_id, offering_code, min(at)
    FROM unnest(CAST(:customer_id AS uuid[]), CAST(:activation_id AS uuid[]), CAST(:company_id AS uuid[]),
                CAST(:offering_code AS text[]), CAST(:{instant} AS timestamptz[]))
         AS heard (customer_id, activation_id, company_id, offering_code, at)
    GROUP BY customer_id, activation_id, company_id, offering_code ORDER BY customer_id, activation_id
    ON CONFLICT (customer_id, activation_id) DO UPDATE
    SET {instant} = least(service_fact.{instant}, excluded.{instant})
"""
_SERVICE_ACTIVATED = text(_SERVICES.format(instant="activated_at"))
_SERVICE_DEACTIVATED = text(_SERVICES.format(instant="deactivated_at"))
_OFFERINGS = text("""
    INSERT INTO offering_fact (offering_code, name)
    SELECT DISTINCT ON (offering_code) offering_code, name
    FROM unnest(CAST(:offering_code AS text[]), CAST(:name AS text[]))
         WITH ORDINALITY AS heard (offering_code, name, place)
    ORDER BY offering_code, place DESC
    ON CONFLICT (offering_code) DO UPDATE SET name = excluded.name
""")


async def _write(tx: Tx, statement: TextClause, events: Sequence[Any], *fields: str) -> None:
    if events:
        await tx.execute(statement, {name: [getattr(event, name) for event in events] for name in fields})


async def save_customers(tx: Tx, events: Sequence[CustomerRegistered]) -> None:
    """Customers by name; the last heard of each wins."""
    await _write(tx, _CUSTOMERS, events, "customer_id", "name", "registered_at")


async def save_demonstration_ends(tx: Tx, events: Sequence[DemonstrationEnded]) -> None:
    """Since when customers pay; the earliest heard stands."""
    await _write(tx, _DEMONSTRATIONS, events, "customer_id", "ended_at")


async def save_companies(tx: Tx, events: Sequence[CompanyRegistered]) -> None:
    """Companies by name; the last heard of each wins."""
    await _write(tx, _COMPANIES, events, "customer_id", "company_id", "siret", "name")


async def save_credentials(tx: Tx, events: Sequence[CredentialIssued]) -> None:
    """When a company was first given an identifier and password. Other people's credentials do not count."""
    of_companies = [event for event in events if event.customer_id and event.company_id]
    await _write(tx, _CREDENTIALS, of_companies, "customer_id", "company_id", "issued_at")


async def save_activated(tx: Tx, events: Sequence[CompanyActivated]) -> None:
    """Instants at which companies became active."""
    await _write(tx, _ACTIVATED, events, "customer_id", "company_id", "activated_at")


async def save_deactivated(tx: Tx, events: Sequence[CompanyDeactivated]) -> None:
    """Instants at which companies ceased to be active."""
    await _write(tx, _DEACTIVATED, events, "customer_id", "company_id", "deactivated_at")


_OF_ACTIVATION = ("customer_id", "activation_id", "company_id", "offering_code")


async def save_service_activated(tx: Tx, events: Sequence[ServiceActivated]) -> None:
    """Services in use."""
    await _write(tx, _SERVICE_ACTIVATED, events, *_OF_ACTIVATION, "activated_at")


async def save_service_deactivated(tx: Tx, events: Sequence[ServiceDeactivated]) -> None:
    """Services no longer in use, maybe before their start is heard of."""
    await _write(tx, _SERVICE_DEACTIVATED, events, *_OF_ACTIVATION, "deactivated_at")


async def save_offerings(tx: Tx, events: Sequence[ServicePublished]) -> None:
    """The names of offerings."""
    await _write(tx, _OFFERINGS, events, "offering_code", "name")
