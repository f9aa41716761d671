"""When a customer's support stood still, and why."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text, tuple_

from chassis.db import Tx
from services.ticketing.model.heard import Suspension
from services.ticketing.model.tickets import SuspensionReason
from services.ticketing.tables.tickets import SUSPENSION

_OF_CUSTOMER = select(SUSPENSION).where(SUSPENSION.c.customer_id == bindparam("customer"))
_OPEN = _OF_CUSTOMER.where(SUSPENSION.c.until.is_(None))
_ONE = _OF_CUSTOMER.where(SUSPENSION.c.suspension_id == bindparam("suspension"))
_PAGE = (
    _OF_CUSTOMER.where(SUSPENSION.c.suspension_id > bindparam("after"))
    .order_by(SUSPENSION.c.suspension_id)
    .limit(bindparam("limit"))
)
_KEY = tuple_(SUSPENSION.c.customer_id, SUSPENSION.c.suspension_id)
_EVERYWHERE = (
    select(SUSPENSION)
    .where(tuple_(bindparam("customer"), bindparam("suspension")) < _KEY)
    .order_by(SUSPENSION.c.customer_id, SUSPENSION.c.suspension_id)
    .limit(bindparam("limit"))
)
_INSERT = text("""
    INSERT INTO suspension (customer_id, suspension_id, reason, explanation, since, suspended_by)
    VALUES (:customer_id, :suspension_id, :reason, :explanation, :since, :suspended_by)
""")
_RESUME = text("""
    UPDATE suspension SET "until" = :until, resumed_by = :resumed_by
    WHERE customer_id = :customer_id AND suspension_id = :suspension_id
""")


async def find_open(tx: Tx, customer_id: UUID) -> Suspension | None:
    """The suspension of this customer that goes on."""
    row = await tx.fetch_one(_OPEN, {"customer": customer_id})
    return _suspension(row) if row else None


async def find_suspension(tx: Tx, customer_id: UUID, suspension_id: UUID) -> Suspension | None:
    """One suspension."""
    row = await tx.fetch_one(_ONE, {"customer": customer_id, "suspension": suspension_id})
    return _suspension(row) if row else None


async def list_suspensions(tx: Tx, customer_id: UUID, after: UUID, limit: int) -> list[Suspension]:
    """This customer's suspensions, those after `after`."""
    rows = await tx.fetch_all(_PAGE, {"customer": customer_id, "after": after, "limit": limit})
    return [_suspension(row) for row in rows]


async def list_everywhere(tx: Tx, after: tuple[UUID, UUID], limit: int) -> list[Suspension]:
    """Every customer's, in the order of their keys, for a resync."""
    customer_id, suspension_id = after
    asked = {"customer": customer_id, "suspension": suspension_id, "limit": limit}
    return [_suspension(row) for row in await tx.fetch_all(_EVERYWHERE, asked)]


async def save_suspension(tx: Tx, suspension: Suspension) -> None:
    """A suspension that begins."""
    await tx.execute(
        _INSERT,
        {
            "customer_id": suspension.customer_id,
            "suspension_id": suspension.suspension_id,
            "reason": suspension.reason.value,
            "explanation": suspension.explanation,
            "since": suspension.since,
            "suspended_by": suspension.suspended_by,
        },
    )


async def save_resumption(tx: Tx, suspension: Suspension) -> None:
    """Its end."""
    await tx.execute(
        _RESUME,
        {
            "customer_id": suspension.customer_id,
            "suspension_id": suspension.suspension_id,
            "until": suspension.until,
            "resumed_by": suspension.resumed_by,
        },
    )


def _suspension(row: Row[Any]) -> Suspension:
    return Suspension(
        customer_id=row.customer_id,
        suspension_id=row.suspension_id,
        reason=SuspensionReason(row.reason),
        explanation=row.explanation,
        since=row.since,
        suspended_by=row.suspended_by,
        until=row.until,
        resumed_by=row.resumed_by,
    )
