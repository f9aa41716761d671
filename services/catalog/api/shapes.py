"""From the catalogue's facts to its HTTP shapes, and back."""

from collections.abc import Sequence

from chassis.problems import Problem, document
from chassis.telemetry import current_trace_id
from services.catalog import schemas
from services.catalog.model import (
    Activation,
    Offering,
    OfferingText,
    Outcome,
    StricterTerms,
    TermsVersion,
    state_of,
)


def offering_shown(offering: Offering) -> schemas.OfferingShown:
    """An offering with its terms in force."""
    return schemas.OfferingShown(
        code=offering.code,
        name=offering.text.name,
        description=offering.text.description,
        essential_features=list(offering.text.essential_features),
        stricter_terms=[
            schemas.Terms(kind=one.kind, version=one.version, text=one.text)
            for one in offering.text.stricter_terms
        ],
        collaborative=offering.collaborative,
        confirmation_needed=offering.confirmation_needed,
        published_at=offering.published_at,
        withdrawn_at=offering.withdrawn_at,
        ends_on=offering.ends_on,
        revision=offering.revision,
    )


def wording_of(sent: schemas.Wording) -> OfferingText:
    """What an offering says of itself."""
    terms = tuple(StricterTerms(one.kind, one.version, one.text) for one in sent.stricter_terms)
    return OfferingText(sent.name, sent.description, tuple(sent.essential_features), terms)


def terms_of(named: Sequence[schemas.TermsNamed]) -> tuple[TermsVersion, ...]:
    """The versions that are acknowledged."""
    return tuple(TermsVersion(one.kind, one.version) for one in named)


def activation_shown(activation: Activation) -> schemas.ActivationShown:
    """An activation with its state in a word."""
    return schemas.ActivationShown(
        customer_id=activation.customer_id,
        activation_id=activation.activation_id,
        company_id=activation.company_id,
        offering_code=activation.offering_code,
        state=state_of(activation),
        activated_at=activation.activated_at,
        activated_by=activation.activated_by,
        requested_at=activation.requested_at,
        requested_by=activation.requested_by,
        confirmed_by=activation.confirmed_by,
        deactivated_at=activation.deactivated_at,
    )


def batch_of(outcomes: Sequence[Outcome], changed_status: int, *, listed: bool = True) -> schemas.Batch:
    """The counts of a batch, and its items where the caller listed them."""
    refused = sum(1 for one in outcomes if one.refusal is not None)
    changed = sum(1 for one in outcomes if one.changed)
    return schemas.Batch(
        changed=changed,
        unchanged=len(outcomes) - refused - changed,
        refused=refused,
        items=[_item(one, changed_status) for one in outcomes] if listed else [],
    )


def _item(outcome: Outcome, changed_status: int) -> schemas.Item:
    if outcome.refusal is not None:
        problem = Problem.model_validate(document(outcome.refusal, current_trace_id()))
        return schemas.Item(id=outcome.item, status=problem.status, problem=problem)
    shown = activation_shown(outcome.activation) if outcome.activation else None
    return schemas.Item(id=outcome.item, status=changed_status if outcome.changed else 200, activation=shown)
