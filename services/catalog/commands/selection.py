"""A customer chooses which services of the catalogue its portal shows (3-a)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from services.catalog.refusals import OfferingUnknown
from services.catalog.store import choices, offerings


async def show_offerings(
    tx: Tx, customer_id: UUID, codes: Collection[str], revision: int, by: UUID, now: datetime
) -> int | None:
    """The revision of the new choice, or None when somebody chose after `revision`."""
    known = {offering.code for offering in await offerings.list_every_offering(tx)}
    for code in sorted(set(codes) - known):
        raise OfferingUnknown(detail=code)
    return await choices.save_selection(tx, customer_id, set(codes), revision, by, now)
