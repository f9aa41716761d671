"""Companies and their access rights, one and many."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from services.tenancy.commands.companies import ItemResult
from services.tenancy.model import CompanyState, NewCompany
from services.tenancy.schemas.fields import (
    ActivityCode,
    Asked,
    City,
    Name,
    OfferingCode,
    Postcode,
    Shown,
    Siret,
    Street,
    TradeName,
)

ITEMS_MAXIMUM = 1000


class CompanyDetails(Asked):
    """What may be corrected of a company."""

    name: Name
    street: Street = ""
    postcode: Postcode
    city: City = ""
    trade_name: TradeName = ""
    activity_code: Annotated[ActivityCode, Field(max_length=20)] = ""

    def as_company(self, siret: str) -> NewCompany:
        """The same in the words of the rules."""
        details = {name: getattr(self, name) for name in CompanyDetails.model_fields}
        return NewCompany(siret=siret, **details)


CHANGING = (*CompanyDetails.model_fields, "state")
"""What of a company changes in its life."""


class CompanyAsked(CompanyDetails):
    """An establishment to register."""

    siret: Siret


class CompanyShown(Shown):
    """An establishment."""

    company_id: UUID
    siret: Siret
    name: Name
    trade_name: TradeName
    activity_code: ActivityCode
    street: Street
    postcode: Postcode
    city: City
    state: CompanyState
    registered_at: datetime
    activated_at: datetime | None
    deactivated_at: datetime | None
    version: int


class CompanyChoice(Asked):
    """Some companies, or all of them."""

    company_ids: Annotated[list[UUID], Field(default_factory=list, max_length=ITEMS_MAXIMUM)]
    all: Annotated[bool, Field(examples=[True])] = False

    @model_validator(mode="after")
    def _one_of_both(self) -> "CompanyChoice":
        if self.all is bool(self.company_ids):
            raise ValueError("name companies, or say all: one of both")
        return self


class ItemShown(Shown):
    """What became of one company of a bulk request, with the status it would have had alone."""

    company_id: UUID
    status: int
    problem: Annotated[str | None, Field(max_length=200)] = None
    title: Annotated[str | None, Field(max_length=500)] = None

    @classmethod
    def of(cls, result: ItemResult) -> "ItemShown":
        """The shape of a result."""
        refusal = result.refusal
        if refusal is None:
            return cls(company_id=result.company_id, status=200)
        return cls(
            company_id=result.company_id,
            status=refusal.status,
            problem=refusal.slug,
            title=refusal.sentence,
        )


class BulkShown(Shown):
    """What became of a bulk request: how many changed; item by item when they were named."""

    changed: int
    items: Annotated[list[ItemShown], Field(default_factory=list, max_length=ITEMS_MAXIMUM)]


class RightsAsked(Asked):
    """3-b: the services a company may use, the whole list."""

    offering_codes: Annotated[list[OfferingCode], Field(max_length=200)]


class RightsOfManyAsked(CompanyChoice):
    """3-b: the same list for several companies, or for all of them."""

    offering_codes: Annotated[list[OfferingCode], Field(max_length=200)]


class RightsShown(Shown):
    """3-b: the services a company may use."""

    company_id: UUID
    offering_codes: Annotated[list[OfferingCode], Field(max_length=1000)]


StateFilter = Literal["registered", "active", "inactive"]
