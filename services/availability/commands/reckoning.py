"""A month reckoned for many customers: once for all whose contract covers the same part of it and whom the
same records touch, which most of them are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.events.availability import AvailabilityBelowCommitment
from services.availability.model.months import Contract, Evidence, Known
from services.availability.model.rates import Month, Span, Terms
from services.availability.rules.coverage import covered_in, first_day_of
from services.availability.rules.evidence import evidence_of
from services.availability.store import losses
from services.availability.store.facts import Record, load_record
from services.availability.terms import terms_on


@dataclass(slots=True)
class Reckoning:
    """A month's evidence for whoever asks, up to an instant."""

    month: Month
    terms: Terms
    record: Record
    until: datetime
    _found: dict[tuple[tuple[Span, ...], Known | None], Evidence] = field(default_factory=dict)

    def of(self, customer_id: UUID, contract: Contract) -> Evidence:
        """The evidence of a customer; one and the same for all who share it."""
        covered = covered_in(self.month, contract)
        place = (covered, self.record.named.get(customer_id))
        if place not in self._found:
            known = self.record.of(customer_id)
            self._found[place] = evidence_of(self.month, known, self.terms, covered, self.until)
        return self._found[place]


async def begin(tx: Tx, month: Month, until: datetime) -> Reckoning:
    """What is on record of the month, ready to be reckoned for any customer. In the portal's scope."""
    record = await load_record(tx, Span(month.starts_at, month.ends_at))
    return Reckoning(month, terms_on(first_day_of(month)), record, until)


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
