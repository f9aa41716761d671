"""What metering speaks of: a month in Paris, spans of activity, verdicts of counting."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in Paris as instants in UTC: from `starts_at` until before `ends_at`."""

    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Active from the first instant until before the second; None: still."""

    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class CompanyHistory:
    """All that was heard of a company. Instants are sets: heard twice or in any order, they are the same."""

    activated_at: frozenset[datetime]
    deactivated_at: frozenset[datetime]
    credential_given_at: datetime | None


class Reason(StrEnum):
    """Why something counts in a month, or what it lacks to count."""

    counted = "counted"
    demonstration = "demonstration"
    no_credential = "no_credential"
    not_active = "not_active"


@dataclass(frozen=True, slots=True)
class CompanyLine:
    """A company in a month's base, with the dates that decide."""

    company_id: UUID
    siret: str | None
    name: str | None
    reason: Reason
    activated_at: datetime | None
    deactivated_at: datetime | None
    credential_given_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """An activation in a month's base, with the dates that decide. No company: the customer's own."""

    activation_id: UUID
    offering_code: str
    company_id: UUID | None
    reason: Reason
    activated_at: datetime
    deactivated_at: datetime | None


@dataclass(frozen=True, slots=True)
class OfferingCount:
    """How many companies (and the customer itself, if it does) used an offering within a month."""

    offering_code: str
    name: str | None
    counted: int


@dataclass(frozen=True, slots=True)
class MonthBase:
    """What a month's invoice counts for one customer."""

    customer_id: UUID
    month: Month
    demonstration_ended_at: datetime | None
    companies_counted: int
    offerings: tuple[OfferingCount, ...]
