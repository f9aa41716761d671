"""Customers as they are registered and shown."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.tenancy.model import Address, CustomerKind, Identity, NewCustomer, SupportPlan
from services.tenancy.schemas.fields import (
    Asked,
    City,
    Country,
    Name,
    Postcode,
    Shown,
    Siret,
    Slug,
    Street,
)

CustomerName = Annotated[Name, Field(examples=["Cabinet Moreau"])]
Vat = Annotated[str | None, Field(max_length=20, examples=["FR44732829320"])]


class AddressAsked(Asked):
    """Where the establishment stands: it decides whether it can be served (4-a)."""

    street: Street = ""
    postcode: Postcode
    city: City = ""
    country: Country = "FR"


class CustomerDetails(Asked):
    """Who a customer is and where it stands: what may be corrected of it."""

    name: CustomerName
    siret: Siret
    vat: Vat = None
    address: AddressAsked

    def as_identity(self) -> Identity:
        """The same in the words of the rules."""
        return Identity(self.name, self.siret, self.vat, Address(**self.address.model_dump()))


class CustomerAsked(CustomerDetails):
    """A registration."""

    kind: CustomerKind
    portal: Slug
    support_plan: SupportPlan
    support_starts_on: date | None = None
    contract_starts_on: date
    term_months: Annotated[int, Field(ge=1, le=600)] = 12
    professional_use: Annotated[
        bool, Field(examples=[True], description="The customer acknowledges professional use (4-f).")
    ]

    def as_customer(self) -> NewCustomer:
        """The same in the words of the rules."""
        support_starts_on = self.support_starts_on or self.contract_starts_on
        return NewCustomer(
            kind=self.kind,
            name=self.name,
            siret=self.siret,
            vat=self.vat,
            address=Address(**self.address.model_dump()),
            portal=self.portal,
            support_plan=self.support_plan,
            support_starts_on=None if self.support_plan is SupportPlan.connect else support_starts_on,
            contract_starts_on=self.contract_starts_on,
            term_months=self.term_months,
            professional_use=self.professional_use,
        )


class PlanAsked(Asked):
    """Another support plan."""

    plan: SupportPlan


class CustomerShown(Shown):
    """A customer."""

    customer_id: UUID
    kind: CustomerKind
    name: CustomerName
    siret: Siret
    vat: Vat
    street: Street
    postcode: Postcode
    city: City
    country: Country
    portal: Slug
    support_plan: SupportPlan
    support_starts_on: date | None
    contract_starts_on: date
    term_months: int
    professional_use_at: datetime
    registered_at: datetime
    version: int
