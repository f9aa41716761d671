"""What the catalogue speaks of: offerings, their stricter terms, companies as heard, activations.

Frozen data only. Decisions are in `rules`, their reasons to say no in `refusals`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.refusals import Refusal


class TermsKind(StrEnum):
    """What an offering's stricter terms are about (4-e)."""

    operation = "operation"
    security = "security"
    backup = "backup"


class CustomerKind(StrEnum):
    """An accounting firm reaches companies through its portal; a direct customer is its only company."""

    accounting_firm = "accounting_firm"
    direct = "direct"


@dataclass(frozen=True, slots=True, order=True)
class TermsVersion:
    """One version of one kind of terms: what a customer acknowledges."""

    kind: TermsKind
    version: int


@dataclass(frozen=True, slots=True)
class StricterTerms:
    """Terms that prevail over the booklet for one offering, once acknowledged (2-a, 4-e)."""

    kind: TermsKind
    version: int
    text: str

    @property
    def named(self) -> TermsVersion:
        """What an acknowledgement of these terms names."""
        return TermsVersion(self.kind, self.version)


@dataclass(frozen=True, slots=True)
class OfferingText:
    """What the publisher may edit on a published offering."""

    name: str
    description: str
    essential_features: tuple[str, ...]
    stricter_terms: tuple[StricterTerms, ...]


@dataclass(frozen=True, slots=True)
class Offering:
    """A service of the catalogue. `revision` grows with every edit; `ends_on` is its last day (3-d)."""

    code: str
    text: OfferingText
    collaborative: bool
    confirmation_needed: bool
    published_at: datetime
    custom_development: bool = False
    withdrawn_at: datetime | None = None
    ends_on: date | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as tenancy told it."""

    customer_id: UUID
    kind: CustomerKind


@dataclass(frozen=True, slots=True)
class Company:
    """A company as tenancy told it: which of the two instants is later says whether it is active."""

    company_id: UUID
    activated_at: datetime | None
    deactivated_at: datetime | None

    @property
    def active(self) -> bool:
        """Activated, and not deactivated since."""
        if self.activated_at is None:
            return False
        return self.deactivated_at is None or self.deactivated_at < self.activated_at


@dataclass(frozen=True, slots=True)
class Activation:
    """An offering in use by a company, or by the customer itself when `company_id` is None.

    Live until `deactivated_at`; `requested_at` alone means that a deactivation waits for the publisher.
    """

    customer_id: UUID
    activation_id: UUID
    company_id: UUID | None
    offering_code: str
    activated_at: datetime
    activated_by: UUID
    requested_at: datetime | None = None
    requested_by: UUID | None = None
    confirmed_by: UUID | None = None
    deactivated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActivationOrder:
    """What a customer asks for: one offering for these companies, for itself (None among them), or, with
    `company_ids` None, for every active company."""

    customer_id: UUID
    offering_code: str
    company_ids: tuple[UUID | None, ...] | None
    acknowledged: tuple[TermsVersion, ...]
    by: UUID


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item of a list: an activation, new or changed by this call or not, or a refusal."""

    item: UUID | None
    activation: Activation | None
    changed: bool = False
    refusal: Refusal | None = None

    def granted(self) -> Activation:
        """The activation; what was refused is raised."""
        if self.activation is None:
            raise self.refusal or ValueError("an outcome is an activation or a refusal")
        return self.activation


class ActivationState(StrEnum):
    """Where an activation stands."""

    active = "active"
    deactivation_requested = "deactivation_requested"
    deactivated = "deactivated"


def state_of(activation: Activation) -> ActivationState:
    """The one word for an activation's instants."""
    if activation.deactivated_at is not None:
        return ActivationState.deactivated
    if activation.requested_at is not None:
        return ActivationState.deactivation_requested
    return ActivationState.active


@dataclass(frozen=True, slots=True)
class Visibility:
    """What decides which offerings someone sees.

    `shown` is the customer's choice, None when it never chose. `rights` are those its firm gave a
    company, None for the customer's own people.
    """

    shown: frozenset[str] | None
    rights: frozenset[str] | None
