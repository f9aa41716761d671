"""Second factors: a sealed secret, the last step that was taken, and the recovery codes that are left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.tenancy.model import Entrant

_BEGIN = text(
    "INSERT INTO second_factor AS f (customer_id, credential_id, secret_sealed, begun_at)"
    " VALUES (:customer_id, :credential_id, :sealed, :now) ON CONFLICT (customer_id, credential_id)"
    " DO UPDATE SET secret_sealed = excluded.secret_sealed, begun_at = excluded.begun_at"
    " WHERE f.enrolled_at IS NULL"
)
_LOCK = text(
    "SELECT secret_sealed, enrolled_at, last_step FROM second_factor WHERE customer_id = :customer_id"
    " AND credential_id = :credential_id FOR UPDATE"
)
_ENROL = text(
    "UPDATE second_factor SET enrolled_at = :now, last_step = :step, recovery_hashes = :hashes"
    " WHERE customer_id = :customer_id AND credential_id = :credential_id"
)
_SPEND_STEP = text(
    "UPDATE second_factor SET last_step = :step, secret_sealed = :sealed WHERE customer_id = :customer_id"
    " AND credential_id = :credential_id"
)
_SPEND_RECOVERY = text(
    "UPDATE second_factor SET recovery_hashes = array_remove(recovery_hashes, CAST(:hash AS text))"
    " WHERE customer_id = :customer_id AND credential_id = :credential_id"
    " AND CAST(:hash AS text) = ANY(recovery_hashes)"
)
_REMOVE = text(
    "DELETE FROM second_factor WHERE customer_id = :customer_id AND credential_id = :credential_id"
)
_STANDING = text(
    "SELECT enrolled_at, cardinality(recovery_hashes) AS recovery_codes_left FROM second_factor"
    " WHERE customer_id = :customer_id AND credential_id = :credential_id AND enrolled_at IS NOT NULL"
)
_ALL_SEALED = text("SELECT customer_id, credential_id, secret_sealed FROM second_factor FOR UPDATE")
_RESEAL = text(
    "UPDATE second_factor SET secret_sealed = :sealed WHERE customer_id = :customer_id"
    " AND credential_id = :credential_id"
)


def _keys(entrant: Entrant) -> dict[str, Any]:
    return {"customer_id": entrant.customer_id, "credential_id": entrant.credential_id}


async def begin(tx: Tx, entrant: Entrant, sealed: str, now: datetime) -> bool:
    """Keeps a secret to be confirmed, in the place of one that was not; False when one is enrolled."""
    return (await tx.execute(_BEGIN, _keys(entrant) | {"sealed": sealed, "now": now})).rowcount == 1


async def load(tx: Tx, customer_id: UUID, credential_id: UUID) -> Row[Any] | None:
    """A credential's factor, enrolled or begun, locked until the end of the transaction."""
    return await tx.fetch_one(_LOCK, {"customer_id": customer_id, "credential_id": credential_id})


async def enrol(tx: Tx, entrant: Entrant, step: int, hashes: Sequence[str], now: datetime) -> None:
    """The factor that was begun counts from now on."""
    await tx.execute(_ENROL, _keys(entrant) | {"step": step, "hashes": list(hashes), "now": now})


async def spend_step(tx: Tx, entrant: Entrant, step: int, sealed: str) -> None:
    """No code of this step, or of one before, will be taken; the secret is kept as sealed now."""
    await tx.execute(_SPEND_STEP, _keys(entrant) | {"step": step, "sealed": sealed})


async def spend_recovery(tx: Tx, entrant: Entrant, code_hash: str) -> bool:
    """Takes a recovery code away; False when it is none that is left."""
    return (await tx.execute(_SPEND_RECOVERY, _keys(entrant) | {"hash": code_hash})).rowcount == 1


async def remove(tx: Tx, entrant: Entrant) -> None:
    """Forgets the factor and its recovery codes."""
    await tx.execute(_REMOVE, _keys(entrant))


async def find_standing(tx: Tx, customer_id: UUID, credential_id: UUID) -> Row[Any] | None:
    """Since when a credential has a second factor, and how many recovery codes are left."""
    return await tx.fetch_one(_STANDING, {"customer_id": customer_id, "credential_id": credential_id})


async def list_sealed(tx: Tx) -> Sequence[Row[Any]]:
    """Every sealed secret of the portal, locked."""
    return await tx.fetch_all(_ALL_SEALED)


async def save_sealed(tx: Tx, customer_id: UUID, credential_id: UUID, sealed: str) -> None:
    """The same secret, sealed anew."""
    await tx.execute(_RESEAL, {"customer_id": customer_id, "credential_id": credential_id, "sealed": sealed})
