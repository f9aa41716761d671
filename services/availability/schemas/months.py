"""A month as it is read: figures, what made them, and how they were closed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.availability.model.months import Happened, MonthState, Why
from services.availability.model.rates import ExclusionKind

RECORDS = 100_000
"""More than the minutes of a month."""

MonthName = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}$", max_length=7), Field(examples=["2026-05"])
]
YearName = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$", max_length=4), Field(examples=["2026"])]
Seconds = Annotated[int, Field(ge=0, examples=[3600])]
Clause = Annotated[str, Field(max_length=16, examples=["6-e"])]
Words = Annotated[str, Field(max_length=2000, examples=["Login fails"])]
Percent = Annotated[
    str, Field(max_length=16, examples=["99.547"], description="Three decimals, rounded down.")
]
Digits = Annotated[str, Field(max_length=24, examples=["22000"])]


class SpanShown(BaseModel):
    """From the first instant until before the second."""

    starts_at: datetime
    ends_at: datetime


class ExactRate(BaseModel):
    """The rate in percent as a fraction of whole numbers, in lowest terms."""

    numerator: Digits
    denominator: Annotated[str, Field(max_length=24, examples=["221"])]


class PieceShown(SpanShown):
    """A piece of an outage and what became of it."""

    why: Why
    seconds: Seconds
    exclusion_id: UUID | None


class PartShown(BaseModel):
    """All pieces of an outage that went the same way, with the clause that says so."""

    why: Why
    clause: Clause
    exclusion_id: UUID | None
    seconds: Seconds


class OutageExplained(BaseModel):
    """An outage of the portal in production, in parts that add up to its length."""

    outage_id: UUID
    revision: int
    title: Words
    source: Annotated[str, Field(max_length=16, examples=["probe"])]
    everybody: bool = Field(description="Whether it touches every customer, not only some.")
    starts_at: datetime
    ends_at: datetime | None
    seconds: Seconds = Field(description="Its length; of one that goes on, until the month was reckoned.")
    counted_seconds: Seconds
    parts: list[PartShown] = Field(max_length=RECORDS)
    pieces: list[PieceShown] = Field(max_length=RECORDS)


class ExclusionShown(BaseModel):
    """What is left out of unavailability, why, by whom and since when that is on record (6-d)."""

    exclusion_id: UUID
    revision: int
    kind: ExclusionKind
    starts_at: datetime
    ends_at: datetime | None
    reason: Words
    recorded_at: datetime
    recorded_by: UUID


class StepShown(BaseModel):
    """A line of the formula, with its clause."""

    clause: Clause
    symbol: Annotated[str, Field(max_length=16, examples=["TD"])]
    expression: Annotated[str, Field(max_length=2000, examples=["(795600 - 3600) / 795600 x 100"])]
    value: Annotated[str, Field(max_length=200, examples=["22000/221 = 99.547 %, rounded down"])]


class LossShown(BaseModel):
    """Since when the month could no longer be met, as it was said (6-a)."""

    lost_at: datetime
    said_at: datetime
    restored: bool = Field(description="Whether what was corrected since lets it be met again.")


class Informative(BaseModel):
    """The rate of a service, or of an environment, that no commitment is measured by (R5, 6-f)."""

    informative: bool = Field(default=True, description="Always: this is no commitment.")
    offering_code: Annotated[str, Field(max_length=64, examples=["devis-factures"])] | None
    environment: Annotated[str, Field(max_length=64, examples=["production"])]
    reference_seconds: Seconds
    unavailable_seconds: Seconds
    rate: Percent | None


class ForecastShown(BaseModel):
    """The whole month, if what goes on now lasts until `until`."""

    until: datetime
    reference_seconds: Seconds
    unavailable_seconds: Seconds
    rate: Percent | None
    kept: bool | None
    lost_at: datetime | None = Field(description="Since when the commitment could not be met; null: it can.")


class ChangeShown(BaseModel):
    """A record that stands otherwise than the revision before had it."""

    record: Annotated[str, Field(max_length=16, examples=["outage"])]
    what: Happened
    record_id: UUID | None
    title: Words
    revision_before: int | None
    revision_after: int | None
    counted_before: int | None = Field(description="Seconds that an outage added to the unavailability.")
    counted_after: int | None


class RevisionShown(BaseModel):
    """A month as it was closed, and why (6-h)."""

    month: MonthName
    revision: int = Field(ge=1)
    closed_at: datetime
    reference_seconds: Seconds
    unavailable_seconds: Seconds
    rate: Percent | None
    kept: bool | None
    explanation: Words
    changes: list[ChangeShown] = Field(max_length=RECORDS)


class ClosedAs(BaseModel):
    """The revision that is shown."""

    revision: int = Field(ge=1)
    closed_at: datetime
    explanation: Words
    changes: list[ChangeShown] = Field(max_length=RECORDS)


class FiguresShown(BaseModel):
    """A month's figures. Of one that runs: over what has passed of it, and what it may still take."""

    month: MonthName
    state: MonthState
    reference_seconds: Seconds = Field(description="PRT (6-c), as far as the contract covers it (R5).")
    unavailable_seconds: Seconds = Field(description="The sum of TI (6-d, 6-e).")
    allowed_seconds: Seconds = Field(description="What the whole month may take with its commitment kept.")
    seconds_left: Seconds
    minutes_left: int = Field(ge=0)
    rate: Percent | None = Field(description="TD (6-e); null without a reference period.")
    kept: bool | None = Field(description="Judged on the exact rate.")


class MonthShown(FiguresShown):
    """A customer's month with all that made its rate."""

    customer_id: UUID
    closed: ClosedAs | None = Field(description="The revision shown; null: reckoned from what is on record.")
    reckoned_until: datetime
    committed_rate: Annotated[str, Field(max_length=16, examples=["99"])]
    rate_exact: ExactRate | None
    lost: LossShown | None
    covered: list[SpanShown] = Field(max_length=2)
    reference: list[SpanShown] = Field(max_length=62)
    retained: list[SpanShown] = Field(max_length=RECORDS)
    outages: list[OutageExplained] = Field(max_length=RECORDS)
    exclusions: list[ExclusionShown] = Field(max_length=RECORDS)
    formula: list[StepShown] = Field(max_length=16)
    informative: list[Informative] = Field(max_length=RECORDS)
    forecast: ForecastShown | None = None


class YearShown(BaseModel):
    """Twelve months and their sum. The commitment is monthly: the year's rate only informs."""

    customer_id: UUID
    year: YearName
    months: list[FiguresShown] = Field(max_length=12)
    reference_seconds: Seconds
    unavailable_seconds: Seconds
    rate: Percent | None
    months_kept: int = Field(ge=0, le=12, description="Of those that are over.")
    months_not_kept: int = Field(ge=0, le=12, description="Of those that are over.")


class CustomerMonth(FiguresShown):
    """A customer who is below the commitment, or close to it."""

    customer_id: UUID
    name: Annotated[str, Field(max_length=250, examples=["Cabinet Durand"])]
