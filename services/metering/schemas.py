"""Metering's HTTP shapes."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.metering.model import Reason


class OfferingCounted(BaseModel):
    """How many used an offering within the month: companies, and the customer itself if it did."""

    offering_code: str = Field(max_length=64, examples=["devis-factures"])
    name: str | None = Field(max_length=250, examples=["Devis Factures"])
    counted: int


class BaseShown(BaseModel):
    """What a month's invoice counts (15-f, R10)."""

    customer_id: UUID
    month: str = Field(max_length=7, examples=["2026-03"])
    starts_at: datetime
    ends_at: datetime
    demonstration_ended_at: datetime | None = Field(description="Nothing counts before; null: it lasts.")
    companies_counted: int = Field(description="Activated, with an identifier and password.")
    services_counted: int = Field(description="The sum over the offerings.")
    offerings: list[OfferingCounted] = Field(max_length=10_000)


class CompanyCounted(BaseModel):
    """A company in the month, counted or not, with the dates that decide."""

    company_id: UUID
    siret: str | None = Field(max_length=14, examples=["73282932000074"])
    name: str | None = Field(max_length=250, examples=["Boulangerie Martin"])
    counted: bool
    reason: Reason
    activated_at: datetime | None
    deactivated_at: datetime | None
    credential_given_at: datetime | None


class ServiceCounted(BaseModel):
    """An activation in the month, counted or not, with the dates that decide."""

    activation_id: UUID
    offering_code: str = Field(max_length=64, examples=["devis-factures"])
    company_id: UUID | None = Field(description="Null: the customer itself.")
    counted: bool
    reason: Reason
    activated_at: datetime
    deactivated_at: datetime | None
