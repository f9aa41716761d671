"""A customer's support: its hours, limits and standing, for itself; its suspensions, by the publisher."""

from uuid import UUID

from fastapi import APIRouter

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.unit import Read, Work
from services.ticketing.api.permissions import Agent, StaffReader, TicketReader, own_customer
from services.ticketing.api.shapes import support_shown, suspension_shown
from services.ticketing.commands import suspensions as commands
from services.ticketing.refusals.tickets import CustomerUnknown
from services.ticketing.schemas.handling import NewSuspension
from services.ticketing.schemas.tickets import SupportShown, SuspensionShown
from services.ticketing.store.heard import find_asker
from services.ticketing.store.suspensions import list_suspensions

creating = APIRouter(tags=["support"], route_class=IdempotentRoute)
router = APIRouter(tags=["support"])
ROUTERS = [creating, router]

START = UUID(int=0)


@router.get("/support")
async def read_own_support(work: Read, caller: TicketReader) -> SupportShown:
    """What support the customer has: its hours at any time, its channels and limits (13.2-f, 13.5-a)."""
    now = work.clock.business_now()
    asker = await find_asker(work.tx, own_customer(caller), now)
    if asker is None:
        raise CustomerUnknown
    return support_shown(asker, now)


@creating.post("/customers/{customer_id}/support-suspensions", status_code=201)
async def suspend_support(
    customer_id: UUID, sent: NewSuspension, work: Work, caller: Agent
) -> SuspensionShown:
    """Suspends a customer's support with immediate effect; billing goes on (13.2-h)."""
    details = {"reason": sent.reason}
    await work.audit("suspend_support", subject=customer_id, customer_id=customer_id, details=details)
    now = work.clock.business_now()
    suspension = await commands.suspend(
        work.tx, customer_id, sent.reason, sent.explanation, caller.person_id, now
    )
    return suspension_shown(suspension)


@router.post("/customers/{customer_id}/support-suspensions/{suspension_id}/resumption")
async def resume_support(
    customer_id: UUID, suspension_id: UUID, work: Work, caller: Agent
) -> SuspensionShown:
    """Support goes on: clocks run again, and new tickets are taken."""
    await work.audit("resume_support", subject=suspension_id, customer_id=customer_id)
    now = work.clock.business_now()
    return suspension_shown(await commands.resume(work.tx, customer_id, suspension_id, caller.person_id, now))


@router.get("/customers/{customer_id}/support-suspensions")
async def list_support_suspensions(
    customer_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[SuspensionShown]:
    """When and why this customer's support stood still."""
    after = paging.after(UUID) or (START,)
    rows = await list_suspensions(work.tx, customer_id, after[0], paging.rows)
    return page_of(rows, paging, suspension_shown, lambda row: [row.suspension_id])
