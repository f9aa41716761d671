"""What availability hears of tenancy and of the catalogue: whom an outage touches, and since when.

A notice of non-renewal only announces a last day, and may be withdrawn; the end of the contract governs.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from chassis.auth import credential_disabled
from chassis.db import Tx
from chassis.hears import Batch, Context, Handler
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.events.catalog import ServiceActivated, ServiceDeactivated, ServicePublished, ServiceWithdrawn
from contracts.events.tenancy import ContractEnded, CredentialDisabled, CustomerRegistered
from services.availability.store import heard


def _written_by(save: Callable[[Tx, Sequence[Any]], Awaitable[None]]) -> Batch:
    """A batch of one type of event becomes rows in one statement."""

    async def write(tx: Tx, told: Sequence[tuple[Event, Envelope]], _context: Context) -> None:
        await save(tx, [event for event, _ in told])

    return Batch(write)


HEARS: dict[type[Event], Handler] = {
    CustomerRegistered: _written_by(heard.save_customers),
    ContractEnded: _written_by(heard.save_contracts_ended),
    ServicePublished: _written_by(heard.save_published),
    ServiceWithdrawn: _written_by(heard.save_withdrawn),
    ServiceActivated: _written_by(heard.save_activated),
    ServiceDeactivated: _written_by(heard.save_deactivated),
    CredentialDisabled: credential_disabled,
}
