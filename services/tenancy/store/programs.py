"""Programs and their keys; also found by a client id, at the door, before their tenant is known."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.db import Tx
from chassis.roles import Role
from services.tenancy.program_model import ProgramKey
from services.tenancy.program_refusals import ProgramKeyUnknown, ProgramUnknown

KEYS_SHOWN = 100

_INSERT = text(
    "INSERT INTO program (customer_id, program_id, name, role, scopes, registered_at, registered_by)"
    " VALUES (:customer_id, :program_id, :name, :role, :scopes, :registered_at, :registered_by)"
)
_ONE = "SELECT * FROM program WHERE customer_id = :customer_id AND program_id = :program_id"
_LOAD, _LOCK = text(_ONE), text(f"{_ONE} FOR UPDATE")
_PAGE = text(
    "SELECT * FROM program WHERE customer_id = :customer_id AND program_id > :after"
    " ORDER BY program_id LIMIT :limit"
)
_CHANGE = text(
    "UPDATE program SET name = :name, scopes = :scopes, version = version + 1"
    " WHERE customer_id = :customer_id AND program_id = :program_id"
)
_DISABLE = text(
    "UPDATE program SET disabled_at = :now, disabled_by = :by, disabled_reason = :reason,"
    " version = version + 1 WHERE customer_id = :customer_id AND program_id = :program_id"
)
_INSERT_KEY = text(
    "INSERT INTO program_key (customer_id, credential_id, program_id, name, kind, secret_hash, public_key,"
    " issued_at, issued_by, expires_at) VALUES (:customer_id, :credential_id, :program_id, :name, :kind,"
    " :secret_hash, CAST(:public_key AS jsonb), :issued_at, :issued_by, :expires_at)"
    " ON CONFLICT (customer_id, program_id, name) WHERE disabled_at IS NULL DO NOTHING"
)
_KEYS = text(
    "SELECT * FROM program_key WHERE customer_id = :customer_id AND program_id = :program_id"
    " ORDER BY issued_at DESC, credential_id LIMIT :limit"
)
_KEY = text(
    "SELECT * FROM program_key WHERE customer_id = :customer_id AND program_id = :program_id"
    " AND credential_id = :credential_id"
)
_LIVE = text(
    "SELECT credential_id FROM program_key WHERE customer_id = :customer_id AND program_id = :program_id"
    " AND disabled_at IS NULL AND expires_at > :now"
)
_DISABLE_KEYS = text(
    "UPDATE program_key SET disabled_at = :now, disabled_by = :by, disabled_reason = :reason"
    " WHERE customer_id = :customer_id AND program_id = :program_id AND disabled_at IS NULL"
    " AND (CAST(:credential_id AS uuid) IS NULL OR credential_id = :credential_id) RETURNING credential_id"
)
_AT_THE_DOOR = text("SELECT * FROM keys_by_client_id(:program_id)")
_USE = text(
    "UPDATE program_key SET last_used_at = :now WHERE customer_id = :customer_id"
    " AND credential_id = :credential_id AND disabled_at IS NULL AND expires_at > :now"
)
_SPEND = text(
    "INSERT INTO spent_assertion (program_id, jti_hash, expires_at)"
    " VALUES (:program_id, :jti_hash, :expires_at) ON CONFLICT DO NOTHING"
)
_SWEEP = text("DELETE FROM spent_assertion WHERE expires_at < :now")
_DISABLED_AFTER = text(
    "SELECT customer_id, credential_id, disabled_at, disabled_reason FROM program_key"
    " WHERE disabled_at IS NOT NULL AND (customer_id, credential_id) > (:customer_id, :credential_id)"
    " ORDER BY customer_id, credential_id LIMIT :limit"
)


async def insert_program(tx: Tx, row: Mapping[str, Any]) -> None:
    """Writes a program."""
    await tx.execute(_INSERT, dict(row))


async def load_program(tx: Tx, customer_id: UUID, program_id: UUID, *, lock: bool = False) -> Row[Any]:
    """The program; locked until the end of the transaction when asked. Raises ProgramUnknown."""
    keys = {"customer_id": customer_id, "program_id": program_id}
    row = await tx.fetch_one(_LOCK if lock else _LOAD, keys)
    if row is None:
        raise ProgramUnknown
    return row


async def list_programs(tx: Tx, customer_id: UUID, after: UUID, limit: int) -> Sequence[Row[Any]]:
    """Programs by id, disabled ones too."""
    return await tx.fetch_all(_PAGE, {"customer_id": customer_id, "after": after, "limit": limit})


async def change_program(
    tx: Tx, customer_id: UUID, program_id: UUID, name: str, scopes: Sequence[str]
) -> None:
    """Another name and other scopes; the program is locked by the caller."""
    keys = {"customer_id": customer_id, "program_id": program_id}
    await tx.execute(_CHANGE, keys | {"name": name, "scopes": list(scopes)})


async def disable_program(tx: Tx, row: Row[Any], by: UUID | None, reason: str, now: datetime) -> None:
    """Marks a program that the caller has locked."""
    keys = {"customer_id": row.customer_id, "program_id": row.program_id}
    await tx.execute(_DISABLE, keys | {"by": by, "reason": reason, "now": now})


async def insert_key(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Writes a key; False when a live one of this program has the name."""
    public_key = None if row["public_key"] is None else orjson.dumps(row["public_key"]).decode()
    return (await tx.execute(_INSERT_KEY, {**row, "public_key": public_key})).rowcount == 1


