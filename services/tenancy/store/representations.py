"""Representations: who of the publisher's staff acted for a customer, why, and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.tenancy.door_refusals import RepresentationUnknown
from services.tenancy.model import Representation

_COLUMNS = (
    "customer_id, representation_id, person_id, credential_id, name, reason, started_at, ends_at, ended_at"
)
_INSERT = text(
    f"INSERT INTO representation ({_COLUMNS}) VALUES (:customer_id, :representation_id, :person_id,"  # noqa: S608
    " :credential_id, :name, :reason, :started_at, :ends_at, NULL)"
)
_LOCK = text(
    f"SELECT {_COLUMNS} FROM representation WHERE customer_id = :customer_id"  # noqa: S608
    " AND representation_id = :representation_id FOR UPDATE"
)
_END = text(
    "UPDATE representation SET ended_at = :now WHERE customer_id = :customer_id"
    " AND representation_id = :representation_id"
)
_PAGE = text(
    f"SELECT {_COLUMNS} FROM representation WHERE customer_id = :customer_id"  # noqa: S608
    " AND (CAST(:before AS timestamptz) IS NULL OR (started_at, representation_id) < (:before, :before_id))"
    " ORDER BY started_at DESC, representation_id DESC LIMIT :limit"
)
_ADMINISTRATORS = text(
    "SELECT person_id, name, mail FROM person p WHERE customer_id = :customer_id AND role = 'firm_admin'"
    " AND mail IS NOT NULL AND EXISTS (SELECT FROM credential c WHERE c.customer_id = p.customer_id"
    " AND c.person_id = p.person_id AND c.disabled_at IS NULL)"
)
_NAME = text(
    "SELECT name FROM representation WHERE customer_id = :customer_id"
    " AND representation_id = :representation_id"
)


async def insert(tx: Tx, new: Representation) -> None:
    """Writes a representation that has begun."""
    row = {name: getattr(new, name) for name in _COLUMNS.split(", ") if name != "ended_at"}
    await tx.execute(_INSERT, row)


async def load(tx: Tx, customer_id: UUID, representation_id: UUID) -> Representation:
    """The representation, locked until the end of the transaction. Raises RepresentationUnknown."""
    keys = {"customer_id": customer_id, "representation_id": representation_id}
    row = await tx.fetch_one(_LOCK, keys)
    if row is None:
        raise RepresentationUnknown
    return Representation(**row._mapping)


async def end(tx: Tx, representation: Representation, now: datetime) -> None:
    """It is over before its time."""
    keys = {
        "customer_id": representation.customer_id,
        "representation_id": representation.representation_id,
    }
    await tx.execute(_END, keys | {"now": now})


async def list_newest(
    tx: Tx, customer_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Row[Any]]:
    """Those of a customer, the newest first."""
    started_at, representation_id = before or (None, None)
    keys = {"customer_id": customer_id, "before": started_at, "before_id": representation_id}
    return await tx.fetch_all(_PAGE, keys | {"limit": limit})


async def list_administrators(tx: Tx, customer_id: UUID) -> Sequence[Row[Any]]:
    """The customer's administrators who have an access and a mail address."""
    return await tx.fetch_all(_ADMINISTRATORS, {"customer_id": customer_id})


async def load_name(tx: Tx, customer_id: UUID, representation_id: UUID) -> str:
    """Who acts under it. Raises RepresentationUnknown."""
    keys = {"customer_id": customer_id, "representation_id": representation_id}
    row = await tx.fetch_one(_NAME, keys)
    if row is None:
        raise RepresentationUnknown
    return str(row.name)
