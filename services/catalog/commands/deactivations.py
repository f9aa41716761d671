"""Activations end: on the customer's demand, confirmed by support where it must, with the company, or
with the offering. Locks, in this order: the companies (or the customer), then the activations."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from chassis.refusals import Refusal
from contracts.events.catalog import ServiceDeactivated
from services.catalog import rules
from services.catalog.model import Activation, Outcome
from services.catalog.refusals import NamedTwice
from services.catalog.store import activations, heard, offerings


async def deactivate(
    tx: Tx, customer_id: UUID, activation_ids: Sequence[UUID], by: UUID, now: datetime
) -> list[Outcome]:
    """One outcome per activation, in the order asked: ended, or waiting for support (15-i, R11)."""
    if len(set(activation_ids)) < len(activation_ids):
        raise NamedTwice
    await _lock_holders(tx, customer_id, await activations.list_companies_of(tx, customer_id, activation_ids))
    known = await activations.lock_activations(tx, customer_id, activation_ids)
    to_confirm = await activations.list_offerings_to_confirm(tx)
    outcomes = [_outcome(one, known.get(one), to_confirm, by, now) for one in activation_ids]
    await _save(tx, [one.activation for one in outcomes if one.changed and one.activation is not None])
    return outcomes


async def confirm(tx: Tx, customer_id: UUID, activation_id: UUID, by: UUID) -> Activation:
    """Support confirms a deactivation; the date of the request governs (R11)."""
    await _lock_holders(
        tx, customer_id, await activations.list_companies_of(tx, customer_id, [activation_id])
    )
    known = await activations.lock_activations(tx, customer_id, [activation_id])
    ended = rules.confirm(known.get(activation_id), by)
    await _save(tx, [ended])
    return ended


async def end_with_company(tx: Tx, customer_id: UUID, company_id: UUID, at: datetime) -> None:
    """A company's deactivation asks for the end of all it has (15-i); support still confirms its part.

    The company's row is locked by the caller, which has just written it.
    """
    live = await activations.lock_live_of_company(tx, customer_id, company_id)
    to_confirm = await activations.list_offerings_to_confirm(tx)
    asked = [_asked(one, None, at, to_confirm) for one in live]
    await _save(tx, [after for before, after in zip(live, asked, strict=True) if after != before])


async def end_with_offerings(tx: Tx, now: datetime) -> int:
    """Ends what is left of every withdrawn offering whose day has come (3-d), without confirmation.

    Returns how many activations ended.
    """
    ended: list[Activation] = []
    while (due := await offerings.claim_due_to_end(tx, now)) is not None:
        code, at = due
        ended += await activations.end_of_offering(tx, code, at)
        await offerings.save_ended(tx, code, now)
    await tx.emit_many([deactivated(one) for one in ended])
    return len(ended)


async def _lock_holders(tx: Tx, customer_id: UUID, companies: Sequence[UUID | None]) -> None:
    if None in companies:
        await heard.lock_customer(tx, customer_id)
    named = [company_id for company_id in companies if company_id is not None]
    if named:
        await heard.lock_companies(tx, customer_id, named)


def _outcome(
    activation_id: UUID, before: Activation | None, to_confirm: frozenset[str], by: UUID, now: datetime
) -> Outcome:
    try:
        after = _asked(before, by, now, to_confirm)
    except Refusal as refusal:
        return Outcome(activation_id, None, refusal=refusal)
    return Outcome(activation_id, after, changed=after != before)


def _asked(
    before: Activation | None, by: UUID | None, now: datetime, to_confirm: frozenset[str]
) -> Activation:
    needed = before is not None and before.offering_code in to_confirm
    return rules.deactivate(before, by, now, confirmation_needed=needed)


async def _save(tx: Tx, changed: Sequence[Activation]) -> None:
    if not changed:
        return
    await activations.save_ends(tx, changed)
    ended = [deactivated(one) for one in changed if one.deactivated_at is not None]
    if ended:
        await tx.emit_many(ended)


def deactivated(activation: Activation) -> ServiceDeactivated:
    """What is said of an ended activation."""
    if activation.deactivated_at is None:
        raise ValueError(f"{activation.activation_id} is live")
    return ServiceDeactivated(
        customer_id=activation.customer_id,
        company_id=activation.company_id,
        offering_code=activation.offering_code,
        activation_id=activation.activation_id,
        requested_at=activation.requested_at or activation.deactivated_at,
        deactivated_at=activation.deactivated_at,
    )
