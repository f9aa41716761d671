"""The keys that bearer tokens are signed with: rows, so that every replica signs and shows the same ones.
Their private halves are sealed; rows that are plain yet, or sealed under an older key, are sealed anew when a
process starts and when keys rotate.

A new key is shown for a while before it signs, so that verifiers have it, and an old one is shown for a
while after it stopped, until the last token that it signed has expired.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import text

from chassis.auth import SigningKey
from chassis.clock import monotonic, system_now
from chassis.db import Database, Scope, Tx
from chassis.sealing import Sealer

SHOWN_BEFORE = timedelta(minutes=10)
SHOWN_AFTER = timedelta(minutes=30)
REREAD_SECONDS = 5.0

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('livret.tenancy.signing_key'))")
_SHOWN = text(
    "SELECT kid, private_pem, signs_from FROM signing_key WHERE retired_at IS NULL OR retired_at > :now"
    " ORDER BY signs_from, kid"
)
_INSERT = text(
    "INSERT INTO signing_key (kid, private_pem, made_at, signs_from) VALUES (:kid, :pem, :now, :signs_from)"
)
_RESEAL = text("UPDATE signing_key SET private_pem = :pem WHERE kid = :kid")
_RETIRE = text(
    "UPDATE signing_key SET retired_at = :at WHERE kid <> :kid AND (retired_at IS NULL OR retired_at > :at)"
)


class NoSigningKey(Exception):
    """No key can sign now: the service was not started as it should be."""


async def ensure_key(db: Database, sealer: Sealer) -> None:
    """Makes the first key, once, however many replicas start; what is not sealed as it should be is."""
    async with db.transaction(Scope.machine()) as tx:
        await tx.execute(_LOCK)
        if not await tx.fetch_all(_SHOWN, {"now": system_now()}):
            await _make(tx, sealer, system_now())
        await reseal_keys(tx, sealer)


async def rotate_key(db: Database, sealer: Sealer, at_once: bool = False) -> str:
    """Makes a key that signs in ten minutes, and lets the others go half an hour after that.

    `at_once`, for a key that leaked: the new one signs now, and what the others signed is refused.
    """
    now = system_now()
    async with db.transaction(Scope.machine()) as tx:
        await tx.execute(_LOCK)
        signs_from = now if at_once else now + SHOWN_BEFORE
        kid = await _make(tx, sealer, signs_from)
        await tx.execute(_RETIRE, {"kid": kid, "at": now if at_once else signs_from + SHOWN_AFTER})
        await reseal_keys(tx, sealer)
    return kid


async def reseal_keys(tx: Tx, sealer: Sealer) -> int:
    """Seals private halves under the newest sealing key, where they are not; how many it were."""
    stale = [
        row
        for row in await tx.fetch_all(_SHOWN, {"now": system_now()})
        if not sealer.is_current(row.private_pem)
    ]
    for row in stale:
        await tx.execute(_RESEAL, {"kid": row.kid, "pem": sealer.resealed(row.private_pem)})
    return len(stale)


async def _make(tx: Tx, sealer: Sealer, signs_from: datetime) -> str:
    kid = str(uuid4())
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    sealed = sealer.seal(pem.decode())
    await tx.execute(_INSERT, {"kid": kid, "pem": sealed, "now": system_now(), "signs_from": signs_from})
    return kid


@dataclass(slots=True)
class Keys:
    """The keys as one process has read them; read again every few seconds."""

    db: Database
    sealer: Sealer
    _shown: list[tuple[SigningKey, datetime]] = field(default_factory=list)
    _read_at: float = float("-inf")

    async def signing(self) -> SigningKey:
        """The newest key that signs by now. Raises NoSigningKey."""
        now = system_now()
        ready = [key for key, signs_from in await self._keys() if signs_from <= now]
        if not ready:
            raise NoSigningKey
        return ready[-1]

    async def jwks(self) -> Mapping[str, Any]:
        """The public halves of all keys that a token may still be signed with."""
        return {"keys": [key.public_jwk() for key, _ in await self._keys()]}

    async def _keys(self) -> list[tuple[SigningKey, datetime]]:
        if not self._shown or monotonic() - self._read_at > REREAD_SECONDS:
            async with self.db.transaction(Scope.machine()) as tx:
                rows = await tx.fetch_all(_SHOWN, {"now": system_now()})
            self._shown = [
                (SigningKey(row.kid, _private(self.sealer.opened(row.private_pem))), row.signs_from)
                for row in rows
            ]
            self._read_at = monotonic()
        return self._shown


def _private(pem: str) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError("a signing key is an elliptic curve's")
    return key
