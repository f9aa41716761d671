"""What metering hears: the facts that a month is counted from, each type written as a set."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from chassis.auth import credential_disabled
from chassis.db import Tx
from chassis.hears import Batch, Context, Handler
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.events.catalog import (
    DemonstrationEnded,
    ServiceActivated,
    ServiceDeactivated,
    ServicePublished,
)
from contracts.events.tenancy import (
    CompanyActivated,
    CompanyDeactivated,
    CompanyRegistered,
    CredentialDisabled,
    CredentialIssued,
    CustomerRegistered,
)
from services.metering.store import facts


def _written_by(save: Callable[[Tx, Sequence[Any]], Awaitable[None]]) -> Batch:
    """A batch of one type of event becomes facts in one statement."""

    async def write(tx: Tx, told: Sequence[tuple[Event, Envelope]], _context: Context) -> None:
        await save(tx, [event for event, _ in told])

    return Batch(write)


HEARS: dict[type[Event], Handler] = {
    CustomerRegistered: _written_by(facts.save_customers),
    CompanyRegistered: _written_by(facts.save_companies),
    CompanyActivated: _written_by(facts.save_activated),
    CompanyDeactivated: _written_by(facts.save_deactivated),
    CredentialIssued: _written_by(facts.save_credentials),
    ServicePublished: _written_by(facts.save_offerings),
    ServiceActivated: _written_by(facts.save_service_activated),
    ServiceDeactivated: _written_by(facts.save_service_deactivated),
    DemonstrationEnded: _written_by(facts.save_demonstration_ends),
    CredentialDisabled: credential_disabled,
}
"""A disabled credential is not a deactivated company (R10): it is heard for revocation alone."""
