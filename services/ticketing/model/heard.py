"""Customers and products, as far as ticketing was told of them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.ticketing.model.tickets import SupportPlan, SuspensionReason


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time in which a customer's support stands still (13.2-h); `until` None still goes on."""

    customer_id: UUID
    suspension_id: UUID
    reason: SuspensionReason
    explanation: str
    since: datetime
    suspended_by: UUID
    until: datetime | None = None
    resumed_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """A customer at the instant at which it asks."""

    customer_id: UUID
    name: str
    plan: SupportPlan
    contract_last_day: date | None
    suspension: Suspension | None


@dataclass(frozen=True, slots=True)
class Product:
    """A service of the publisher's catalogue, that one may ask about until the end of `ends_on`."""

    code: str
    name: str
    essential_features: frozenset[str]
    ends_on: date | None
    stricter_terms: tuple[str, ...] = ()
    """Its own terms in force, by kind and version: they prevail over the booklet (2-a)."""
