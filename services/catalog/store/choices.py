"""What a customer decided besides its activations: what its portal shows, the terms it acknowledged, and
the end of its demonstration that followed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from chassis.db import Tx
from services.catalog.model import TermsKind, TermsVersion

_FIND_SELECTION = text(
    "SELECT offering_codes, revision, changed_at FROM portal_selection WHERE customer_id = :customer_id"
)
_SAVE_SELECTION = text("""
    INSERT INTO portal_selection (customer_id, offering_codes, revision, changed_at, changed_by)
    VALUES (:customer_id, CAST(:codes AS text[]), 1, :at, :by)
    ON CONFLICT (customer_id) DO UPDATE
    SET offering_codes = excluded.offering_codes, revision = portal_selection.revision + 1,
        changed_at = excluded.changed_at, changed_by = excluded.changed_by
    WHERE portal_selection.revision = :revision
    RETURNING revision
""")
_ACKNOWLEDGED = text("""
    SELECT kind, version FROM acknowledgement
    WHERE customer_id = :customer_id AND offering_code = :code
""")
_ALL_ACKNOWLEDGED = text(
    "SELECT offering_code, kind, version FROM acknowledgement WHERE customer_id = :customer_id"
)
_ACKNOWLEDGE = text("""
    INSERT INTO acknowledgement (customer_id, offering_code, kind, version, acknowledged_at, acknowledged_by)
    SELECT :customer_id, :code, kind, version, :at, :by
    FROM unnest(CAST(:kinds AS text[]), CAST(:versions AS integer[])) AS named (kind, version)
    ON CONFLICT DO NOTHING
""")
_FIND_DEMONSTRATION = text("""
    SELECT ended_at, offering_code, company_id FROM demonstration WHERE customer_id = :customer_id
""")
_EVERY_DEMONSTRATION = text("""
    SELECT customer_id, ended_at, offering_code, company_id FROM demonstration
    WHERE customer_id > :after ORDER BY customer_id LIMIT :limit
""")
_END_DEMONSTRATION = text("""
    INSERT INTO demonstration (customer_id, ended_at, offering_code, company_id)
    VALUES (:customer_id, :at, :code, :company_id)
    ON CONFLICT (customer_id) DO NOTHING
    RETURNING customer_id
""")


@dataclass(frozen=True, slots=True)
class Demonstration:
    """When a customer's demonstration ended, and by which activation (15-b)."""

    customer_id: UUID
    ended_at: datetime
    offering_code: str
    company_id: UUID | None


@dataclass(frozen=True, slots=True)
class Selection:
    """The offerings a customer's portal shows; revision 0 and None before it ever chose: all of them."""

    codes: frozenset[str] | None
    revision: int


async def find_selection(tx: Tx, customer_id: UUID) -> Selection:
    """The customer's choice of what its portal shows."""
    row = await tx.fetch_one(_FIND_SELECTION, {"customer_id": customer_id})
    return Selection(frozenset(row.offering_codes), row.revision) if row else Selection(None, 0)


async def save_selection(
    tx: Tx, customer_id: UUID, codes: Collection[str], revision: int, by: UUID, now: datetime
) -> int | None:
    """The new revision, or None when the choice is no longer at `revision`."""
    row = await tx.fetch_one(
        _SAVE_SELECTION,
        {"customer_id": customer_id, "codes": sorted(codes), "revision": revision, "at": now, "by": by},
    )
    return row.revision if row else None


async def list_acknowledged(tx: Tx, customer_id: UUID, code: str) -> frozenset[TermsVersion]:
    """The versions of an offering's terms that this customer acknowledged."""
    rows = await tx.fetch_all(_ACKNOWLEDGED, {"customer_id": customer_id, "code": code})
    return frozenset(TermsVersion(TermsKind(row.kind), row.version) for row in rows)


async def list_all_acknowledged(tx: Tx, customer_id: UUID) -> frozenset[tuple[str, TermsVersion]]:
    """The same over all offerings, each version with its offering."""
    rows = await tx.fetch_all(_ALL_ACKNOWLEDGED, {"customer_id": customer_id})
    return frozenset((row.offering_code, TermsVersion(TermsKind(row.kind), row.version)) for row in rows)


async def save_acknowledged(
    tx: Tx, customer_id: UUID, code: str, named: Collection[TermsVersion], by: UUID, now: datetime
) -> None:
    """Who acknowledged which version, and when; the first time stands."""
    await tx.execute(
        _ACKNOWLEDGE,
        {
            "customer_id": customer_id,
            "code": code,
            "kinds": [one.kind.value for one in named],
            "versions": [one.version for one in named],
            "at": now,
            "by": by,
        },
    )


async def find_demonstration(tx: Tx, customer_id: UUID) -> Demonstration | None:
    """The end of this customer's demonstration; None while it lasts."""
    row = await tx.fetch_one(_FIND_DEMONSTRATION, {"customer_id": customer_id})
    return Demonstration(customer_id, *tuple(row)) if row else None


async def list_demonstrations(tx: Tx, after: UUID, limit: int) -> list[Demonstration]:
    """At most `limit` ended ones, in order of customer, those after `after`: for a resync."""
    rows = await tx.fetch_all(_EVERY_DEMONSTRATION, {"after": after, "limit": limit})
    return [Demonstration(*tuple(row)) for row in rows]


async def end_demonstration(
    tx: Tx, customer_id: UUID, code: str, company_id: UUID | None, now: datetime
) -> bool:
    """True for the one activation that ends it; of two at once, the second waits here and gets False."""
    row = await tx.fetch_one(
        _END_DEMONSTRATION,
        {"customer_id": customer_id, "at": now, "code": code, "company_id": company_id},
    )
    return row is not None
