"""The door: who presents what, and sessions. Here alone is a tenant found without being known."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.tenancy.model import CompanyState, Entrant, SecretKind

_BY_IDENTIFIER = text("SELECT * FROM entrant_by_identifier(:portal, :folded)")
_BY_LINK = text("SELECT * FROM entrant_by_link(:hash)")
_BY_TOKEN = text("SELECT * FROM session_by_token(:token_hash, :now)")
_SWEEP_SESSIONS = text("DELETE FROM session WHERE expires_at < :before")
_OPEN = text(
    "WITH live AS (UPDATE credential SET last_used_at = :now WHERE customer_id = :customer_id"
    " AND credential_id = :credential_id AND disabled_at IS NULL RETURNING customer_id, credential_id)"
    " INSERT INTO session (customer_id, token_hash, credential_id, started_at, expires_at, address)"
    " SELECT customer_id, :token_hash, credential_id, :now, :expires_at, :address FROM live"
)
_END = text(
    "UPDATE session SET ended_at = :now WHERE customer_id = :customer_id AND token_hash = :token_hash"
    " AND ended_at IS NULL"
)
_END_OTHERS = text(
    "UPDATE session SET ended_at = :now WHERE customer_id = :customer_id AND credential_id = :credential_id"
    " AND ended_at IS NULL"
)
_SECRET = text(
    "SELECT secret_hash, secret_kind FROM credential WHERE customer_id = :customer_id"
    " AND credential_id = :credential_id AND disabled_at IS NULL"
)
_IDENTIFIER = text(
    "SELECT identifier FROM credential WHERE customer_id = :customer_id AND credential_id = :credential_id"
)
_SAVE_PASSWORD = text(
    "UPDATE credential SET secret_kind = 'password', secret_hash = :hash, secret_expires_at = NULL,"
    " given_at = coalesce(given_at, :given_at) WHERE customer_id = :customer_id"
    " AND credential_id = :credential_id AND secret_hash = :replaced AND disabled_at IS NULL"
)


def _entrant(row: Row[Any] | None) -> Entrant | None:
    if row is None:
        return None
    return Entrant(
        customer_id=row.customer_id,
        credential_id=row.credential_id,
        person_id=row.person_id,
        company_id=row.company_id,
        role=row.role,
        secret_kind=SecretKind(row.secret_kind),
        secret_hash=row.secret_hash,
        secret_expires_at=row.secret_expires_at,
        disabled=row.disabled,
        company_state=CompanyState(row.company_state) if row.company_state else None,
    )


async def find_entrant(tx: Tx, portal: str, folded: str) -> Entrant | None:
    """Who has this identifier in the portal of this address, if anyone lives by it."""
    return _entrant(await tx.fetch_one(_BY_IDENTIFIER, {"portal": portal, "folded": folded}))


async def find_invited(tx: Tx, link_hash: str) -> Entrant | None:
    """Whose invitation this is."""
    return _entrant(await tx.fetch_one(_BY_LINK, {"hash": link_hash}))


async def find_session(tx: Tx, token_hash: bytes, now: datetime) -> Row[Any] | None:
    """The open session of this token: its person, credential, company and role."""
    return await tx.fetch_one(_BY_TOKEN, {"token_hash": token_hash, "now": now})


async def sweep_sessions(tx: Tx, now: datetime) -> None:
    """Forgets sessions that ended of themselves a week ago."""
    await tx.execute(_SWEEP_SESSIONS, {"before": now - timedelta(days=7)})


async def open_session(
    tx: Tx, entrant: Entrant, token_hash: bytes, now: datetime, expires_at: datetime, address: str
) -> bool:
    """Opens a session; False when the credential was disabled meanwhile."""
    parameters = {
        "customer_id": entrant.customer_id,
        "credential_id": entrant.credential_id,
        "token_hash": token_hash,
        "now": now,
        "expires_at": expires_at,
        "address": address,
    }
    return (await tx.execute(_OPEN, parameters)).rowcount == 1


async def end_session(tx: Tx, customer_id: UUID, token_hash: bytes, now: datetime) -> None:
    """Ends one session."""
    await tx.execute(_END, {"customer_id": customer_id, "token_hash": token_hash, "now": now})


async def end_sessions(tx: Tx, customer_id: UUID, credential_id: UUID, now: datetime) -> None:
    """Ends every session of a credential."""
    await tx.execute(_END_OTHERS, {"customer_id": customer_id, "credential_id": credential_id, "now": now})


async def find_secret(tx: Tx, customer_id: UUID, credential_id: UUID) -> Row[Any] | None:
    """What is kept of a live credential's secret."""
    return await tx.fetch_one(_SECRET, {"customer_id": customer_id, "credential_id": credential_id})


async def save_password(
    tx: Tx, customer_id: UUID, credential_id: UUID, replaced: str, password_hash: str, given_at: datetime
) -> bool:
    """Puts a password in the place of a secret; False when that secret was replaced or disabled meanwhile."""
    parameters = {
        "customer_id": customer_id,
        "credential_id": credential_id,
        "replaced": replaced,
        "hash": password_hash,
        "given_at": given_at,
    }
    return (await tx.execute(_SAVE_PASSWORD, parameters)).rowcount == 1


async def load_identifier(tx: Tx, customer_id: UUID, credential_id: UUID) -> str:
    """The identifier of a credential that exists."""
    keys = {"customer_id": customer_id, "credential_id": credential_id}
    identifier: str = (await tx.execute(_IDENTIFIER, keys)).scalar_one()
    return identifier
