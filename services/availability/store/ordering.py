"""The order of what is said under the portal's key: one transaction at a time changes the record."""

from sqlalchemy import text

from chassis.db import Tx

_ORDERED = text("SELECT pg_advisory_xact_lock(hashtext('livret.availability.portal'))")


async def take_turn(tx: Tx) -> None:
    """Waits until no other transaction changes the record; taken before any of its rows is locked."""
    await tx.execute(_ORDERED)
