"""What availability was told, written in sets: one statement for a whole batch of events of one type.

Each statement gives the same rows however often its events come, and whatever the order between keys. Rows
are written in key order, so that two batches at once do not wait for each other in a ring.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from chassis.db import Tx
from contracts.events.catalog import ServiceActivated, ServiceDeactivated, ServicePublished, ServiceWithdrawn
from contracts.events.tenancy import ContractEnded, CustomerRegistered

_CUSTOMERS = text("""
    INSERT INTO customer (customer_id, name, registered_at, contract_starts_on)
    SELECT DISTINCT ON (customer_id) customer_id, name, registered_at, contract_starts_on
    FROM unnest(CAST(:customer_id AS uuid[]), CAST(:name AS text[]), CAST(:registered_at AS timestamptz[]),
                CAST(:contract_starts_on AS date[]))
         WITH ORDINALITY AS heard (customer_id, name, registered_at, contract_starts_on, place)
    ORDER BY customer_id, place DESC
    ON CONFLICT (customer_id) DO UPDATE
    SET name = excluded.name, registered_at = excluded.registered_at,
        contract_starts_on = excluded.contract_starts_on
""")
_CONTRACTS_ENDED = text("""
    UPDATE customer SET contract_last_day = heard.last_day
    FROM unnest(CAST(:customer_id AS uuid[]), CAST(:last_day AS date[])) AS heard (customer_id, last_day)
    WHERE customer.customer_id = heard.customer_id
""")
_PUBLISHED = text("""
    INSERT INTO offering (code, name)
    SELECT DISTINCT ON (code) code, name
    FROM unnest(CAST(:offering_code AS text[]), CAST(:name AS text[]))
         WITH ORDINALITY AS heard (code, name, place)
    ORDER BY code, place DESC
    ON CONFLICT (code) DO UPDATE SET name = excluded.name
""")
_WITHDRAWN = text("""
    UPDATE offering SET ends_on = heard.ends_on
    FROM unnest(CAST(:offering_code AS text[]), CAST(:ends_on AS date[])) AS heard (code, ends_on)
    WHERE offering.code = heard.code
""")
_SUBSCRIPTIONS = """
    INSERT INTO subscription (customer_id, activation_id, offering_code, {instant})
    SELECT customer_id, activation_id, offering_code, min(at)
    FROM unnest(CAST(:customer_id AS uuid[]), CAST(:activation_id AS uuid[]),
                CAST(:offering_code AS text[]), CAST(:{instant} AS timestamptz[]))
         AS heard (customer_id, activation_id, offering_code, at)
    GROUP BY customer_id, activation_id, offering_code ORDER BY customer_id, activation_id
    ON CONFLICT (customer_id, activation_id) DO UPDATE
    SET {instant} = least(subscription.{instant}, excluded.{instant})
"""
_ACTIVATED = text(_SUBSCRIPTIONS.format(instant="activated_at"))
_DEACTIVATED = text(_SUBSCRIPTIONS.format(instant="deactivated_at"))
_HAS_OFFERING = text("SELECT 1 FROM offering WHERE code = :code")
_KNOWN = text("SELECT customer_id FROM customer WHERE customer_id = ANY(CAST(:customers AS uuid[]))")


async def _write(tx: Tx, statement: TextClause, events: Sequence[Any], *fields: str) -> None:
    await tx.execute(statement, {name: [getattr(event, name) for event in events] for name in fields})


async def save_customers(tx: Tx, events: Sequence[CustomerRegistered]) -> None:
    """Customers and the first day of their contracts; the last heard of each wins."""
    await _write(tx, _CUSTOMERS, events, "customer_id", "name", "registered_at", "contract_starts_on")


async def save_contracts_ended(tx: Tx, events: Sequence[ContractEnded]) -> None:
    """The last day of contracts that were not renewed. A notice alone ends none: it may be withdrawn."""
    await _write(tx, _CONTRACTS_ENDED, events, "customer_id", "last_day")


async def save_published(tx: Tx, events: Sequence[ServicePublished]) -> None:
    """Services of the catalogue by name; the last heard of each wins."""
    await _write(tx, _PUBLISHED, events, "offering_code", "name")


async def save_withdrawn(tx: Tx, events: Sequence[ServiceWithdrawn]) -> None:
    """The last day of services that are withdrawn."""
    await _write(tx, _WITHDRAWN, events, "offering_code", "ends_on")


async def save_activated(tx: Tx, events: Sequence[ServiceActivated]) -> None:
    """Since when customers have a service in use."""
    await _write(tx, _ACTIVATED, events, "customer_id", "activation_id", "offering_code", "activated_at")


async def save_deactivated(tx: Tx, events: Sequence[ServiceDeactivated]) -> None:
    """Until when customers had a service in use."""
    await _write(tx, _DEACTIVATED, events, "customer_id", "activation_id", "offering_code", "deactivated_at")


async def has_offering(tx: Tx, code: str) -> bool:
    """Whether the catalogue has this service, or had it."""
    return await tx.fetch_one(_HAS_OFFERING, {"code": code}) is not None


async def list_unknown_customers(tx: Tx, customers: Collection[UUID]) -> list[UUID]:
    """Those of them that nobody has told us of, in order."""
    known = {row.customer_id for row in await tx.fetch_all(_KNOWN, {"customers": list(customers)})}
    return sorted(set(customers) - known)
