"""What tenancy says: customers, companies, credentials and access rights."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.events.fields import (
    Colour,
    CustomerKind,
    Digest,
    Identifier,
    Instant,
    Markdown,
    Name,
    OfferingCode,
    Sentence,
    Siret,
    SupportPlan,
)
from contracts.events.registry import PORTAL_KEY, CompanyEvent, CustomerEvent, Event, event


@event("livret.tenancy.CustomerRegistered.v1")
class CustomerRegistered(CustomerEvent):
    """A customer has a contract with the publisher."""

    name: Name
    kind: CustomerKind
    support_plan: SupportPlan
    registered_at: Instant
    contract_starts_on: date
    term_months: Annotated[int, Field(ge=1, le=600)]


@event("livret.tenancy.SupportPlanChanged.v1")
class SupportPlanChanged(CustomerEvent):
    """A customer went from one support plan to another."""

    plan: SupportPlan
    previous_plan: SupportPlan
    changed_at: Instant


@event("livret.tenancy.AdminAccessIssued.v1")
class AdminAccessIssued(CustomerEvent):
    """The publisher gave a customer its first administrator's access."""

    person_id: UUID
    credential_id: UUID
    issued_at: Instant

    def subject(self) -> str:
        return str(self.credential_id)


@event("livret.tenancy.CompanyRegistered.v1")
class CompanyRegistered(CompanyEvent):
    """A customer brought a company, one per establishment."""

    siret: Siret
    name: Name
    registered_at: Instant


@event("livret.tenancy.CompanyActivated.v1")
class CompanyActivated(CompanyEvent):
    """A company may use the portal from now on."""

    activated_at: Instant


@event("livret.tenancy.CompanyDeactivated.v1")
class CompanyDeactivated(CompanyEvent):
    """A company may no longer use the portal."""

    deactivated_at: Instant


class _CredentialEvent(Event):
    """Ordered by company, else customer, else the portal: a credential belongs to one of the three."""

    customer_id: UUID | None
    company_id: UUID | None
    credential_id: UUID

    def key(self) -> str:
        return str(self.company_id or self.customer_id or PORTAL_KEY)

    def subject(self) -> str:
        return str(self.credential_id)


@event("livret.tenancy.CredentialIssued.v1")
class CredentialIssued(_CredentialEvent):
    """A person was given an identifier to enter the portal with."""

    person_id: UUID
    identifier: Identifier
    issued_at: Instant


@event("livret.tenancy.CredentialDisabled.v1")
class CredentialDisabled(_CredentialEvent):
    """A credential opens nothing from `disabled_at` on; whatever it opened before ends."""

    disabled_at: Instant
    reason: Sentence


@event("livret.tenancy.AccessRightsChanged.v1")
class AccessRightsChanged(CompanyEvent):
    """The firm settled which services a company may use: the whole list, not the difference."""

    offering_codes: Annotated[list[OfferingCode], Field(max_length=1000)]
    changed_at: Instant


@event("livret.tenancy.PortalPresentationChanged.v1")
class PortalPresentationChanged(CustomerEvent):
    """A customer defined how its portal looks: the whole of it, not the difference.

    The logo is named by the SHA-256 of its PNG, which tenancy serves.
    """

    name: Name
    text_colour: Colour
    background_colour: Colour
    accent_colour: Colour
    on_accent_colour: Colour
    welcome: Markdown
    logo_digest: Digest | None
    revision: Annotated[int, Field(ge=1)]
    changed_at: Instant
