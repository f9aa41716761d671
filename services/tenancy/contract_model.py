"""What the term of a contract is spoken of in: periods, notices, price revisions, dates (article 16).

Frozen values and enumerations only. Days are calendar days in the booklet's time zone.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class Party(StrEnum):
    """Who gives notice of non-renewal."""

    customer = "customer"
    publisher = "publisher"


class ContractState(StrEnum):
    """active -> ended, once a notice has taken effect."""

    active = "active"
    ended = "ended"


class DateKind(StrEnum):
    """What a date of the timeline is. Of one day, they stand in this order."""

    contract_start = "contract_start"
    renewal = "renewal"
    price_revised = "price_revised"
    last_notice_day = "last_notice_day"
    last_price_revision_day = "last_price_revision_day"
    non_renewal_posted = "non_renewal_posted"
    non_renewal_withdrawn = "non_renewal_withdrawn"
    price_revision_notified = "price_revision_notified"
    trial_end = "trial_end"
    promotion_start = "promotion_start"
    promotion_end = "promotion_end"
    period_end = "period_end"
    contract_end = "contract_end"


@dataclass(frozen=True, slots=True)
class NoticeTerms:
    """How long before a period's end a notice is posted, from a day on: the booklet's parameters.

    `valid_from` None: since always. Months are billing months, days calendar days.
    """

    long_term_from_months: int
    long_term_months: int
    short_term_days: int
    price_days: int
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A contract's date and the length of its initial term."""

    starts_on: date
    months: int


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a contract, numbered from 1; `last_day` belongs to it."""

    number: int
    starts_on: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Effect:
    """The end that a notice of non-renewal reaches; late when not that of the period it was posted in."""

    period: Period
    late: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A party's notice of non-renewal, dated by its posting. A withdrawn one stops nothing."""

    notice_id: UUID
    party: Party
    letter_reference: str
    posted_on: date
    last_day: date
    late: bool
    withdrawn_on: date | None = None

    @property
    def stands(self) -> bool:
        return self.withdrawn_on is None


@dataclass(frozen=True, slots=True)
class PriceRevision:
    """A rise announced for a renewal, by a percentage or as a text names it."""

    revision_id: UUID
    notified_on: date
    effective_on: date
    percent: Decimal | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """The days of a promotional price, both included."""

    promotion_id: UUID
    starts_on: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Contract:
    """All that the term of one contract depends on. `said` is the last period whose renewal was said."""

    term: Term
    said: int = 1
    state: ContractState = ContractState.active
    trial_ended_on: date | None = None
    notices: tuple[Notice, ...] = ()
    revisions: tuple[PriceRevision, ...] = ()
    promotions: tuple[Promotion, ...] = ()


@dataclass(frozen=True, slots=True)
class Dated:
    """One date of the timeline. `of` is the notice, revision or promotion it comes from."""

    on: date
    kind: DateKind
    period: int | None = None
    of: UUID | None = None
    party: Party | None = None
