"""What tenancy hears: of the catalogue, that a customer's demonstration has ended."""

from chassis.db import Tx
from chassis.hears import Context, Handler
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.events.catalog import DemonstrationEnded
from services.tenancy.store.contracts import save_demonstration_end


async def demonstration_ended(
    tx: Tx, event: DemonstrationEnded, _envelope: Envelope, _context: Context
) -> None:
    """From now on prices may be raised (16-b)."""
    await save_demonstration_end(tx, event.customer_id, event.ended_at)


HEARS: dict[type[Event], Handler] = {DemonstrationEnded: demonstration_ended}
