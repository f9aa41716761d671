"""Interventions are planned and reported by the publisher, and read by their customer (13.1-a)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.idempotency import IdempotentRoute
from chassis.markdown import rendered
from chassis.pagination import Page, PageRequest, Paging, page_of
from chassis.preconditions import IfMatch, Precondition, show_etag
from chassis.unit import Read, UnitOfWork, Work
from services.ticketing.api.permissions import Agent, CustomerPeople, StaffReader, own_customer
from services.ticketing.commands import interventions as commands
from services.ticketing.model.interventions import Intervention
from services.ticketing.schemas import interventions as schemas
from services.ticketing.schemas.assistance import Cancellation, NewReport
from services.ticketing.store import interventions as store

creating = APIRouter(tags=["interventions"], route_class=IdempotentRoute)
router = APIRouter(tags=["interventions"])
ROUTERS = [creating, router]

LAST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
ALL = "/customers/{customer_id}/interventions"
ONE = f"{ALL}/{{intervention_id}}"


@creating.post(ALL, status_code=201)
async def plan_intervention(
    customer_id: UUID, sent: schemas.NewIntervention, work: Work, caller: Agent, response: Response
) -> schemas.InterventionShown:
    """Plans an intervention for a customer; it stands in its schedule at once."""
    await work.audit("plan_intervention", customer_id=customer_id, details={"kind": sent.kind})
    now = work.clock.business_now()
    planned = await commands.plan(work.tx, customer_id, sent.as_words(), caller.person_id, now)
    return _shown(planned, response)


@router.get("/interventions")
async def list_own_interventions(
    work: Read, caller: CustomerPeople, paging: Paging
) -> Page[schemas.InterventionShown]:
    """The customer's interventions with their reports, the latest first."""
    return await _page(work, own_customer(caller), paging)


@router.get(ALL)
async def list_customer_interventions(
    customer_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[schemas.InterventionShown]:
    """A customer's interventions, the latest first."""
    return await _page(work, customer_id, paging)


@router.get("/interventions/{intervention_id}")
async def read_own_intervention(
    intervention_id: UUID, work: Read, caller: CustomerPeople, response: Response
) -> schemas.InterventionShown:
    """One intervention; once it has taken place, with its report."""
    found = await store.find_intervention(work.tx, own_customer(caller), intervention_id)
    return _shown(found, response)


@router.get(ONE)
async def read_customer_intervention(
    customer_id: UUID, intervention_id: UUID, work: Read, _caller: StaffReader, response: Response
) -> schemas.InterventionShown:
    """One intervention of a customer."""
    return _shown(await store.find_intervention(work.tx, customer_id, intervention_id), response)


@router.put(ONE)
async def replan_intervention(
    customer_id: UUID,
    intervention_id: UUID,
    sent: schemas.NewIntervention,
    work: Work,
    _caller: Agent,
    seen: IfMatch,
    response: Response,
) -> schemas.InterventionShown:
    """Moves an intervention, or words it otherwise."""
    before = await _locked(work, customer_id, intervention_id, seen)
    await work.audit(
        "replan_intervention",
        subject=intervention_id,
        customer_id=customer_id,
        before={"starts_at": before.starts_at.isoformat(), "ends_at": before.ends_at.isoformat()},
        after={"starts_at": sent.starts_at.isoformat(), "ends_at": sent.ends_at.isoformat()},
    )
    return _shown(await commands.replan(work.tx, before, sent.as_words()), response)


@router.post(f"{ONE}/cancellation")
async def cancel_intervention(
    customer_id: UUID,
    intervention_id: UUID,
    sent: Cancellation,
    work: Work,
    _caller: Agent,
    seen: IfMatch,
    response: Response,
) -> schemas.InterventionShown:
    """It does not take place; the customer reads why."""
    before = await _locked(work, customer_id, intervention_id, seen)
    await work.audit("cancel_intervention", subject=intervention_id, customer_id=customer_id)
    return _shown(await commands.cancel(work.tx, before, sent.reason), response)


@router.put(f"{ONE}/report")
async def report_intervention(
    customer_id: UUID,
    intervention_id: UUID,
    sent: NewReport,
    work: Work,
    caller: Agent,
    seen: IfMatch,
    response: Response,
) -> schemas.InterventionShown:
    """It has taken place; the customer reads the report."""
    before = await _locked(work, customer_id, intervention_id, seen)
    await work.audit("report_intervention", subject=intervention_id, customer_id=customer_id)
    now = work.clock.business_now()
    return _shown(await commands.report(work.tx, before, sent.report, caller.person_id, now), response)


async def _page(work: UnitOfWork, customer_id: UUID, paging: PageRequest) -> Page[schemas.InterventionShown]:
    before = paging.after(datetime, UUID) or LAST
    rows = await store.list_interventions(work.tx, customer_id, (before[0], before[1]), paging.rows)
    return page_of(rows, paging, _listed, lambda row: [row.starts_at, row.intervention_id])


async def _locked(
    work: UnitOfWork, customer_id: UUID, intervention_id: UUID, seen: Precondition
) -> Intervention:
    found = await store.lock_intervention(work.tx, customer_id, intervention_id)
    seen.require(found.revision)
    return found


def _shown(intervention: Intervention, response: Response) -> schemas.InterventionShown:
    show_etag(response, intervention.revision)
    return _listed(intervention)


def _listed(intervention: Intervention) -> schemas.InterventionShown:
    told: dict[str, Any] = {
        name: getattr(intervention, name, None) for name in schemas.InterventionShown.model_fields
    }
    html = None if intervention.report is None else rendered(intervention.report)
    return schemas.InterventionShown(**told | {"report_html": html})
