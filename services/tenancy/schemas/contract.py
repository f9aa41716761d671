"""The term of a contract as it is shown, and what is recorded of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, model_validator

from chassis.languages import Language
from services.tenancy.contract_calendar import summary
from services.tenancy.contract_model import ContractState, Dated, DateKind, Party
from services.tenancy.contract_terms import notice_terms
from services.tenancy.rules.contracts import current_period, last_day_of, price_of
from services.tenancy.rules.terms import last_notice_day, last_price_revision_day
from services.tenancy.schemas.fields import Asked, Reason, Shown
from services.tenancy.store.contracts import Held

Letter = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, strip_whitespace=True),
    Field(examples=["1A 123 456 7890 1"], description="The registered letter's reference."),
]
Reference = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    Field(examples=["Tariff 2027"]),
]


def _is_a_rise(text: str) -> str:
    if not Decimal(text):
        raise ValueError("a rise is more than nothing")
    return text


Percent = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,3}(\.[0-9]{1,3})?$", max_length=7),
    AfterValidator(_is_a_rise),
    Field(examples=["2.5"], description="A percentage, written as text."),
]
PercentShown = Annotated[Decimal, WithJsonSchema({"type": "string", "maxLength": 20})]


class NoticeAsked(Asked):
    """A notice of non-renewal, as its registered letter says."""

    party: Party
    letter_reference: Letter
    posted_on: Annotated[date, Field(description="The day of posting, which dates it (16-c).")]


class WithdrawalAsked(Asked):
    """A notice taken back."""

    party: Annotated[Party, Field(description="Who takes it back: the party that gave it.")]
    reason: Reason


class PriceRevisionAsked(Asked):
    """A rise of prices at a renewal: a percentage, a text that names it, or both."""

    notified_on: date
    effective_on: Annotated[
        date | None, Field(description="The first day of the renewal; the next one where none is named.")
    ] = None
    percent: Annotated[Percent | None, Field(examples=["2.5"])] = None
    reference: Annotated[Reference | None, Field(examples=["Tariff 2027"])] = None

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if self.percent is None and self.reference is None:
            raise ValueError("a percentage or a reference is needed")
        return self


class PromotionAsked(Asked):
    """A promotional price, on whole days."""

    starts_on: date
    last_day: date
    reference: Reference


class PeriodShown(Shown):
    """A period, with the last days on which notice may be posted."""

    number: int
    starts_on: date
    last_day: date
    last_notice_day: date
    last_price_revision_day: date


class NoticeShown(Shown):
    """A notice of non-renewal. `late`: it came too late for the period it was posted in."""

    notice_id: UUID
    party: Party
    letter_reference: Letter
    posted_on: date
    last_day: date
    late: bool
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: Reason | None


class PriceRevisionShown(Shown):
    """A price revision and the renewal at which it takes effect."""

    revision_id: UUID
    percent: Annotated[PercentShown | None, Field(examples=["2.5"])]
    reference: Reference | None
    notified_on: date
    effective_on: date
    period: int
    recorded_at: datetime


class PromotionShown(Shown):
    """A promotional price, both days included."""

    promotion_id: UUID
    starts_on: date
    last_day: date
    reference: Reference
    recorded_at: datetime


class ContractShown(Shown):
    """Where a contract stands today. `ends_on` is its last day where a notice stands."""

    customer_id: UUID
    state: ContractState
    starts_on: date
    term_months: int
    period: PeriodShown
    renewals: int
    ends_on: date | None
    ended_at: datetime | None
    in_trial: bool
    trial_ended_at: datetime | None
    price_revision_id: UUID | None = Field(description="The revision that holds in this period.")
    notices: Annotated[list[NoticeShown], Field(max_length=10_000)]
    price_revisions: Annotated[list[PriceRevisionShown], Field(max_length=10_000)]
    promotions: Annotated[list[PromotionShown], Field(max_length=10_000)]

    @classmethod
    def of(cls, held: Held, today: date) -> Self:
        """A contract as it stands on a day."""
        contract, terms = held.contract, notice_terms()
        current = current_period(contract, today)
        price = price_of(contract, current.number)
        return cls(
            customer_id=held.customer_id,
            state=contract.state,
            starts_on=contract.term.starts_on,
            term_months=contract.term.months,
            period=PeriodShown(
                number=current.number,
                starts_on=current.starts_on,
                last_day=current.last_day,
                last_notice_day=last_notice_day(contract.term, current, terms),
                last_price_revision_day=last_price_revision_day(current, terms),
            ),
            renewals=current.number - 1,
            ends_on=last_day_of(contract),
            ended_at=held.ended_at,
            in_trial=contract.trial_ended_on is None,
            trial_ended_at=held.trial_ended_at,
            price_revision_id=price.revision_id if price else None,
            notices=[NoticeShown.model_validate(row) for row in held.notices],
            price_revisions=[PriceRevisionShown.model_validate(row) for row in held.revisions],
            promotions=[PromotionShown.model_validate(row) for row in held.promotions],
        )


class DateShown(Shown):
    """One date of a contract. `of` is the id of the notice, price revision or promotional price."""

    on: date
    kind: DateKind
    summary: Annotated[str, Field(max_length=500, examples=["Last day of period 1."])]
    passed: bool
    period: int | None
    party: Party | None
    of: UUID | None


class TimelineShown(Shown):
    """Every date of a contract through `until`, in order."""

    customer_id: UUID
    today: date
    until: date
    items: Annotated[list[DateShown], Field(max_length=10_000)]

    @classmethod
    def told(
        cls, customer_id: UUID, dates: list[Dated], today: date, until: date, language: Language
    ) -> Self:
        """The dates in the words of a language."""
        items = [
            DateShown(
                on=dated.on,
                kind=dated.kind,
                summary=summary(dated, language),
                passed=dated.on < today,
                period=dated.period,
                party=dated.party,
                of=dated.of,
            )
            for dated in dates
        ]
        return cls(customer_id=customer_id, today=today, until=until, items=items)
