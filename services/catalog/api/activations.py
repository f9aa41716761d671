"""A customer's administrator activates and deactivates, one or many; its people see what is active."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.unit import Read, Work
from services.catalog import schemas
from services.catalog.api.permissions import ActivationReader, CustomerAdmin, own_company, own_customer
from services.catalog.api.shapes import activation_shown, batch_of, terms_of
from services.catalog.commands import activations as activating
from services.catalog.commands import deactivations as deactivating
from services.catalog.model import ActivationOrder, ActivationState, state_of
from services.catalog.refusals import ActivationUnknown, CompanyUnknown
from services.catalog.store import activations as store
from services.catalog.store.heard import has_company

creating = APIRouter(tags=["activations"], route_class=IdempotentRoute)
router = APIRouter(tags=["activations"])
ROUTERS = [creating, router]

START = UUID(int=0)


@creating.post("/activations", status_code=201, responses={200: {"description": "It was active already."}})
async def activate_offering(
    sent: schemas.NewActivation, work: Work, caller: CustomerAdmin, response: Response
) -> schemas.ActivationShown:
    """Activates a service for a company, or for the customer itself; stricter terms acknowledged (4-e)."""
    order = ActivationOrder(
        own_customer(caller),
        sent.offering_code,
        (sent.company_id,),
        terms_of(sent.acknowledged),
        caller.person_id,
    )
    await work.audit("activate_offering", subject=sent.offering_code, company_id=sent.company_id)
    (outcome,) = await activating.activate(work.tx, order, work.clock.business_now())
    response.status_code = 201 if outcome.changed else 200
    return activation_shown(outcome.granted())


@creating.post("/activation-batches", status_code=207)
async def activate_for_many(sent: schemas.NewActivations, work: Work, caller: CustomerAdmin) -> schemas.Batch:
    """Activates a service for many companies, item by item: one refused hinders no other."""
    companies = None if sent.company_ids is None else tuple(sent.company_ids)
    acknowledged = terms_of(sent.acknowledged)
    order = ActivationOrder(
        own_customer(caller), sent.offering_code, companies, acknowledged, caller.person_id
    )
    asked = "all_active" if companies is None else len(companies)
    await work.audit("activate_for_many", subject=sent.offering_code, details={"companies": asked})
    outcomes = await activating.activate(work.tx, order, work.clock.business_now())
    return batch_of(outcomes, 201, listed=companies is not None)


@router.get("/activations")
async def list_activations(
    work: Read,
    caller: ActivationReader,
    paging: Paging,
    company_id: Annotated[UUID | None, Query(description="Only of this company.")] = None,
    offering_code: Annotated[schemas.Code | None, Query(description="Only of this service.")] = None,
    live_only: Annotated[bool, Query(description="Only what has not ended.")] = False,
) -> Page[schemas.ActivationShown]:
    """The customer's activations, past ones included; a company's people see their own."""
    customer_id = own_customer(caller)
    wanted = store.Wanted(own_company(caller, company_id), offering_code, live_only)
    if company_id is not None and not await has_company(work.tx, customer_id, company_id):
        raise CompanyUnknown
    after = paging.after(UUID) or (START,)
    rows = await store.list_activations(work.tx, customer_id, wanted, after[0], paging.rows)
    return page_of(rows, paging, activation_shown, lambda row: [row.activation_id])


@router.get("/activations/{activation_id}")
async def read_activation(
    activation_id: UUID, work: Read, caller: ActivationReader
) -> schemas.ActivationShown:
    """One activation: who, when, and what was asked since."""
    activation = await store.find_activation(work.tx, own_customer(caller), activation_id)
    if activation is None or (caller.company_id and activation.company_id != caller.company_id):
        raise ActivationUnknown
    return activation_shown(activation)


@router.post(
    "/activations/{activation_id}/deactivation",
    responses={202: {"description": "Support confirms it; until then it is invoiced (R11)."}},
)
async def deactivate_offering(
    activation_id: UUID, work: Work, caller: CustomerAdmin, response: Response
) -> schemas.ActivationShown:
    """Ends an activation, or asks for its end where support confirms (15-i)."""
    customer_id, now = own_customer(caller), work.clock.business_now()
    await work.audit("deactivate_offering", subject=activation_id)
    (outcome,) = await deactivating.deactivate(work.tx, customer_id, [activation_id], caller.person_id, now)
    asked = outcome.granted()
    response.status_code = 200 if state_of(asked) is ActivationState.deactivated else 202
    return activation_shown(asked)


@router.post("/deactivation-batches", status_code=207)
async def deactivate_many(sent: schemas.Deactivations, work: Work, caller: CustomerAdmin) -> schemas.Batch:
    """Ends many activations, item by item: one refused hinders no other."""
    now = work.clock.business_now()
    await work.audit("deactivate_many", details={"activations": len(sent.activation_ids)})
    outcomes = await deactivating.deactivate(
        work.tx, own_customer(caller), sent.activation_ids, caller.person_id, now
    )
    return batch_of(outcomes, 200)
