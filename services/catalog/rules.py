"""The catalogue's decisions, as pure functions: facts in, the new fact or a refusal out.

Nothing here loads, saves or reads a clock.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.catalog.model import (
    Activation,
    Company,
    Customer,
    CustomerKind,
    Offering,
    OfferingText,
    StricterTerms,
    TermsVersion,
    Visibility,
)
from services.catalog.refusals import (
    ActivationUnknown,
    AlreadyDeactivated,
    CompanyNotActive,
    CompanyUnknown,
    CustomDevelopmentExcluded,
    DeactivationNotRequested,
    EndAlreadyAnnounced,
    EndInThePast,
    OfferingWithdrawn,
    TermsNotAcknowledged,
    TermsUnknown,
    TermsVersionReused,
)

PARIS = ZoneInfo("Europe/Paris")


def may_publish(offering: Offering) -> None:
    """4-d: no custom development is included in the service or reached through it."""
    if offering.custom_development:
        raise CustomDevelopmentExcluded(detail=f"{offering.code} is a custom development.")


def may_reword(published: Collection[StricterTerms], text: OfferingText) -> None:
    """4-e: a version of terms, once published, keeps its text, since customers acknowledged that."""
    texts = {terms.named: terms.text for terms in published}
    for terms in text.stricter_terms:
        if texts.get(terms.named, terms.text) != terms.text:
            raise TermsVersionReused(detail=f"{terms.kind} terms, version {terms.version}.")


def withdraw(offering: Offering, ends_on: date, now: datetime) -> Offering:
    """3-d: the end of a service is announced once, for today or a later day."""
    if offering.withdrawn_at is not None:
        raise EndAlreadyAnnounced(detail=f"{offering.code} ends on {offering.ends_on}.")
    if ends_on < now.astimezone(PARIS).date():
        raise EndInThePast(detail=f"{ends_on} has passed.")
    return replace(offering, withdrawn_at=now, ends_on=ends_on, revision=offering.revision + 1)


def service_ends_at(ends_on: date) -> datetime:
    """3-d: the announced day is the last one; the service ends at the midnight, in Paris, that closes it."""
    after = ends_on + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=PARIS).astimezone(UTC)


def newly_acknowledged(offering: Offering, named: Collection[TermsVersion]) -> frozenset[TermsVersion]:
    """4-e: one acknowledges the terms in force, by their version, not older or invented ones."""
    current = {terms.named for terms in offering.text.stricter_terms}
    for terms in sorted(set(named) - current):
        raise TermsUnknown(detail=f"{offering.code} has no {terms.kind} terms of version {terms.version}.")
    return frozenset(named)


def may_take_activations(offering: Offering, acknowledged: Collection[TermsVersion]) -> None:
    """3-d, 4-d, 4-e: published, not withdrawn, its stricter terms acknowledged in their current version."""
    if offering.custom_development:
        raise CustomDevelopmentExcluded(detail=f"{offering.code} is a custom development.")
    if offering.withdrawn_at is not None:
        raise OfferingWithdrawn(detail=f"{offering.code} ends on {offering.ends_on}.")
    missing = [terms for terms in offering.text.stricter_terms if terms.named not in acknowledged]
    if missing:
        raise TermsNotAcknowledged(detail=" ".join(terms_sentence(terms) for terms in missing))


def terms_sentence(terms: StricterTerms) -> str:
    """The terms as a refusal shows them, with the version to acknowledge."""
    return f"[{terms.kind}, version {terms.version}] {terms.text}"


def may_activate_for(company: Company | None) -> None:
    """15-f: a service is activated for a company that is known and active."""
    if company is None:
        raise CompanyUnknown
    if not company.active:
        raise CompanyNotActive


def ends_demonstration(customer: Customer | None, company_id: UUID | None, offering: Offering) -> bool:
    """15-b: a collaborative service activated for at least one company ends the demonstration.

    A firm's own use of it does not; a direct customer is its only company.
    """
    if not offering.collaborative:
        return False
    if company_id is not None:
        return True
    return customer is not None and customer.kind is CustomerKind.direct


def deactivate(
    activation: Activation | None, by: UUID | None, now: datetime, *, confirmation_needed: bool
) -> Activation:
    """15-i, R11: ends at once, or, where support confirms, becomes a request and goes on being invoiced.

    Asking again changes nothing: the first request's date governs. An instant before the activation,
    which a late fact may bring, ends it where it began. `by` is None where a heard fact asks.
    """
    if activation is None:
        raise ActivationUnknown
    if activation.deactivated_at is not None:
        raise AlreadyDeactivated(detail=f"Ended at {activation.deactivated_at.isoformat()}.")
    if activation.requested_at is not None:
        return activation
    at = max(now, activation.activated_at)
    ended = None if confirmation_needed else at
    return replace(activation, requested_at=at, requested_by=by, deactivated_at=ended)


def confirm(activation: Activation | None, by: UUID) -> Activation:
    """R11: once confirmed, the date of the request governs."""
    if activation is None:
        raise ActivationUnknown
    if activation.requested_at is None or activation.deactivated_at is not None:
        raise DeactivationNotRequested
    return replace(activation, deactivated_at=activation.requested_at, confirmed_by=by)


def sees(visibility: Visibility, code: str) -> bool:
    """3-a, 3-b: the customer shows it and, for a company, its firm gave it the right.

    A customer that never chose shows everything; a company without rights sees nothing.
    """
    shown = visibility.shown is None or code in visibility.shown
    return shown and (visibility.rights is None or code in visibility.rights)
