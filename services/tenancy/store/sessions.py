"""The door: who presents what, and sessions. Here alone is a tenant found without being known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.tenancy.model import CompanyState, Entrant, SecretKind

_BY_IDENTIFIER = text("SELECT * FROM entrant_by_identifier(:portal, :folded)")
_BY_LINK = text("SELECT * FROM entrant_by_link(:hash)")
_BY_TOKEN = text("SELECT * FROM session_by_token(:token_hash, :now, :used_after)")
_BY_CREDENTIAL = text(
    "SELECT c.customer_id, c.credential_id, c.person_id, c.company_id, p.role, c.secret_kind, c.secret_hash,"
    " c.secret_expires_at, false AS disabled, y.state AS company_state, o.address AS portal, c.identifier,"
    " p.name, p.mail, f.enrolled_at IS NOT NULL AS second_factor FROM credential c"
    " JOIN portal o USING (customer_id) JOIN person p USING (customer_id, person_id)"
    " LEFT JOIN company y ON y.customer_id = c.customer_id AND y.company_id = c.company_id"
    " LEFT JOIN second_factor f ON f.customer_id = c.customer_id AND f.credential_id = c.credential_id"
    " WHERE c.customer_id = :customer_id AND c.credential_id = :credential_id AND c.disabled_at IS NULL"
)
_SWEEP_SESSIONS = text("DELETE FROM session WHERE expires_at < :before")
_OPEN = text(
    "WITH live AS (UPDATE credential SET last_used_at = :now WHERE customer_id = :customer_id"
    " AND credential_id = :credential_id AND disabled_at IS NULL RETURNING customer_id, credential_id)"
    " INSERT INTO session (customer_id, token_hash, credential_id, started_at, last_used_at, expires_at,"
    " address, user_agent)"
    " SELECT customer_id, :token_hash, credential_id, :now, :now, :expires_at, :address, :user_agent"
    " FROM live"
)
_TOUCH = text(
    "UPDATE session SET last_used_at = :now WHERE customer_id = :customer_id AND session_id = :session_id"
    " AND ended_at IS NULL"
)
_END = text(
    "UPDATE session SET ended_at = :now WHERE customer_id = :customer_id AND session_id = :session_id"
    " AND credential_id = :credential_id AND ended_at IS NULL AND expires_at > :now"
    " AND coalesce(last_used_at, started_at) > :used_after"
)
_END_ALL = text(
    "UPDATE session SET ended_at = :now WHERE customer_id = :customer_id AND credential_id = :credential_id"
    " AND ended_at IS NULL AND token_hash IS DISTINCT FROM :but"
)
_LIST = text(
    "SELECT session_id, started_at, coalesce(last_used_at, started_at) AS last_used_at, expires_at, address,"
    " user_agent, token_hash IS NOT DISTINCT FROM :own AS current FROM session"
    " WHERE customer_id = :customer_id AND credential_id = :credential_id AND ended_at IS NULL"
    " AND expires_at > :now AND coalesce(last_used_at, started_at) > :used_after"
    " ORDER BY started_at DESC, session_id LIMIT :limit"
)
_SAVE_PASSWORD = text(
    "UPDATE credential SET secret_kind = 'password', secret_hash = :hash, secret_expires_at = NULL,"
    " reset_hash = NULL, reset_expires_at = NULL,"
    " given_at = coalesce(given_at, :given_at) WHERE customer_id = :customer_id"
    " AND credential_id = :credential_id AND secret_hash = :replaced AND disabled_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to open. Its token is kept as a hash only."""

    token_hash: bytes
    expires_at: datetime
    address: str
    user_agent: str


def entrant_of(row: Row[Any] | None) -> Entrant | None:
    """Somebody as a door's function shows it."""
    if row is None:
        return None
    known = dict(row._mapping)
    state = CompanyState(row.company_state) if row.company_state else None
    return Entrant(**known | {"secret_kind": SecretKind(row.secret_kind), "company_state": state})


