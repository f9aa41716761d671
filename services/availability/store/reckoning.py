"""A month reckoned for many customers: once for all whose contract covers the same part of it and whom the
same records touch, which most of them are.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from services.availability.model.months import Contract, Evidence, Known
from services.availability.model.rates import Month, Span, Terms
from services.availability.rules.coverage import covered_in, first_day_of
from services.availability.rules.evidence import evidence_of
from services.availability.store.facts import Record, load_record
from services.availability.terms import terms_on


@dataclass(slots=True)
class Reckoning:
    """A month's evidence for whoever asks, up to an instant."""

    month: Month
    terms: Terms
    record: Record
    until: datetime
    _covered: dict[Contract, tuple[Span, ...]] = field(default_factory=dict)
    _found: dict[tuple[tuple[Span, ...], Known | None], Evidence] = field(default_factory=dict)

    def of(self, customer_id: UUID, contract: Contract) -> Evidence:
        """The evidence of a customer; one and the same for all who share it."""
        if contract not in self._covered:
            self._covered[contract] = covered_in(self.month, contract)
        covered = self._covered[contract]
        place = (covered, self.record.named.get(customer_id))
        if place not in self._found:
            known = self.record.of(customer_id)
            self._found[place] = evidence_of(self.month, known, self.terms, covered, self.until)
        return self._found[place]


async def begin(tx: Tx, month: Month, until: datetime) -> Reckoning:
    """What is on record of the month, ready to be reckoned for any customer. In the portal's scope."""
    record = await load_record(tx, Span(month.starts_at, month.ends_at))
    return Reckoning(month, terms_on(first_day_of(month)), record, until)
