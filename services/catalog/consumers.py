"""What the catalogue hears of tenancy: customers, companies and their rights."""

from collections.abc import Sequence
from typing import cast

from chassis.auth import credential_disabled
from chassis.db import Tx
from chassis.hears import Batch, Context, Handler
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.events.tenancy import (
    AccessRightsChanged,
    CompanyActivated,
    CompanyDeactivated,
    CompanyRegistered,
    CredentialDisabled,
    CustomerRegistered,
)
from services.catalog.commands.deactivations import end_with_company
from services.catalog.store import heard


async def customer_registered(
    tx: Tx, event: CustomerRegistered, _envelope: Envelope, _context: Context
) -> None:
    """Whether a customer is a firm or its own company decides what ends its demonstration (15-b)."""
    await heard.save_customer(tx, event)


async def companies_registered(tx: Tx, told: Sequence[tuple[Event, Envelope]], _context: Context) -> None:
    """Companies are known here before they can be given a service."""
    await heard.save_registered(tx, [cast(CompanyRegistered, event) for event, _ in told])


async def companies_activated(tx: Tx, told: Sequence[tuple[Event, Envelope]], _context: Context) -> None:
    """From now on they can be given services (15-f)."""
    await heard.save_activated(tx, [cast(CompanyActivated, event) for event, _ in told])


async def company_deactivated(
    tx: Tx, event: CompanyDeactivated, _envelope: Envelope, _context: Context
) -> None:
    """Its services end with it, those that support confirms once confirmed (15-i)."""
    await heard.save_deactivated(tx, event)
    await end_with_company(tx, event.customer_id, event.company_id, event.deactivated_at)


async def access_rights_changed(
    tx: Tx, event: AccessRightsChanged, _envelope: Envelope, _context: Context
) -> None:
    """Which services a company sees (3-b)."""
    await heard.save_rights(tx, event)


HEARS: dict[type[Event], Handler] = {
    CustomerRegistered: customer_registered,
    CompanyRegistered: Batch(companies_registered),
    CompanyActivated: Batch(companies_activated),
    CompanyDeactivated: company_deactivated,
    AccessRightsChanged: access_rights_changed,
    CredentialDisabled: credential_disabled,
}
