"""3-b: a firm settles which services of the catalogue its companies may use."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.events.tenancy import AccessRightsChanged
from services.tenancy.commands.companies import ItemResult
from services.tenancy.refusals import CompanyUnknown
from services.tenancy.rules.credentials import rights_change, rights_of
from services.tenancy.store.companies import load_company
from services.tenancy.store.credentials import list_rights, save_rights


async def settle_rights(
    tx: Tx, customer_id: UUID, company_id: UUID, codes: list[str], now: datetime
) -> list[str]:
    """Gives a company exactly these access rights."""
    asked = rights_of(codes)
    event = await _settled(tx, customer_id, company_id, asked, now)
    if event is not None:
        await tx.emit(event)
    return asked


async def settle_rights_of_each(
    tx: Tx, customer_id: UUID, ids: Sequence[UUID], codes: list[str], now: datetime
) -> list[ItemResult]:
    """Gives each of these companies the same access rights; says of each what became of it."""
    asked = rights_of(codes)
    results: list[ItemResult] = []
    events: list[AccessRightsChanged] = []
    for company_id in sorted(set(ids)):
        try:
            event = await _settled(tx, customer_id, company_id, asked, now)
        except CompanyUnknown as unknown:
            results.append(ItemResult(company_id, unknown))
            continue
        results.append(ItemResult(company_id))
        events += [event] if event is not None else []
    await tx.emit_many(events)
    return results


async def _settled(
    tx: Tx, customer_id: UUID, company_id: UUID, asked: list[str], now: datetime
) -> AccessRightsChanged | None:
    await load_company(tx, customer_id, company_id)
    if not rights_change(await list_rights(tx, customer_id, company_id), asked):
        return None
    await save_rights(tx, customer_id, company_id, asked, now)
    return AccessRightsChanged(
        customer_id=customer_id, company_id=company_id, offering_codes=asked, changed_at=now
    )
