"""The publisher's staff acts for a customer: explicit, for a time, and in the customer's sight."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, PageRequest, Paging, page_of
from chassis.unit import Read, UnitOfWork, Work
from services.tenancy.api.permissions import FirmAdmin, SupportStaff, own_customer
from services.tenancy.commands import representations as commands
from services.tenancy.schemas.doors import TokenShown
from services.tenancy.schemas.representations import RepresentationAsked, RepresentationShown
from services.tenancy.store.customers import load_customer
from services.tenancy.store.representations import list_newest

creating = APIRouter(tags=["representations"], route_class=IdempotentRoute)
router = APIRouter(tags=["representations"])
OF_CUSTOMER = "/customers/{customer_id}/representations"


@creating.post("/representations", status_code=201)
async def start_representation(
    sent: RepresentationAsked, work: Work, caller: SupportStaff
) -> RepresentationShown:
    """Begins to act for a customer, an hour at most; its administrators are told by mail."""
    details = {"reason": sent.reason, "minutes": sent.minutes}
    await work.audit("start_representation", customer_id=sent.customer_id, details=details)
    now = work.clock.system_now()
    begun = await commands.start_representation(
        work.tx, caller, sent.customer_id, sent.reason, sent.minutes, now
    )
    return RepresentationShown.model_validate(begun)


@router.post(OF_CUSTOMER + "/{representation_id}/token")
async def give_representation_token(
    customer_id: UUID, representation_id: UUID, work: Work, caller: SupportStaff, request: Request
) -> TokenShown:
    """A bearer token of a minute to act with, for who began it, as long as it lasts."""
    key = await request.app.state.keys.signing()
    now = work.clock.system_now()
    token, lives = await commands.token_of(work.tx, caller, customer_id, representation_id, key, now)
    return TokenShown(access_token=token, expires_in=int(lives.total_seconds()))


@router.post(OF_CUSTOMER + "/{representation_id}/end", status_code=204)
async def end_customer_representation(
    customer_id: UUID, representation_id: UUID, work: Work, _caller: SupportStaff
) -> None:
    """The publisher ends a representation before its time."""
    await _end(work, customer_id, representation_id)


@router.post("/representations/{representation_id}/end", status_code=204)
async def end_representation(representation_id: UUID, work: Work, caller: FirmAdmin) -> None:
    """The customer ends a representation before its time."""
    await _end(work, own_customer(caller), representation_id)


async def _end(work: UnitOfWork, customer_id: UUID, representation_id: UUID) -> None:
    await work.audit("end_representation", subject=representation_id, customer_id=customer_id)
    await commands.end_representation(work.tx, customer_id, representation_id, work.clock.system_now())


@router.get("/representations")
async def list_representations(work: Read, caller: FirmAdmin, paging: Paging) -> Page[RepresentationShown]:
    """Who of the publisher acts or has acted for the customer, the newest first."""
    return await _page(work, own_customer(caller), paging)


@router.get(OF_CUSTOMER)
async def list_customer_representations(
    customer_id: UUID, work: Read, _caller: SupportStaff, paging: Paging
) -> Page[RepresentationShown]:
    """The same, for the publisher's support."""
    await load_customer(work.tx, customer_id)
    return await _page(work, customer_id, paging)


async def _page(work: UnitOfWork, customer_id: UUID, paging: PageRequest) -> Page[RepresentationShown]:
    after = paging.after(datetime, UUID)
    rows = await list_newest(work.tx, customer_id, (after[0], after[1]) if after else None, paging.rows)
    shown = RepresentationShown.model_validate
    return page_of(rows, paging, shown, lambda row: [row.started_at, row.representation_id])