async def find_entrant(tx: Tx, portal: str, folded: str) -> Entrant | None:
    """Who has this identifier in the portal of this address, if anyone lives by it."""
    return entrant_of(await tx.fetch_one(_BY_IDENTIFIER, {"portal": portal, "folded": folded}))


async def find_invited(tx: Tx, link_hash: str) -> Entrant | None:
    """Whose invitation this is."""
    return entrant_of(await tx.fetch_one(_BY_LINK, {"hash": link_hash}))


async def find_by_credential(tx: Tx, customer_id: UUID, credential_id: UUID) -> Entrant | None:
    """Who has this credential, as long as it is not disabled."""
    keys = {"customer_id": customer_id, "credential_id": credential_id}
    return entrant_of(await tx.fetch_one(_BY_CREDENTIAL, keys))


async def find_session(tx: Tx, token_hash: bytes, now: datetime, used_after: datetime) -> Row[Any] | None:
    """The open session of this token, used after that instant: its person, credential, company and role."""
    parameters = {"token_hash": token_hash, "now": now, "used_after": used_after}
    return await tx.fetch_one(_BY_TOKEN, parameters)


async def sweep_sessions(tx: Tx, now: datetime) -> None:
    """Forgets sessions that ended of themselves a week ago."""
    await tx.execute(_SWEEP_SESSIONS, {"before": now - timedelta(days=7)})


async def open_session(tx: Tx, entrant: Entrant, new: NewSession, now: datetime) -> bool:
    """Opens a session; False when the credential was disabled meanwhile."""
    parameters = {
        "customer_id": entrant.customer_id,
        "credential_id": entrant.credential_id,
        "token_hash": new.token_hash,
        "now": now,
        "expires_at": new.expires_at,
        "address": new.address,
        "user_agent": new.user_agent,
    }
    return (await tx.execute(_OPEN, parameters)).rowcount == 1


async def touch_session(tx: Tx, customer_id: UUID, session_id: UUID, now: datetime) -> None:
    """The session is in use."""
    await tx.execute(_TOUCH, {"customer_id": customer_id, "session_id": session_id, "now": now})


async def end_session(
    tx: Tx, customer_id: UUID, credential_id: UUID, session_id: UUID, now: datetime, used_after: datetime
) -> bool:
    """Ends one session of a credential; False when it is not open."""
    keys = {"customer_id": customer_id, "credential_id": credential_id, "session_id": session_id}
    return (await tx.execute(_END, keys | {"now": now, "used_after": used_after})).rowcount == 1


async def end_sessions(
    tx: Tx, customer_id: UUID, credential_id: UUID, now: datetime, but: bytes | None = None
) -> int:
    """Ends every session of a credential, but the one of this token's hash; how many it were."""
    keys = {"customer_id": customer_id, "credential_id": credential_id, "now": now, "but": but}
    return (await tx.execute(_END_ALL, keys)).rowcount


async def list_sessions(
    tx: Tx, customer_id: UUID, credential_id: UUID, own: bytes | None, instants: tuple[datetime, datetime],
    limit: int,
) -> Sequence[Row[Any]]:  # fmt: skip
    """Open sessions of a credential, the newest first; `instants` are now, and the last of idle ones."""
    keys = {"customer_id": customer_id, "credential_id": credential_id, "own": own, "limit": limit}
    return await tx.fetch_all(_LIST, keys | {"now": instants[0], "used_after": instants[1]})


async def save_password(tx: Tx, entrant: Entrant, password_hash: str, given_at: datetime) -> bool:
    """Puts a password in the place of a secret; False when that secret was replaced or disabled meanwhile."""
    parameters = {
        "customer_id": entrant.customer_id,
        "credential_id": entrant.credential_id,
        "replaced": entrant.secret_hash,
        "hash": password_hash,
        "given_at": given_at,
    }
    return (await tx.execute(_SAVE_PASSWORD, parameters)).rowcount == 1
