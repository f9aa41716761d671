"""The catalogue's present state, said again: a service added later, or restored, learns from it."""

from collections.abc import AsyncIterator
from uuid import UUID

from chassis.db import Tx
from contracts.events import Event
from contracts.events.catalog import DemonstrationEnded
from services.catalog.commands.activations import activated
from services.catalog.commands.deactivations import deactivated
from services.catalog.commands.offerings import published, withdrawn
from services.catalog.store import activations, choices, offerings

_PAGE = 1_000
_START = UUID(int=0)


async def resync(tx: Tx) -> AsyncIterator[Event]:
    """Every offering, ended demonstration and activation, past ones with their end."""
    known = {offering.code: offering for offering in await offerings.list_every_offering(tx)}
    for offering in known.values():
        yield published(offering)
        if offering.withdrawn_at is not None:
            yield withdrawn(offering)
    async for ended in _demonstrations(tx):
        yield ended
    after = (_START, _START)
    while page := await activations.list_everywhere(tx, after, _PAGE):
        for activation in page:
            yield activated(activation, known[activation.offering_code])
            if activation.deactivated_at is not None:
                yield deactivated(activation)
        after = (page[-1].customer_id, page[-1].activation_id)


async def _demonstrations(tx: Tx) -> AsyncIterator[Event]:
    after = _START
    while page := await choices.list_demonstrations(tx, after, _PAGE):
        for ended in page:
            yield DemonstrationEnded(
                customer_id=ended.customer_id,
                ended_at=ended.ended_at,
                offering_code=ended.offering_code,
                company_id=ended.company_id,
            )
        after = page[-1].customer_id
