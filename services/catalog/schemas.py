"""The catalogue's HTTP shapes."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chassis.problems import Problem
from services.catalog.model import ActivationState, TermsKind

MAX_ITEMS = 10_000

Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
    Field(examples=["devis-factures"]),
]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250), Field(examples=["Devis"])
]
Feature = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    Field(examples=["create a quote"]),
]
Description = Annotated[str, Field(max_length=5_000, examples=["Quotes and invoices of a small company."])]


class Shape(BaseModel):
    """What is sent: nothing besides these fields."""

    model_config = ConfigDict(extra="forbid")


class TermsNamed(Shape):
    """One version of one kind of an offering's stricter terms."""

    kind: TermsKind
    version: int = Field(ge=1, le=10_000, examples=[1])


class Terms(TermsNamed):
    """The terms themselves."""

    text: str = Field(min_length=1, max_length=20_000, examples=["Backups are kept ten days."])


def _one_of_a_kind(terms: list[Terms]) -> list[Terms]:
    if len({one.kind for one in terms}) < len(terms):
        raise ValueError("one version of each kind of terms is in force")
    return terms


TermsInForce = Annotated[list[Terms], Field(max_length=len(TermsKind)), AfterValidator(_one_of_a_kind)]


class Wording(Shape):
    """What may be edited on an offering."""

    name: Name
    description: Description = ""
    essential_features: list[Feature] = Field(default=[], max_length=200, examples=[["create a quote"]])
    stricter_terms: TermsInForce = []


class NewOffering(Wording):
    """An offering to publish."""

    code: Code
    collaborative: bool = Field(description="Its first activation for a company ends the demonstration.")
    confirmation_needed: bool = Field(default=False, description="Support confirms its deactivation.")
    custom_development: bool = Field(default=False, description="Made for one customer: refused (4-d).")


class Withdrawal(Shape):
    """The announced end of an offering."""

    ends_on: date = Field(description="Its last day, in Paris.", examples=["2026-12-31"])


class OfferingShown(BaseModel):
    """An offering of the catalogue."""

    code: Code
    name: Name
    description: Description
    essential_features: list[Feature] = Field(max_length=200)
    stricter_terms: list[Terms] = Field(max_length=len(TermsKind))
    collaborative: bool
    confirmation_needed: bool
    published_at: datetime
    withdrawn_at: datetime | None
    ends_on: date | None
    revision: int


class CatalogueEntry(OfferingShown):
    """An offering as a portal shows it to a customer's or a company's people."""

    shown: bool = Field(description="Whether the customer's portal shows it to its companies.")
    to_acknowledge: list[TermsNamed] = Field(max_length=len(TermsKind))
    activation_id: UUID | None = Field(description="Its live activation, for whom the caller stands.")
    state: ActivationState | None


class Selection(Shape):
    """The offerings that a customer's portal shows to its companies; null before any choice: all."""

    offering_codes: list[Code] | None = Field(max_length=1_000)


class NewSelection(Shape):
    """A choice of what the portal shows."""

    offering_codes: list[Code] = Field(max_length=1_000)


class NewActivation(Shape):
    """An offering to activate, for a company or, without one, for the customer itself."""

    offering_code: Code
    company_id: UUID | None = None
    acknowledged: list[TermsNamed] = Field(default=[], max_length=len(TermsKind))


class NewActivations(Shape):
    """An offering to activate for many companies: those listed, or all that are active."""

    offering_code: Code
    company_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=MAX_ITEMS)
    all_active_companies: bool = Field(default=False, examples=[True])
    acknowledged: list[TermsNamed] = Field(default=[], max_length=len(TermsKind))

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.company_ids is None) is not self.all_active_companies:
            raise ValueError("give company_ids, or all_active_companies: true; not both")
        return self


class Deactivations(Shape):
    """Activations to end."""

    activation_ids: list[UUID] = Field(min_length=1, max_length=MAX_ITEMS)


class ActivationShown(BaseModel):
    """An offering in use: by whom, since when, and who asked for what."""

    customer_id: UUID
    activation_id: UUID
    company_id: UUID | None
    offering_code: Code
    state: ActivationState
    activated_at: datetime
    activated_by: UUID
    requested_at: datetime | None
    requested_by: UUID | None
    confirmed_by: UUID | None
    deactivated_at: datetime | None


class Item(BaseModel):
    """What became of one item of a batch."""

    id: UUID | None = Field(description="The company, or the activation, that was named.")
    status: int = Field(ge=200, le=599, description="What a request for this item alone would answer.")
    activation: ActivationShown | None = None
    problem: Problem | None = None


class Batch(BaseModel):
    """What became of a batch. Companies not listed by the caller are counted, and listed by activations."""

    changed: int
    unchanged: int
    refused: int
    items: list[Item] = Field(max_length=MAX_ITEMS)


class DemonstrationShown(BaseModel):
    """Whether the free demonstration lasts, or which activation ended it (15-b)."""

    ended_at: datetime | None
    offering_code: Code | None = None
    company_id: UUID | None = None
