"""The field types that several shapes share."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from contracts.booklet.hours import FIRST_YEAR, LAST_YEAR
from services.availability.model.rates import PRODUCTION

MAX_CUSTOMERS = 20_000


def _in_known_years(instant: datetime) -> datetime:
    if not FIRST_YEAR < instant.year < LAST_YEAR:
        raise ValueError(f"the calendars know the years after {FIRST_YEAR} and before {LAST_YEAR}")
    return instant


Moment = Annotated[AwareDatetime, AfterValidator(_in_known_years)]
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=250),
    Field(examples=["Nobody can log in"]),
]
Description = Annotated[
    str, StringConstraints(max_length=5_000), Field(examples=["Logging in answers with an error."])
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    Field(examples=["The log shows an earlier start."]),
]
ClauseReason = Annotated[
    str, StringConstraints(max_length=500), Field(examples=["The operator was cut off."])
]
"""A reason that the booklet asks for: without one the refusal names the clause."""
NoteText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000),
    Field(examples=["The log of the login service."]),
]
OfferingCode = Annotated[
    str, StringConstraints(min_length=1, max_length=64), Field(examples=["devis-factures"])
]
Environment = Annotated[str, StringConstraints(min_length=1, max_length=64), Field(examples=[PRODUCTION])]
Scope = Annotated[Literal["all", "some"], Field(description="Whether all customers are touched, or some.")]
CustomerIds = Annotated[
    list[UUID] | None,
    Field(min_length=1, max_length=MAX_CUSTOMERS, description="The customers it touches; null: all of them."),
]
CustomerIdsKept = Annotated[
    list[UUID] | None,
    Field(
        min_length=1,
        max_length=MAX_CUSTOMERS,
        description="The customers it touches; null: all of them; left out: those it touches already.",
    ),
]
EndKept = Annotated[
    Moment | None, Field(description="Null: it goes on, also if it had ended; left out: its end as it is.")
]
EnvironmentKept = Annotated[Environment, Field(description="Left out: the one it is of already.")]
DescriptionKept = Annotated[Description, Field(description="Left out: as it is.")]
Told = Annotated[str, StringConstraints(max_length=1_000), Field(examples=["portal"])]


class Asked(BaseModel):
    """A shape that is sent to us."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """A shape that we answer with."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Withdrawal(Asked):
    """Why something on record counts no more."""

    reason: Reason


class HistoryLine(Shown):
    """What was done to a record: by whom, when and why, and the fields that differ."""

    number: int
    at: datetime
    by: UUID | None = Field(description="Null for a program of the publisher's.")
    change: Annotated[str, StringConstraints(max_length=40), Field(examples=["corrected"])]
    reason: Description
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class CustomerNamed(Shown):
    """A customer that a record names."""

    customer_id: UUID
    name: Annotated[str, StringConstraints(max_length=250), Field(examples=["Cabinet Moreau"])]
