"""What the catalogue says: the services it offers, and who has activated which."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.events.fields import Instant, Name, OfferingCode
from contracts.events.registry import CustomerEvent, PortalEvent, event

Feature = Annotated[str, StringConstraints(min_length=1, max_length=200)]
TermsNamed = Annotated[str, StringConstraints(min_length=1, max_length=80)]


@event("livret.catalog.ServicePublished.v1")
class ServicePublished(PortalEvent):
    """An offering can be activated from now on; or says anew what it is.

    `essential_features` are those without which it is of no use: they weigh in an anomaly's criticality.
    `stricter_terms` names those in force, as `backup 2`: they prevail over the booklet for it (2-a).
    """

    offering_code: OfferingCode
    name: Name
    collaborative: bool
    confirmation_needed: bool
    published_at: Instant
    essential_features: Annotated[list[Feature], Field(max_length=200)] = Field(default=[])
    stricter_terms: Annotated[list[TermsNamed], Field(max_length=20)] = Field(default=[])

    def subject(self) -> str:
        return self.offering_code


@event("livret.catalog.ServiceWithdrawn.v1")
class ServiceWithdrawn(PortalEvent):
    """An offering takes no new activation; those there are end on `ends_on`."""

    offering_code: OfferingCode
    ends_on: date
    withdrawn_at: Instant

    def subject(self) -> str:
        return self.offering_code


class _ActivationEvent(CustomerEvent):
    """Ordered by company, or by customer where the service is activated for the customer itself."""

    company_id: UUID | None
    offering_code: OfferingCode
    activation_id: UUID

    def key(self) -> str:
        return str(self.company_id or self.customer_id)

    def subject(self) -> str:
        return str(self.activation_id)


@event("livret.catalog.ServiceActivated.v1")
class ServiceActivated(_ActivationEvent):
    """A service was activated for a company, or for a customer itself when `company_id` is null."""

    activated_at: Instant
    collaborative: bool


@event("livret.catalog.ServiceDeactivated.v1")
class ServiceDeactivated(_ActivationEvent):
    """A service ended. Once confirmed, the date of the request governs the invoice."""

    requested_at: Instant
    deactivated_at: Instant


@event("livret.catalog.DemonstrationEnded.v1")
class DemonstrationEnded(CustomerEvent):
    """A customer's trial of a service is over."""

    company_id: UUID | None
    offering_code: OfferingCode
    ended_at: Instant
