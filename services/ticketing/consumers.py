"""What ticketing hears of tenancy and of the catalogue."""

from collections.abc import Sequence
from typing import cast

from chassis.auth import credential_disabled
from chassis.db import Tx
from chassis.hears import Batch, Context, Handler
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.events.catalog import ServicePublished, ServiceWithdrawn
from contracts.events.tenancy import (
    CompanyRegistered,
    ContractEnded,
    CredentialDisabled,
    CustomerRegistered,
    SupportPlanChanged,
)
from services.ticketing.store import heard


async def customer_registered(
    tx: Tx, event: CustomerRegistered, _envelope: Envelope, _context: Context
) -> None:
    """A customer may ask, as its plan allows (13.2-a)."""
    await heard.save_customer(tx, event)


async def support_plan_changed(
    tx: Tx, event: SupportPlanChanged, _envelope: Envelope, _context: Context
) -> None:
    """New tickets are of the new plan; those that are open keep the terms of their registration (R1)."""
    await heard.save_plan(tx, event)


async def contract_ended(tx: Tx, event: ContractEnded, _envelope: Envelope, _context: Context) -> None:
    """No support beyond the contract's last day (16-a)."""
    await heard.save_contract_end(tx, event)


async def companies_registered(tx: Tx, told: Sequence[tuple[Event, Envelope]], _context: Context) -> None:
    """A ticket may say which of the customer's companies it is about."""
    await heard.save_companies(tx, [cast(CompanyRegistered, event) for event, _ in told])


async def service_published(tx: Tx, event: ServicePublished, _envelope: Envelope, _context: Context) -> None:
    """A product that one may ask about, and which of its features are essential (1-a)."""
    await heard.save_product(tx, event)


async def service_withdrawn(tx: Tx, event: ServiceWithdrawn, _envelope: Envelope, _context: Context) -> None:
    """After its last day nobody asks about a product any more (3-d)."""
    await heard.save_withdrawal(tx, event)


HEARS: dict[type[Event], Handler] = {
    CustomerRegistered: customer_registered,
    SupportPlanChanged: support_plan_changed,
    ContractEnded: contract_ended,
    CompanyRegistered: Batch(companies_registered),
    ServicePublished: service_published,
    ServiceWithdrawn: service_withdrawn,
    CredentialDisabled: credential_disabled,
}
