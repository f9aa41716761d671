"""A customer activates an offering: for itself, for some of its companies or for all of them.

One path for one and for ten thousand. Locks, in this order: the offering (shared), the customer, the
companies in key order; then what is said under a company's key is said in the order of its lock.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from chassis.db import Tx
from chassis.refusals import Refusal
from contracts.events.catalog import DemonstrationEnded, ServiceActivated
from services.catalog import rules
from services.catalog.model import Activation, ActivationOrder, Company, Customer, Offering, Outcome
from services.catalog.refusals import CustomerUnknown, NamedTwice, OfferingUnknown
from services.catalog.store import activations, choices, heard, offerings


async def activate(tx: Tx, order: ActivationOrder, now: datetime) -> list[Outcome]:
    """One outcome per company asked for, in the order asked; a refusal of one hinders no other.

    Raises where the offering itself is refused: unknown, withdrawn (3-d), its stricter terms not
    acknowledged (4-e).
    """
    if order.company_ids is not None and len(set(order.company_ids)) < len(order.company_ids):
        raise NamedTwice
    offering = await _offering_accepted(tx, order, now)
    customer, companies = await _lock(tx, order)
    wanted: Sequence[UUID | None] = tuple(companies) if order.company_ids is None else order.company_ids
    live = await activations.list_live_of_offering(tx, order.customer_id, order.offering_code, wanted)
    outcomes = [_outcome(order, company_id, companies, live.get(company_id), now) for company_id in wanted]
    made = [one.activation for one in outcomes if one.changed and one.activation is not None]
    if made:
        await _save(tx, offering, customer, made, now)
    return outcomes


async def _offering_accepted(tx: Tx, order: ActivationOrder, now: datetime) -> Offering:
    offering = await offerings.find_offering_to_activate(tx, order.offering_code)
    if offering is None:
        raise OfferingUnknown(detail=order.offering_code)
    named = rules.newly_acknowledged(offering, order.acknowledged)
    before = await choices.list_acknowledged(tx, order.customer_id, offering.code)
    rules.may_take_activations(offering, before | named)
    if named - before:
        await choices.save_acknowledged(tx, order.customer_id, offering.code, named - before, order.by, now)
    return offering


async def _lock(tx: Tx, order: ActivationOrder) -> tuple[Customer | None, dict[UUID, Company]]:
    if order.company_ids is None:
        return None, await heard.lock_active_companies(tx, order.customer_id)
    customer = None
    if None in order.company_ids:
        customer = await heard.lock_customer(tx, order.customer_id)
        if customer is None:
            raise CustomerUnknown
    named = [company_id for company_id in order.company_ids if company_id is not None]
    return customer, await heard.lock_companies(tx, order.customer_id, named) if named else {}


def _outcome(
    order: ActivationOrder,
    company_id: UUID | None,
    companies: dict[UUID, Company],
    live: Activation | None,
    now: datetime,
) -> Outcome:
    if company_id is not None:
        try:
            rules.may_activate_for(companies.get(company_id))
        except Refusal as refusal:
            return Outcome(company_id, None, refusal=refusal)
    if live is not None:
        return Outcome(company_id, live)
    made = Activation(order.customer_id, uuid4(), company_id, order.offering_code, now, order.by)
    return Outcome(company_id, made, changed=True)


async def _save(
    tx: Tx, offering: Offering, customer: Customer | None, made: list[Activation], now: datetime
) -> None:
    await activations.save_new(tx, made)
    said: list[ServiceActivated | DemonstrationEnded] = [activated(one, offering) for one in made]
    first = next((one for one in made if rules.ends_demonstration(customer, one.company_id, offering)), None)
    if first is not None and await choices.end_demonstration(
        tx, first.customer_id, offering.code, first.company_id, now
    ):
        said.append(
            DemonstrationEnded(
                customer_id=first.customer_id,
                ended_at=now,
                offering_code=offering.code,
                company_id=first.company_id,
            )
        )
    await tx.emit_many(said)


def activated(activation: Activation, offering: Offering) -> ServiceActivated:
    """What is said of a new activation."""
    return ServiceActivated(
        customer_id=activation.customer_id,
        company_id=activation.company_id,
        offering_code=activation.offering_code,
        activation_id=activation.activation_id,
        activated_at=activation.activated_at,
        collaborative=offering.collaborative,
    )
