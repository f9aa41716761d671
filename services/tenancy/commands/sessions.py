"""Sessions: one logs in, is exchanged for tokens, sees its sessions and ends them.

A session lives twelve hours at most, and one hour unused. The token in the cookie is always a new one: what a
browser brings when it logs in is never taken over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from chassis import audit
from chassis.audit import Whence
from chassis.auth import Caller, Role, SigningKey, claims_of, sign
from chassis.db import Tx
from services.tenancy import passwords
from services.tenancy.commands.credentials import Instants
from services.tenancy.commands.door import (
    Attempt,
    Door,
    Proved,
    device_cookie,
    forget_tries,
    note_refusal,
    prove,
    record,
    replace_password,
    scope_of,
)
from services.tenancy.commands.factors import confirm_factor, spend_code
from services.tenancy.door_refusals import (
    CredentialsRefused,
    SessionOver,
    SessionUnknown,
)
from services.tenancy.model import PUBLISHER
from services.tenancy.rules.factors import must_present_code
from services.tenancy.store import sessions as store
from services.tenancy.store.credentials import load_credential

SESSION_LIVES = timedelta(hours=12)
IDLE = timedelta(hours=1)
TOUCHED_EVERY = timedelta(minutes=5)
"""How coarsely the use of a session is noted."""
TOKEN_LIVES = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session: its token leaves in a cookie and is kept as a hash only. `device` is the other cookie."""

    token: str
    expires_at: datetime
    device: str = ""


async def log_in(door: Door, attempt: Attempt, at: Instants) -> Opened:
    """Opens a session for whoever presents an identifier, its password and, if it has one, its second factor.

    A one-time secret needs a `new_password`, which replaces it. Raises CredentialsRefused, the same for an
    account that is not, PasswordChangeRequired, SecondFactorRequired, EnrolmentRequired, the refusals of a
    password, or TooManyAttempts.
    """
    proved = await prove(door, attempt, at)
    entrant = proved.entrant
    must_present_code(entrant, attempt.code is not None)
    try:
        opened = await _entered(door, proved, attempt, at)
    except CredentialsRefused:
        await note_refusal(door, attempt, entrant, at)
        raise
    await forget_tries(door, proved, attempt.whence)
    return opened


async def _entered(door: Door, proved: Proved, attempt: Attempt, at: Instants) -> Opened:
    entrant = proved.entrant
    async with door.db.transaction(scope_of(entrant.customer_id)) as tx:
        if entrant.second_factor:
            await spend_code(tx, door.sealer, entrant, attempt.code or "", at.system)
        await replace_password(tx, proved, at)
        opened = await _opened(tx, door, proved, attempt.whence, at)
        await record(tx, "log_in", entrant, attempt.whence, at, {"second_factor": entrant.second_factor})
    return opened


async def enrol_and_enter(door: Door, attempt: Attempt, at: Instants) -> tuple[list[str], Opened]:
    """Confirms a second factor by its first code; gives the recovery codes, and a session.

    The session is opened here since the code is spent: another would be half a minute's wait. Raises what
    `prove` and `confirm_factor` do.
    """
    proved = await prove(door, attempt, at)
    async with door.db.transaction(scope_of(proved.entrant.customer_id)) as tx:
        await replace_password(tx, proved, at)
        codes = await confirm_factor(tx, door.sealer, proved.entrant, attempt, at)
        opened = await _opened(tx, door, proved, attempt.whence, at)
    await forget_tries(door, proved, attempt.whence)
    return codes, opened


async def _opened(tx: Tx, door: Door, proved: Proved, whence: Whence, at: Instants) -> Opened:
    """A new session for somebody who has proved all that was asked. Raises CredentialsRefused."""
    opened = Opened(passwords.link_token(), at.system + SESSION_LIVES, device_cookie(door.sealer, proved))
    hashed = passwords.token_hash(opened.token)
    new = store.NewSession(hashed, opened.expires_at, whence.origin or "", whence.user_agent or "")
    if not await store.open_session(tx, proved.entrant, new, at.system):
        raise CredentialsRefused
    return opened


async def log_out(tx: Tx, token: str, whence: Whence, at: Instants) -> None:
    """Ends the session of this token; one that is over already stays so."""
    now = at.system
    session = await store.find_session(tx, passwords.token_hash(token), now, now - IDLE)
    if session is None:
        return
    await tx.rescope(scope_of(session.customer_id))
    keys = (session.customer_id, session.credential_id, session.session_id)
    await store.end_session(tx, *keys, now, now - IDLE)
    caller, subject = _caller_in(session), str(session.session_id)
    await audit.record(tx, "log_out", business_at=at.business, caller=caller, whence=whence, subject=subject)


async def exchange(tx: Tx, token: str, key: SigningKey, now: datetime) -> str:
    """A bearer token of 60 seconds for an open session. Raises SessionOver."""
    session = await store.find_session(tx, passwords.token_hash(token), now, now - IDLE)
    if session is None:
        raise SessionOver
    if session.last_used_at <= now - TOUCHED_EVERY:
        await tx.rescope(scope_of(session.customer_id))
        await store.touch_session(tx, session.customer_id, session.session_id, now)
    return sign(claims_of(_caller_in(session), now, TOKEN_LIVES), key)


def _caller_in(session: Row[Any]) -> Caller:
    """Whom an open session stands for."""
    return Caller(
        person_id=session.person_id,
        credential_id=session.credential_id,
        role=Role(session.role),
        customer_id=None if session.customer_id == PUBLISHER else session.customer_id,
        company_id=session.company_id,
    )


async def end_own_session(tx: Tx, caller: Caller, session_id: UUID, now: datetime) -> None:
    """Ends one of the caller's sessions. Raises SessionUnknown."""
    customer_id = caller.customer_id or PUBLISHER
    if not await store.end_session(tx, customer_id, caller.credential_id, session_id, now, now - IDLE):
        raise SessionUnknown


async def end_other_sessions(tx: Tx, caller: Caller, token: str | None, now: datetime) -> int:
    """Ends every session of the caller's but the one of this cookie; how many it were."""
    own = passwords.token_hash(token) if token else None
    return await store.end_sessions(tx, caller.customer_id or PUBLISHER, caller.credential_id, now, own)


async def end_sessions_of(tx: Tx, customer_id: UUID, credential_id: UUID, now: datetime) -> int:
    """11-b: the firm ends all sessions of a credential that it gave. Raises CredentialUnknown."""
    credential = await load_credential(tx, customer_id, credential_id)
    return await store.end_sessions(tx, customer_id, credential.credential_id, now)