async def list_keys(tx: Tx, customer_id: UUID, program_id: UUID) -> Sequence[Row[Any]]:
    """The newest keys of a program, disabled ones too."""
    keys = {"customer_id": customer_id, "program_id": program_id}
    return await tx.fetch_all(_KEYS, keys | {"limit": KEYS_SHOWN})


async def load_key(tx: Tx, customer_id: UUID, program_id: UUID, credential_id: UUID) -> Row[Any]:
    """One key of a program. Raises ProgramKeyUnknown."""
    keys = {"customer_id": customer_id, "program_id": program_id, "credential_id": credential_id}
    row = await tx.fetch_one(_KEY, keys)
    if row is None:
        raise ProgramKeyUnknown
    return row


async def count_live_keys(tx: Tx, customer_id: UUID, program_id: UUID, now: datetime) -> int:
    """How many keys of a program still open; `now` is system time."""
    keys = {"customer_id": customer_id, "program_id": program_id}
    return len(await tx.fetch_all(_LIVE, keys | {"now": now}))


async def disable_keys(
    tx: Tx, row: Row[Any], credential_id: UUID | None, by: UUID | None, reason: str, now: datetime
) -> list[UUID]:
    """Disables one key of a program that the caller has locked, or all of them; gives what was disabled."""
    keys = {"customer_id": row.customer_id, "program_id": row.program_id, "credential_id": credential_id}
    rows = await tx.fetch_all(_DISABLE_KEYS, keys | {"by": by, "reason": reason, "now": now})
    return [each.credential_id for each in rows]


async def list_keys_at_the_door(tx: Tx, program_id: UUID) -> list[ProgramKey]:
    """The keys of the program of this client id that are not disabled, newest first; none for a stranger."""
    rows = await tx.fetch_all(_AT_THE_DOOR, {"program_id": program_id})
    return [
        ProgramKey(
            customer_id=row.customer_id,
            program_id=row.program_id,
            role=Role(row.role),
            scopes=tuple(row.scopes),
            credential_id=row.credential_id,
            secret_hash=row.secret_hash,
            public_key=_read(row.public_key),
            expires_at=row.expires_at,
        )
        for row in rows
    ]


def _read(public_key: Any) -> Any:
    return orjson.loads(public_key) if isinstance(public_key, str) else public_key


async def use_key(tx: Tx, key: ProgramKey, now: datetime) -> bool:
    """Dates the last use of a key; False when it was disabled meanwhile, or is over."""
    parameters = {"customer_id": key.customer_id, "credential_id": key.credential_id, "now": now}
    return (await tx.execute(_USE, parameters)).rowcount == 1


async def spend_assertion(tx: Tx, program_id: UUID, jti_hash: bytes, expires_at: datetime) -> bool:
    """Remembers an assertion by its name; False when it is remembered already."""
    parameters = {"program_id": program_id, "jti_hash": jti_hash, "expires_at": expires_at}
    return (await tx.execute(_SPEND, parameters)).rowcount == 1


async def sweep_assertions(tx: Tx, now: datetime) -> None:
    """Forgets assertions that are over, which no one can use again anyway."""
    await tx.execute(_SWEEP, {"now": now})


async def list_disabled_keys_after(tx: Tx, after: tuple[UUID, UUID], limit: int) -> Sequence[Row[Any]]:
    """Disabled keys of all programs by id, to say all of them again."""
    return await tx.fetch_all(
        _DISABLED_AFTER, {"customer_id": after[0], "credential_id": after[1], "limit": limit}
    )
