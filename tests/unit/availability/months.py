"""What tests of months' evidence share: an hour's outage in May 2026, and months that are wholly covered."""

from datetime import datetime
from decimal import Decimal

from services.availability.model.months import Evidence, Known
from services.availability.model.rates import Facts, Outage, Span, Terms
from services.availability.rules.evidence import evidence_of
from services.availability.rules.reference import month_of
from tests.unit.availability.facts import at
from tests.unit.availability.known import named

TERMS = Terms(Decimal(99), 48 * 3600)
MAY = month_of(2026, 5)
ALL_OF_MAY = (Span(MAY.starts_at, MAY.ends_at),)
MORNING = (at("2026-05-05T09:00+02:00"), at("2026-05-05T10:00+02:00"))
HOUR = named(Facts((Outage(*MORNING),)))


def whole(number: int) -> tuple[Span, ...]:
    """All of a month of 2026."""
    month = month_of(2026, number)
    return (Span(month.starts_at, month.ends_at),)


def of(found: Known, number: int = 5, until: datetime | None = None) -> Evidence:
    """A wholly covered month of 2026."""
    month = month_of(2026, number)
    return evidence_of(month, found, TERMS, whole(number), until or month.ends_at)
