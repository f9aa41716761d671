"""What tenancy says: customers and the terms of their contracts, companies, credentials, access rights."""

from datetime import date
from typing import Annotated, Literal
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
    """A customer has a contract with the publisher.

    `support_starts_on` is null where its plan has no support, or nobody said otherwise than at once.
    """

    name: Name
    kind: CustomerKind
    support_plan: SupportPlan
    registered_at: Instant
    contract_starts_on: date
    term_months: Annotated[int, Field(ge=1, le=600)]
    support_starts_on: date | None = None


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


Party = Literal["customer", "publisher"]
PeriodNumber = Annotated[int, Field(ge=1, le=120_000)]
LetterReference = Annotated[str, Field(min_length=1, max_length=100)]
Percent = Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{3}$", max_length=8)]
"""A percentage in thousandths, as text: no reader makes a float of it."""


@event("livret.tenancy.SubscriptionRenewed.v1")
class SubscriptionRenewed(CustomerEvent):
    """A contract was tacitly renewed: period `period` runs from `starts_on` through `last_day`."""

    period: PeriodNumber
    starts_on: date
    last_day: date
    renewed_at: Instant


@event("livret.tenancy.NonRenewalNotified.v1")
class NonRenewalNotified(CustomerEvent):
    """A party gave notice: the contract ends with `last_day` unless the notice is withdrawn before.

    `late`: it was posted too late for the period it was posted in, and counts for a later end.
    """

    notice_id: UUID
    party: Party
    letter_reference: LetterReference
    posted_on: date
    last_day: date
    late: bool
    notified_at: Instant

    def subject(self) -> str:
        return str(self.notice_id)


@event("livret.tenancy.NonRenewalWithdrawn.v1")
class NonRenewalWithdrawn(CustomerEvent):
    """The party that had given notice took it back: the contract is renewed again."""

    notice_id: UUID
    party: Party
    reason: Sentence
    withdrawn_at: Instant

    def subject(self) -> str:
        return str(self.notice_id)


@event("livret.tenancy.PriceRevisionNotified.v1")
class PriceRevisionNotified(CustomerEvent):
    """Prices rise at the renewal of `effective_on`, by `percent` or as the text `reference` names it."""

    revision_id: UUID
    percent: Percent | None
    reference: Annotated[str | None, Field(min_length=1, max_length=200)]
    notified_on: date
    effective_on: date
    period: PeriodNumber
    recorded_at: Instant

    def subject(self) -> str:
        return str(self.revision_id)


@event("livret.tenancy.ContractEnded.v1")
class ContractEnded(CustomerEvent):
    """A contract was not renewed: `last_day` was its last."""

    last_day: date
    ended_at: Instant
