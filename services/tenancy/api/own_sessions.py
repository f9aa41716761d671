"""Open sessions: a person sees and ends its own, an administrator ends those of a credential it gave."""

from uuid import UUID

from fastapi import APIRouter

from chassis.unit import Read, UnitOfWork, Work
from services.tenancy import passwords
from services.tenancy.api.permissions import FirmAdmin, Oneself, PublisherAdmin, own_customer
from services.tenancy.api.sessions import SessionCookie
from services.tenancy.commands import sessions as commands
from services.tenancy.model import PUBLISHER
from services.tenancy.schemas import doors as shapes
from services.tenancy.store.sessions import list_sessions

router = APIRouter(tags=["sessions"])
MOST = 200


@router.get("/me/sessions")
async def list_own_sessions(work: Read, caller: Oneself, token: SessionCookie) -> shapes.OpenSessions:
    """The caller's open sessions, the newest first; the one of the cookie is `current`."""
    now = work.clock.system_now()
    own = passwords.token_hash(token) if token else None
    whose = (caller.customer_id or PUBLISHER, caller.credential_id)
    rows = await list_sessions(work.tx, *whose, own, (now, now - commands.IDLE), MOST)
    return shapes.OpenSessions(items=[shapes.OpenSession.model_validate(row) for row in rows])


@router.delete("/me/sessions")
async def end_other_sessions(work: Work, caller: Oneself, token: SessionCookie) -> shapes.SessionsEnded:
    """Ends every session of the caller's but the one of the cookie."""
    await work.audit("end_other_sessions", subject=caller.credential_id)
    now = work.clock.system_now()
    return shapes.SessionsEnded(ended=await commands.end_other_sessions(work.tx, caller, token, now))


@router.delete("/me/sessions/{session_id}", status_code=204)
async def end_own_session(session_id: UUID, work: Work, caller: Oneself) -> None:
    """Ends one of the caller's sessions."""
    await work.audit("end_session", subject=session_id)
    await commands.end_own_session(work.tx, caller, session_id, work.clock.system_now())


@router.delete("/credentials/{credential_id}/sessions")
async def end_sessions_of_credential(
    credential_id: UUID, work: Work, caller: FirmAdmin
) -> shapes.SessionsEnded:
    """Ends all sessions of a credential of the firm; it goes on being one (11-b)."""
    return await _ended(work, own_customer(caller), credential_id)


@router.delete("/staff/credentials/{credential_id}/sessions")
async def end_sessions_of_staff(
    credential_id: UUID, work: Work, _caller: PublisherAdmin
) -> shapes.SessionsEnded:
    """Ends all sessions of a credential of the publisher's staff."""
    return await _ended(work, PUBLISHER, credential_id)


async def _ended(work: UnitOfWork, customer_id: UUID, credential_id: UUID) -> shapes.SessionsEnded:
    await work.audit("end_sessions", subject=credential_id)
    now = work.clock.system_now()
    return shapes.SessionsEnded(
        ended=await commands.end_sessions_of(work.tx, customer_id, credential_id, now)
    )
