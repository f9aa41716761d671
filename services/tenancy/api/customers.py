"""The publisher registers customers, corrects them and gives their first administrators access (15-e)."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.unit import Read, UnitOfWork, Work
from services.tenancy.api.permissions import CustomerReader, CustomersReader, PublisherAdmin, mounted_at
from services.tenancy.commands import customers as commands
from services.tenancy.commands.people import add_person
from services.tenancy.model import PUBLISHER
from services.tenancy.refusals import CustomerUnknown
from services.tenancy.schemas.customers import CustomerAsked, CustomerDetails, CustomerShown, PlanAsked
from services.tenancy.schemas.people import PersonAsked, PersonShown
from services.tenancy.store import credentials as people_store
from services.tenancy.store import customers as store

creating = APIRouter(tags=["customers"], route_class=IdempotentRoute)
router = APIRouter(tags=["customers"])


@creating.post("/customers", status_code=201)
async def register_customer(
    sent: CustomerAsked, work: Work, caller: PublisherAdmin, request: Request, response: Response
) -> CustomerShown:
    """Registers a customer, with its portal's address. Professional use is acknowledged (4-f)."""
    now = work.clock.business_now()
    customer_id = await commands.register_customer(work.tx, sent.as_customer(), caller.person_id, now)
    await work.audit("register_customer", subject=sent.siret, customer_id=customer_id)
    response.headers["Location"] = f"{mounted_at(request)}/v1/customers/{customer_id}"
    return CustomerShown.model_validate(await store.load_customer(work.tx, customer_id))


@router.get("/customers")
async def list_customers(work: Read, _caller: CustomersReader, paging: Paging) -> Page[CustomerShown]:
    """All customers, by name."""
    after = paging.after(str, UUID) or ("", PUBLISHER)
    rows = await store.list_customers(work.tx, after[0], after[1], paging.rows)
    return page_of(rows, paging, CustomerShown.model_validate, lambda row: [row.name, row.customer_id])


@router.get("/customers/{customer_id}")
async def read_customer(
    customer_id: UUID, work: Read, caller: CustomerReader, response: Response
) -> CustomerShown:
    """One customer; a firm's people read their own."""
    if caller.customer_id not in (None, customer_id):
        raise CustomerUnknown
    return await _shown(work, customer_id, response)


async def _shown(work: UnitOfWork, customer_id: UUID, response: Response) -> CustomerShown:
    row = await store.load_customer(work.tx, customer_id)
    show_etag(response, row.version)
    return CustomerShown.model_validate(row)


@router.put("/customers/{customer_id}")
async def correct_customer(
    customer_id: UUID,
    sent: CustomerDetails,
    work: Work,
    _caller: PublisherAdmin,
    seen: IfMatch,
    response: Response,
) -> CustomerShown:
    """Corrects who a customer is and where it stands, in metropolitan France still (4-a)."""
    before = await commands.correct_customer(work.tx, customer_id, sent.as_identity(), seen.require)
    shown = await _shown(work, customer_id, response)
    after = {name: getattr(shown, name) for name in before}
    await work.audit(
        "correct_customer", subject=customer_id, customer_id=customer_id, before=before, after=after
    )
    return shown


@router.put("/customers/{customer_id}/support-plan")
async def change_support_plan(
    customer_id: UUID, sent: PlanAsked, work: Work, _caller: PublisherAdmin
) -> CustomerShown:
    """Moves a customer to another support plan (13.2-a)."""
    before, after = {"plan": await store.load_plan(work.tx, customer_id)}, {"plan": sent.plan}
    await commands.change_support_plan(work.tx, customer_id, sent.plan, work.clock.business_now())
    await work.audit(
        "change_support_plan", subject=customer_id, customer_id=customer_id, before=before, after=after
    )
    return CustomerShown.model_validate(await store.load_customer(work.tx, customer_id))


@creating.post("/customers/{customer_id}/people", status_code=201)
async def add_customer_administrator(
    customer_id: UUID, sent: PersonAsked, work: Work, caller: PublisherAdmin
) -> PersonShown:
    """Adds an administrator of a customer; all others are the firm's to add (11-a)."""
    await work.audit("add_person", customer_id=customer_id, details={"role": sent.role.value})
    now = work.clock.business_now()
    person_id = await add_person(work.tx, customer_id, sent.as_person(), caller.role, now)
    return PersonShown.model_validate(await people_store.load_person(work.tx, customer_id, person_id))
