"""The publisher's staff: deactivations that wait for a confirmation (R11), and a customer's activations."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from chassis.pagination import Page, Paging, page_of
from chassis.unit import Read, Work
from services.catalog import schemas
from services.catalog.api.permissions import PublisherStaff, Support
from services.catalog.api.shapes import activation_shown
from services.catalog.commands.deactivations import confirm
from services.catalog.store import activations as store

router = APIRouter(tags=["support"])
ROUTERS = [router]

START = UUID(int=0)


@router.get("/deactivation-requests")
async def list_deactivation_requests(
    work: Read, _caller: Support, paging: Paging
) -> Page[schemas.ActivationShown]:
    """What waits for support's confirmation, the oldest request first."""
    after = paging.after(datetime, UUID)
    rows = await store.list_waiting(work.tx, (after[0], after[1]) if after else None, paging.rows)
    return page_of(rows, paging, activation_shown, lambda row: [row.requested_at, row.activation_id])


@router.post("/customers/{customer_id}/activations/{activation_id}/confirmation")
async def confirm_deactivation(
    customer_id: UUID, activation_id: UUID, work: Work, caller: Support
) -> schemas.ActivationShown:
    """Confirms a deactivation: it ends at the instant it was asked for (R11)."""
    await work.audit("confirm_deactivation", subject=activation_id, customer_id=customer_id)
    return activation_shown(await confirm(work.tx, customer_id, activation_id, caller.person_id))


@router.get("/customers/{customer_id}/activations")
async def list_customer_activations(
    customer_id: UUID,
    work: Read,
    _caller: PublisherStaff,
    paging: Paging,
    live_only: Annotated[bool, Query(description="Only what has not ended.")] = False,
) -> Page[schemas.ActivationShown]:
    """One customer's activations, as the publisher's staff sees them."""
    after = paging.after(UUID) or (START,)
    wanted = store.Wanted(live_only=live_only)
    rows = await store.list_activations(work.tx, customer_id, wanted, after[0], paging.rows)
    return page_of(rows, paging, activation_shown, lambda row: [row.activation_id])
