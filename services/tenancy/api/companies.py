"""A firm's companies: registered, found, corrected, activated and deactivated, one and many."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Row

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, PageRequest, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.unit import Read, UnitOfWork, Work
from services.tenancy.api.permissions import (
    CompanyReader,
    FirmAdmin,
    FirmPeople,
    PublisherStaff,
    mounted_at,
    own_company,
    own_customer,
)
from services.tenancy.commands import companies as commands
from services.tenancy.commands import rights
from services.tenancy.schemas import companies as shapes
from services.tenancy.store import companies as store
from services.tenancy.store.credentials import list_rights
from services.tenancy.store.customers import load_customer

creating = APIRouter(tags=["companies"], route_class=IdempotentRoute)
router = APIRouter(tags=["companies"])
START = ("", UUID(int=0))

Wanted = Annotated[
    str | None, Query(max_length=100, description="Part of a name, or the beginning of a SIRET.")
]
State = Annotated[shapes.StateFilter | None, Query(description="Only those that stand there.")]


async def _shown(
    work: UnitOfWork, customer_id: UUID, company_id: UUID, response: Response
) -> shapes.CompanyShown:
    row = await store.load_company_row(work.tx, customer_id, company_id)
    show_etag(response, row.version)
    return shapes.CompanyShown.model_validate(row)


async def _before(work: UnitOfWork, customer_id: UUID, company_id: UUID) -> Row[Any]:
    """The company as it is before a change, locked so that it is so. Raises CompanyUnknown."""
    await store.lock_companies(work.tx, customer_id, [company_id])
    return await store.load_company_row(work.tx, customer_id, company_id)


async def _changed(
    work: UnitOfWork, action: str, before: Row[Any], response: Response
) -> shapes.CompanyShown:
    """The company after a change, which the trail tells with what differs."""
    shown = await _shown(work, before.customer_id, before.company_id, response)
    was = {name: getattr(before, name) for name in shapes.CHANGING}
    became = {name: getattr(shown, name) for name in shapes.CHANGING}
    company_id = shown.company_id
    await work.audit(action, subject=company_id, company_id=company_id, before=was, after=became)
    return shown


@creating.post("/companies", status_code=201)
async def register_company(
    sent: shapes.CompanyAsked, work: Work, caller: FirmPeople, request: Request, response: Response
) -> shapes.CompanyShown:
    """Registers one establishment; the SIRET is its key. Metropolitan France only (4-a)."""
    customer_id = own_customer(caller)
    await work.audit("register_company", subject=sent.siret)
    new = sent.as_company(sent.siret)
    company_id = await commands.register_company(work.tx, customer_id, new, work.clock.business_now())
    response.headers["Location"] = f"{mounted_at(request)}/v1/companies/{company_id}"
    return await _shown(work, customer_id, company_id, response)


@router.get("/companies")
async def list_companies(
    work: Read,
    caller: CompanyReader,
    paging: Paging,
    q: Wanted = None,
    state: State = None,
) -> Page[shapes.CompanyShown]:
    """Companies by name. A company's people find their own only."""
    wanted = store.Wanted(q, state, caller.company_id)
    return await _page(work, own_customer(caller), wanted, paging)


async def _page(
    work: UnitOfWork, customer_id: UUID, wanted: store.Wanted, paging: PageRequest
) -> Page[shapes.CompanyShown]:
    after = paging.after(str, UUID) or START
    rows = await store.list_companies(work.tx, customer_id, wanted, after, paging.rows)
    return page_of(rows, paging, shapes.CompanyShown.model_validate, lambda row: [row.search, row.company_id])


@router.get("/customers/{customer_id}/companies")
async def list_customer_companies(
    customer_id: UUID,
    work: Read,
    _caller: PublisherStaff,
    paging: Paging,
    q: Wanted = None,
    state: State = None,
) -> Page[shapes.CompanyShown]:
    """A customer's companies by name, for the publisher's staff."""
    await load_customer(work.tx, customer_id)
    return await _page(work, customer_id, store.Wanted(q, state), paging)


@router.get("/customers/{customer_id}/companies/{company_id}")
async def read_customer_company(
    customer_id: UUID, company_id: UUID, work: Read, _caller: PublisherStaff, response: Response
) -> shapes.CompanyShown:
    """One company of a customer, for the publisher's staff."""
    return await _shown(work, customer_id, company_id, response)


@router.get("/companies/{company_id}")
async def read_company(
    company_id: UUID, work: Read, caller: CompanyReader, response: Response
) -> shapes.CompanyShown:
    """One company."""
    return await _shown(work, own_customer(caller), own_company(caller, company_id), response)


