"""Resets of passwords: who asked, unjudged, and the links that were mailed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.tenancy.model import Entrant
from services.tenancy.store.sessions import entrant_of

_ASK = text(
    "INSERT INTO reset_due (reset_id, portal, folded, asked_at) VALUES (:reset_id, :portal, :folded, :now)"
)
_TAKE = text(
    "DELETE FROM reset_due WHERE reset_id IN"
    " (SELECT reset_id FROM reset_due ORDER BY asked_at LIMIT :limit FOR UPDATE SKIP LOCKED)"
    " RETURNING reset_id, portal, folded"
)
_SAVE = text(
    "UPDATE credential SET reset_hash = :hash, reset_expires_at = :expires_at"
    " WHERE customer_id = :customer_id AND credential_id = :credential_id AND disabled_at IS NULL"
)
_SPEND = text(
    "UPDATE credential SET reset_hash = NULL, reset_expires_at = NULL"
    " WHERE customer_id = :customer_id AND credential_id = :credential_id AND reset_hash = :hash"
)
_BY_RESET = text("SELECT * FROM entrant_by_reset(:hash, :now)")


async def ask(tx: Tx, reset_id: UUID, portal: str, folded: str, now: datetime) -> None:
    """Writes down what was asked, without looking whether it is anybody."""
    await tx.execute(_ASK, {"reset_id": reset_id, "portal": portal, "folded": folded, "now": now})


async def take_asked(tx: Tx, limit: int) -> Sequence[Row[Any]]:
    """Takes what was asked: it is gone with this transaction."""
    return await tx.fetch_all(_TAKE, {"limit": limit})


async def save_link(tx: Tx, entrant: Entrant, link_hash: str, expires_at: datetime) -> None:
    """The newest link of a credential; the one before it no longer opens."""
    keys = {"customer_id": entrant.customer_id, "credential_id": entrant.credential_id}
    await tx.execute(_SAVE, keys | {"hash": link_hash, "expires_at": expires_at})


async def find_by_link(tx: Tx, link_hash: str, now: datetime) -> Entrant | None:
    """Whose password a link resets, as long as it lives."""
    return entrant_of(await tx.fetch_one(_BY_RESET, {"hash": link_hash, "now": now}))


async def spend_link(tx: Tx, entrant: Entrant, link_hash: str) -> bool:
    """Takes the link away; False when that was done meanwhile."""
    keys = {"customer_id": entrant.customer_id, "credential_id": entrant.credential_id}
    return (await tx.execute(_SPEND, keys | {"hash": link_hash})).rowcount == 1
