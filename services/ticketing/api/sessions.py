"""Live web sessions: planned, announced and replayed by the publisher, attended by customers (13.8-a)."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.auth import FIRM_ROLES, PUBLISHER_ROLES, Caller, allowed
from chassis.idempotency import IdempotentRoute
from chassis.markdown import rendered
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.unit import Read, UnitOfWork, Work
from services.ticketing.api.permissions import Agent, StaffReader
from services.ticketing.commands import sessions as commands
from services.ticketing.model.sessions import Invitation, WebSession
from services.ticketing.model.tickets import SupportPlan
from services.ticketing.refusals.tickets import CustomerUnknown
from services.ticketing.rules.sessions import replay_for
from services.ticketing.schemas import sessions as schemas
from services.ticketing.schemas.assistance import Cancellation, Instant
from services.ticketing.schemas.fields import ProductCode
from services.ticketing.store import sessions as store
from services.ticketing.store.heard import find_asker

creating = APIRouter(tags=["web sessions"], route_class=IdempotentRoute)
router = APIRouter(tags=["web sessions"])
ROUTERS = [creating, router]

Reader = Annotated[Caller, allowed(*PUBLISHER_ROLES, *FIRM_ROLES)]
Since = Annotated[Instant | None, Query(alias="from", description="Not over then; now if not said.")]
Product = Annotated[ProductCode | None, Query(description="About this product, or the whole portal.")]
FIRST = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


@creating.post("/web-sessions", status_code=201)
async def plan_web_session(
    sent: schemas.NewWebSession, work: Work, caller: Agent, response: Response
) -> schemas.WebSessionShown:
    """Plans a live session; nobody is told before they are invited."""
    now = work.clock.business_now()
    session = await commands.plan(work.tx, sent.as_words(), caller.person_id, now)
    await work.audit("plan_web_session", subject=session.session_id)
    return _shown(session, response)


@router.get("/web-sessions")
async def list_web_sessions(
    work: Read, caller: Reader, paging: Paging, since: Since = None, product: Product = None
) -> Page[schemas.WebSessionShown]:
    """Sessions to come, and with `from` those that were, in order of time."""
    plan = await _plan_of(work, caller)
    after = paging.after(datetime, UUID) or FIRST
    start = since or work.clock.business_now()
    rows = await store.list_sessions(work.tx, start, product, (after[0], after[1]), paging.rows)
    return page_of(
        rows,
        paging,
        lambda row: _listed(row, plan),
        lambda row: [row.starts_at, row.session_id],
    )


@router.get("/web-sessions/{session_id}")
async def read_web_session(
    session_id: UUID, work: Read, caller: Reader, response: Response
) -> schemas.WebSessionShown:
    """One session; where it can be seen again, for plans of its level and above."""
    session = await store.find_session(work.tx, session_id)
    return _shown(session, response, await _plan_of(work, caller))


@router.put("/web-sessions/{session_id}")
async def replan_web_session(
    session_id: UUID,
    sent: schemas.NewWebSession,
    work: Work,
    _caller: Agent,
    seen: IfMatch,
    response: Response,
) -> schemas.WebSessionShown:
    """Other words, another time or more seats; who registered is told of another time."""
    session = await store.lock_session(work.tx, session_id)
    seen.require(session.revision)
    await work.audit("replan_web_session", subject=session_id)
    changed = await commands.replan(work.tx, session, sent.as_words(), work.clock.business_now())
    return _shown(changed, response)


@router.post("/web-sessions/{session_id}/cancellation")
async def cancel_web_session(
    session_id: UUID, sent: Cancellation, work: Work, _caller: Agent, seen: IfMatch, response: Response
) -> schemas.WebSessionShown:
    """It does not take place; who registered or waits is told why."""
    session = await store.lock_session(work.tx, session_id)
    seen.require(session.revision)
    await work.audit("cancel_web_session", subject=session_id)
    ended = await commands.cancel(work.tx, session, sent.reason, work.clock.business_now())
    return _shown(ended, response)


@router.put("/web-sessions/{session_id}/replay")
async def publish_replay(
    session_id: UUID, sent: schemas.Replay, work: Work, _caller: Agent, seen: IfMatch, response: Response
) -> schemas.WebSessionShown:
    """Where the session can be seen again; who had a seat is told."""
    session = await store.lock_session(work.tx, session_id)
    seen.require(session.revision)
    await work.audit("publish_replay", subject=session_id)
    shown = await commands.publish_replay(work.tx, session, sent.link, work.clock.business_now())
    return _shown(shown, response)


@creating.post("/customers/{customer_id}/web-sessions/{session_id}/invitations", status_code=201)
async def invite_customer(
    customer_id: UUID, session_id: UUID, sent: schemas.NewInvitations, work: Work, caller: Agent
) -> schemas.InvitedShown:
    """Invites a customer's people by mail, each address once."""
    await work.audit("invite_customer", subject=session_id, customer_id=customer_id)
    now, mails = work.clock.business_now(), list(dict.fromkeys(sent.mails))
    invited = await commands.invite(work.tx, customer_id, session_id, mails, caller.person_id, now)
    return schemas.InvitedShown(mails=invited)


@router.get("/web-sessions/{session_id}/invitations")
async def list_invitations(
    session_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[schemas.InvitationShown]:
    """Who was invited, of every customer."""
    await store.find_session(work.tx, session_id)
    after = paging.after(UUID, str) or (UUID(int=0), "")
    rows = await store.list_invitations(work.tx, session_id, (after[0], after[1]), paging.rows)
    return page_of(rows, paging, _invitation, lambda row: [row.customer_id, row.mail])


async def _plan_of(work: UnitOfWork, caller: Caller) -> SupportPlan | None:
    """What decides which replays are shown; None is the publisher, which is shown all."""
    if caller.customer_id is None:
        return None
    asker = await find_asker(work.tx, caller.customer_id, work.clock.business_now())
    if asker is None:
        raise CustomerUnknown
    return asker.plan


def _shown(
    session: WebSession, response: Response, plan: SupportPlan | None = None
) -> schemas.WebSessionShown:
    show_etag(response, session.revision)
    return _listed(session, plan)


def _listed(session: WebSession, plan: SupportPlan | None) -> schemas.WebSessionShown:
    return schemas.WebSessionShown(
        session_id=session.session_id,
        title=session.title,
        description=session.description,
        description_html=rendered(session.description),
        products=list(session.products),
        language=session.language,
        level=session.level,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        capacity=session.capacity,
        seats_free=session.capacity - session.seats_taken,
        state=session.state,
        cancelled_reason=session.cancelled_reason,
        replay_link=session.replay_link if plan is None else replay_for(session, plan),
        link=session.link if plan is None else None,
        host_id=session.host_id if plan is None else None,
        revision=session.revision,
    )


def _invitation(row: Invitation) -> schemas.InvitationShown:
    return schemas.InvitationShown(
        customer_id=row.customer_id, mail=row.mail, invited_at=row.invited_at, invited_by=row.invited_by
    )