@router.put("/companies/{company_id}")
async def correct_company(
    company_id: UUID,
    sent: shapes.CompanyDetails,
    work: Work,
    caller: FirmPeople,
    seen: IfMatch,
    response: Response,
) -> shapes.CompanyShown:
    """Corrects name and address; the SIRET stays."""
    customer_id, asked = own_customer(caller), sent.as_company("")
    before = await _before(work, customer_id, company_id)
    await commands.correct_company(work.tx, customer_id, company_id, asked, seen.require)
    return await _changed(work, "correct_company", before, response)


@router.post("/companies/{company_id}/activation")
async def activate_company(
    company_id: UUID, work: Work, caller: FirmAdmin, response: Response
) -> shapes.CompanyShown:
    """Activates a company: from now on it is counted (15-f)."""
    customer_id = own_customer(caller)
    before = await _before(work, customer_id, company_id)
    await commands.activate_company(work.tx, customer_id, company_id, work.clock.business_now())
    return await _changed(work, "activate_company", before, response)


@router.post("/companies/{company_id}/deactivation")
async def deactivate_company(
    company_id: UUID, work: Work, caller: FirmAdmin, response: Response
) -> shapes.CompanyShown:
    """Deactivates a company: its people no longer enter, and it is no longer counted (15-i)."""
    customer_id = own_customer(caller)
    before = await _before(work, customer_id, company_id)
    await commands.deactivate_company(work.tx, customer_id, company_id, work.clock.business_now())
    return await _changed(work, "deactivate_company", before, response)


@router.post("/companies/activations", status_code=207)
async def activate_companies(sent: shapes.CompanyChoice, work: Work, caller: FirmAdmin) -> shapes.BulkShown:
    """Activates the companies named, item by item, or all that are not active."""
    customer_id, now = own_customer(caller), work.clock.business_now()
    await work.audit("activate_companies", details={"all": sent.all, "named": len(sent.company_ids)})
    if sent.all:
        return shapes.BulkShown(
            changed=len(await commands.activate_all(work.tx, customer_id, None, now)), items=[]
        )
    results = await commands.activate_each(work.tx, customer_id, sent.company_ids, now)
    items = [shapes.ItemShown.of(result) for result in results]
    return shapes.BulkShown(changed=sum(item.status == 200 for item in items), items=items)


@router.get("/companies/{company_id}/access-rights")
async def read_access_rights(company_id: UUID, work: Read, caller: CompanyReader) -> shapes.RightsShown:
    """The services a company may use (3-b)."""
    customer_id, company_id = own_customer(caller), own_company(caller, company_id)
    await store.load_company_row(work.tx, customer_id, company_id)
    codes = await list_rights(work.tx, customer_id, company_id)
    return shapes.RightsShown(company_id=company_id, offering_codes=codes)


@router.put("/companies/{company_id}/access-rights")
async def settle_access_rights(
    company_id: UUID, sent: shapes.RightsAsked, work: Work, caller: FirmAdmin
) -> shapes.RightsShown:
    """Gives a company exactly these access rights (3-b)."""
    customer_id = own_customer(caller)
    await store.lock_companies(work.tx, customer_id, [company_id])
    before = {"offering_codes": await list_rights(work.tx, customer_id, company_id)}
    codes = await rights.settle_rights(
        work.tx, customer_id, company_id, sent.offering_codes, work.clock.business_now()
    )
    after = {"offering_codes": codes}
    await work.audit(
        "settle_access_rights", subject=company_id, company_id=company_id, before=before, after=after
    )
    return shapes.RightsShown(company_id=company_id, offering_codes=codes)


@router.post("/companies/access-rights", status_code=207)
async def settle_access_rights_of_many(
    sent: shapes.RightsOfManyAsked, work: Work, caller: FirmAdmin
) -> shapes.BulkShown:
    """Gives the companies named, item by item, or all of them the same access rights (3-b)."""
    customer_id, now = own_customer(caller), work.clock.business_now()
    details = {"all": sent.all, "named": len(sent.company_ids), "offering_codes": sent.offering_codes}
    await work.audit("settle_access_rights_of_many", details=details)
    if sent.all:
        changed = await rights.settle_rights_of_all(work.tx, customer_id, sent.offering_codes, now)
        return shapes.BulkShown(changed=changed, items=[])
    changed, results = await rights.settle_rights_of_each(
        work.tx, customer_id, sent.company_ids, sent.offering_codes, now
    )
    return shapes.BulkShown(changed=changed, items=[shapes.ItemShown.of(result) for result in results])
