"""What tests of months share: records put in place, and the jobs run as the worker runs them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from chassis.clock import set_clock
from chassis.db import Scope
from chassis.hears import Context, Job
from chassis.settings import Settings
from contracts.events import Event
from contracts.events.availability import AvailabilityBelowCommitment, AvailabilityMonthClosed
from services.availability.commands.exclusions import record
from services.availability.commands.outages import find_to_change, open_outage, withdraw
from services.availability.jobs import close_months, revise_months, say_commitments_lost
from services.availability.model.rates import PRODUCTION, ExclusionKind
from services.availability.model.records import NewExclusion, NewOutage, OutageRecord, OutageSource
from tests.integration.availability.portal import Portal

BY = UUID(int=7)


def at(text: str) -> datetime:
    """An instant of Paris, as it is written there with its offset."""
    return datetime.fromisoformat(text).astimezone(UTC)


async def stand(portal: Portal, now: str) -> None:
    """It is that instant, and stays so."""
    await set_clock(portal.db, at(now), rate=0)
    await portal.clock.refresh(portal.db)


async def run(portal: Portal, job: Job) -> None:
    """One run of a job, in the portal's scope, as a worker's tick runs it."""
    context = Context("availability", portal.clock, Settings())
    async with portal.db.transaction(Scope.portal()) as tx:
        await job(tx, portal.clock.business_now(), context)


async def close(portal: Portal, now: str | None = None) -> None:
    """Months are closed, and looked at again, at that instant."""
    if now is not None:
        await stand(portal, now)
    await run(portal, close_months)
    await run(portal, revise_months)


async def look(portal: Portal, now: str) -> None:
    """Lost commitments are said, at that instant."""
    await stand(portal, now)
    await run(portal, say_commitments_lost)


async def down(
    portal: Portal,
    since: str,
    until: str | None,
    customers: Sequence[UUID],
    *,
    offering_code: str | None = None,
    environment: str = PRODUCTION,
) -> OutageRecord:
    """An outage on record that touches these customers."""
    new = NewOutage(
        "Login fails",
        OutageSource.operations,
        at(since),
        None if until is None else at(until),
        offering_code=offering_code,
        environment=environment,
        customers=tuple(customers),
        by=BY,
    )
    async with portal.db.transaction(Scope.portal()) as tx:
        return await open_outage(tx, new, portal.clock.business_now())


async def said_of(portal: Portal, customer: UUID, month: str) -> list[Event]:
    """What was said of a customer's month, in order."""
    kinds = (AvailabilityMonthClosed, AvailabilityBelowCommitment)
    found = await portal.said(month)
    return [each for each in found if isinstance(each, kinds) and each.customer_id == customer]


async def closings(portal: Portal, customer: UUID, month: str = "2026-05") -> list[AvailabilityMonthClosed]:
    """The revisions said of a month."""
    said = await said_of(portal, customer, month)
    return [each for each in said if isinstance(each, AvailabilityMonthClosed)]


async def withdrawn(portal: Portal, outage_id: UUID) -> None:
    """An outage was none."""
    async with portal.db.transaction(Scope.portal()) as tx:
        found = await find_to_change(tx, outage_id)
        await withdraw(tx, found, "A false alarm", BY, portal.clock.business_now())


async def exclude(portal: Portal, since: str, until: str, customers: Sequence[UUID]) -> UUID:
    """Something outside the perimeter leaves out what lies in this interval, for these customers."""
    new = NewExclusion(
        ExclusionKind.outside_perimeter,
        at(since),
        at(until),
        "The operator's network was cut",
        customers=tuple(customers),
    )
    async with portal.db.transaction(Scope.portal()) as tx:
        return (await record(tx, new, BY, portal.clock.business_now())).exclusion_id
