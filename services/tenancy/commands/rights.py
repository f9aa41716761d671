"""3-b: a firm settles which services of the catalogue its companies may use."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.events.tenancy import AccessRightsChanged
from services.tenancy.commands.companies import ItemResult
from services.tenancy.refusals import CompanyUnknown
from services.tenancy.rules.credentials import rights_change, rights_of
from services.tenancy.store.companies import lock_companies
from services.tenancy.store.credentials import list_rights_of, save_rights


async def settle_rights(
    tx: Tx, customer_id: UUID, company_id: UUID, codes: list[str], now: datetime
) -> list[str]:
    """Gives a company exactly these access rights."""
    asked = rights_of(codes)
    if not await lock_companies(tx, customer_id, [company_id]):
        raise CompanyUnknown
    await _settle(tx, customer_id, [company_id], asked, now)
    return asked


async def settle_rights_of_each(
    tx: Tx, customer_id: UUID, ids: Sequence[UUID], codes: list[str], now: datetime
) -> tuple[int, list[ItemResult]]:
    """Gives each of these companies the same access rights; says how many had others, and what became of
    each."""
    asked = rights_of(codes)
    wanted = sorted(set(ids))
    known = await lock_companies(tx, customer_id, wanted)
    changed = await _settle(tx, customer_id, known, asked, now)
    held = set(known)
    return changed, [ItemResult(id_, None if id_ in held else CompanyUnknown()) for id_ in wanted]


async def settle_rights_of_all(tx: Tx, customer_id: UUID, codes: list[str], now: datetime) -> int:
    """Gives every company the same access rights; says how many had others. 17,000 companies take seconds."""
    asked = rights_of(codes)
    known = await lock_companies(tx, customer_id, None)
    return await _settle(tx, customer_id, known, asked, now)


async def _settle(
    tx: Tx, customer_id: UUID, companies: Sequence[UUID], asked: list[str], now: datetime
) -> int:
    """Writes and tells the rights of those companies that have others; they are locked by the caller."""
    held = await list_rights_of(tx, customer_id, companies)
    changed = [id_ for id_ in companies if rights_change(held.get(id_, []), asked)]
    await save_rights(tx, customer_id, changed, asked, now)
    await tx.emit_many(
        [
            AccessRightsChanged(customer_id=customer_id, company_id=id_, offering_codes=asked, changed_at=now)
            for id_ in changed
        ]
    )
    return len(changed)
