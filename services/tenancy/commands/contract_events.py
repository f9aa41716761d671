"""Rows of contracts as the events that tell them: said when it happens, and again by a resync."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from contracts.events import Event
from contracts.events.tenancy import (
    ContractEnded,
    NonRenewalNotified,
    NonRenewalWithdrawn,
    PriceRevisionNotified,
    SubscriptionRenewed,
)
from services.tenancy.contract_model import ContractState, Period
from services.tenancy.contract_terms import begins_at
from services.tenancy.rules.contracts import last_day_of
from services.tenancy.rules.terms import period
from services.tenancy.store.contracts import Held


def renewed(customer_id: UUID, begun: Period) -> SubscriptionRenewed:
    """A period that began by tacit renewal, at its own first instant."""
    return SubscriptionRenewed(
        customer_id=customer_id,
        period=begun.number,
        starts_on=begun.starts_on,
        last_day=begun.last_day,
        renewed_at=begins_at(begun.starts_on),
    )


def notified(row: Row[Any]) -> NonRenewalNotified:
    """A notice of non-renewal."""
    return NonRenewalNotified(
        customer_id=row.customer_id,
        notice_id=row.notice_id,
        party=row.party,
        letter_reference=row.letter_reference,
        posted_on=row.posted_on,
        last_day=row.last_day,
        late=row.late,
        notified_at=row.recorded_at,
    )


def withdrawn(row: Row[Any]) -> NonRenewalWithdrawn:
    """A notice that was withdrawn."""
    return NonRenewalWithdrawn(
        customer_id=row.customer_id,
        notice_id=row.notice_id,
        party=row.party,
        reason=row.withdrawn_reason,
        withdrawn_at=row.withdrawn_at,
    )


def revised(row: Row[Any]) -> PriceRevisionNotified:
    """A price revision."""
    return PriceRevisionNotified(
        customer_id=row.customer_id,
        revision_id=row.revision_id,
        percent=None if row.percent is None else f"{row.percent:.3f}",
        reference=row.reference,
        notified_on=row.notified_on,
        effective_on=row.effective_on,
        period=row.period,
        recorded_at=row.recorded_at,
    )


def ended(held: Held) -> ContractEnded:
    """The end of a contract, at the first instant after its last day. It stands by a notice."""
    last_day = last_day_of(held.contract)
    if last_day is None:
        raise ValueError(f"no notice ends the contract of {held.customer_id}")
    return ContractEnded(
        customer_id=held.customer_id,
        last_day=last_day,
        ended_at=begins_at(last_day + timedelta(days=1)),
    )


def contract_standing(held: Held) -> Iterator[Event]:
    """A contract as it stands: its last renewal, its notices and what became of them, its price revisions."""
    if held.contract.said > 1:
        yield renewed(held.customer_id, period(held.contract.term, held.contract.said))
    for row in held.notices:
        yield notified(row)
        if row.withdrawn_at is not None:
            yield withdrawn(row)
    for row in held.revisions:
        yield revised(row)
    if held.contract.state is ContractState.ended:
        yield ended(held)
