"""What is said of months that can no longer be met (6-a): once, whoever finds it first."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.events.availability import AvailabilityBelowCommitment
from services.availability.model.months import Evidence
from services.availability.model.rates import Month
from services.availability.store import losses


async def lose(
    tx: Tx, month: Month, found: Iterable[tuple[UUID, Evidence]], now: datetime
) -> list[AvailabilityBelowCommitment]:
    """6-a: what is to be said of customers whose month can no longer be met; nothing where it was before."""
    lost = {customer_id: evidence for customer_id, evidence in found if evidence.lost_at is not None}
    if not lost:
        return []
    new = await losses.save_lost(tx, month.name, lost, now)
    return [
        AvailabilityBelowCommitment(
            customer_id=customer_id,
            month=month.name,
            lost_at=evidence.lost_at,
            unavailable_seconds=evidence.unavailable_seconds,
            reference_seconds=evidence.reference_seconds,
        )
        for customer_id, evidence in lost.items()
        if customer_id in new and evidence.lost_at is not None
    ]
