"""What a replay asks before it begins."""

from uuid import UUID

from sqlalchemy import text

from chassis.db import Tx
from services.ticketing.refusals.tickets import CustomerUnknown

_HAS_TICKETS = text("""
    SELECT EXISTS (SELECT FROM ticket WHERE ticket.customer_id = customer.customer_id) AS has
    FROM customer WHERE customer_id = :customer_id FOR UPDATE
""")


async def has_tickets(tx: Tx, customer_id: UUID) -> bool:
    """Whether this customer has a ticket yet. Raises CustomerUnknown."""
    row = await tx.fetch_one(_HAS_TICKETS, {"customer_id": customer_id})
    if row is None:
        raise CustomerUnknown
    return bool(row.has)
