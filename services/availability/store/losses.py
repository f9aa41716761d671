"""Commitments that could no longer be met: who is still to be looked at, and what was said, once (6-a)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from chassis.db import Tx
from services.availability.model.months import Contract, Evidence

_STILL_KEPT = text("""
    SELECT customer_id, contract_starts_on, contract_last_day FROM customer
    WHERE contract_starts_on < :until AND (contract_last_day IS NULL OR contract_last_day >= :since)
      AND NOT EXISTS (SELECT 1 FROM commitment_lost
                      WHERE commitment_lost.customer_id = customer.customer_id AND month = :month)
    ORDER BY customer_id
""")
_SAY_LOST = text("""
    INSERT INTO commitment_lost (customer_id, month, lost_at, said_at, reference_seconds, unavailable_seconds)
    SELECT customer_id, :month, lost_at, :said_at, reference_seconds, unavailable_seconds
    FROM unnest(CAST(:customers AS uuid[]), CAST(:lost_at AS timestamptz[]), CAST(:reference AS int[]),
                CAST(:unavailable AS int[]))
         AS made (customer_id, lost_at, reference_seconds, unavailable_seconds)
    ORDER BY customer_id ON CONFLICT (customer_id, month) DO NOTHING
    RETURNING customer_id
""")
_LOST = text("""
    SELECT lost_at, said_at FROM commitment_lost WHERE customer_id = :customer_id AND month = :month
""")


@dataclass(frozen=True, slots=True)
class Loss:
    """A commitment that could no longer be met: since when, and when that was said."""

    lost_at: datetime
    said_at: datetime


async def list_still_kept(tx: Tx, month: str, since: date, until: date) -> list[tuple[UUID, Contract]]:
    """The customers with a contract in [since, until) of whom nothing was said of this month."""
    rows = await tx.fetch_all(_STILL_KEPT, {"month": month, "since": since, "until": until})
    return [(row.customer_id, Contract(row.contract_starts_on, row.contract_last_day)) for row in rows]


async def save_lost(tx: Tx, month: str, lost: Mapping[UUID, Evidence], now: datetime) -> frozenset[UUID]:
    """Commitments that can no longer be met, by the evidence. Returns those of whom it was not known."""
    rows = await tx.fetch_all(
        _SAY_LOST,
        {
            "month": month,
            "said_at": now,
            "customers": list(lost),
            "lost_at": [each.lost_at for each in lost.values()],
            "reference": [each.reference_seconds for each in lost.values()],
            "unavailable": [each.unavailable_seconds for each in lost.values()],
        },
    )
    return frozenset(row.customer_id for row in rows)


async def find_loss(tx: Tx, customer_id: UUID, month: str) -> Loss | None:
    """Since when a month could no longer be met, as it was said."""
    row = await tx.fetch_one(_LOST, {"customer_id": customer_id, "month": month})
    return Loss(row.lost_at, row.said_at) if row else None
