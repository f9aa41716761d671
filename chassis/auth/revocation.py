"""Disabled credentials, as every service knows them: a table, and a set in memory that follows it.

A token outlives the credential it was given for by at most its own lifetime; this closes the gap. The
event is heard by each service (`credential_disabled` in its HEARS); tenancy itself writes the row in the
transaction that disables. API processes read the table each second.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis import metrics
from chassis.clock import monotonic, system_now
from chassis.db import Database, Tx
from contracts.envelope import Envelope
from contracts.events.tenancy import CredentialDisabled

REFRESH_SECONDS = 1.0
_WHOLE_SECONDS = 60.0
_OVERLAP = timedelta(seconds=60)
_KEPT = timedelta(days=1)

_REVOKE = text(
    "INSERT INTO revoked (credential_id, since, recorded_at) VALUES (:credential_id, :since, :recorded_at)"
    " ON CONFLICT (credential_id) DO NOTHING"
)
_REVOKED = text("SELECT credential_id, recorded_at FROM revoked WHERE recorded_at > :after")


async def revoke(tx: Tx, credential_ids: Iterable[UUID], since: datetime) -> None:
    """Writes that these credentials open nothing any more; twice is once. `since` is business time."""
    recorded_at = system_now()
    rows = [{"credential_id": id_, "since": since, "recorded_at": recorded_at} for id_ in credential_ids]
    if rows:
        await tx.execute(_REVOKE, rows)


async def credential_disabled(tx: Tx, event: CredentialDisabled, envelope: Envelope, context: object) -> None:
    """Hears from tenancy that a credential was disabled."""
    await revoke(tx, [event.credential_id], event.disabled_at)


@dataclass(slots=True)
class Revocations:
    """The credentials that are refused, in memory.

    No token lives for a day, so that rows older than that say nothing any more. Between two whole looks,
    one a minute, only what was recorded lately is read again, with an overlap for slow transactions.
    """

    service: str = "livret"
    credential_ids: set[UUID] = field(default_factory=set)
    _newest: datetime | None = None
    _whole_at: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __contains__(self, credential_id: object) -> bool:
        return credential_id in self.credential_ids

    async def refresh(self, db: Database) -> None:
        """Takes in what was revoked since the last look; one look after the other, so that none undoes
        what another found.
        """
        async with self._lock:
            await self._look(db)

    async def _look(self, db: Database) -> None:
        whole = self._newest is None or monotonic() - self._whole_at > _WHOLE_SECONDS
        after = system_now() - _KEPT if whole or self._newest is None else self._newest - _OVERLAP
        async with db.engine.connect() as connection:
            rows: Any = (await connection.execute(_REVOKED, {"after": after})).all()
        found = {credential_id for credential_id, _ in rows}
        if whole:
            self.credential_ids, self._whole_at = found, monotonic()
        else:
            self.credential_ids |= found
        self._newest = max((recorded_at for _, recorded_at in rows), default=self._newest or system_now())
        metrics.REVOKED.labels(self.service).set(len(self.credential_ids))
