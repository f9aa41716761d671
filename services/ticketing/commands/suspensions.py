"""Suspending a customer's support, and resuming it (13.2-h). Billing goes on: metering does not listen."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis.db import Tx
from contracts.events.ticketing import SupportResumed, SupportSuspended
from services.ticketing.commands.happening import record_all
from services.ticketing.model.heard import Suspension
from services.ticketing.model.tickets import Happening, SuspensionReason
from services.ticketing.refusals.tickets import (
    CustomerUnknown,
    ResumedAlready,
    SuspendedAlready,
    SuspensionUnknown,
)
from services.ticketing.store import heard, tickets
from services.ticketing.store import suspensions as store

AT_ONCE = 500
"""Tickets of one statement."""


async def suspend(
    tx: Tx, customer_id: UUID, reason: SuspensionReason, explanation: str, by: UUID, now: datetime
) -> Suspension:
    """Stops support with immediate effect: open tickets stand still and are set apart (R3), new ones refused.

    Raises CustomerUnknown and SuspendedAlready.
    """
    await _lock(tx, customer_id)
    if await store.find_open(tx, customer_id) is not None:
        raise SuspendedAlready
    suspension = Suspension(customer_id, uuid4(), reason, explanation, now, by)
    await store.save_suspension(tx, suspension)
    told = {"suspension_id": str(suspension.suspension_id), "reason": reason, "explanation": explanation}
    await _tell_open_tickets(tx, customer_id, Happening.support_suspended, by, told, now)
    await tx.emit(suspended(suspension))
    return suspension


async def resume(tx: Tx, customer_id: UUID, suspension_id: UUID, by: UUID, now: datetime) -> Suspension:
    """Support goes on: clocks run again, and due instants have moved by the open seconds lost.

    Raises CustomerUnknown, SuspensionUnknown and ResumedAlready.
    """
    await _lock(tx, customer_id)
    suspension = await store.find_suspension(tx, customer_id, suspension_id)
    if suspension is None:
        raise SuspensionUnknown
    if suspension.until is not None:
        raise ResumedAlready
    over = replace(suspension, until=max(now, suspension.since), resumed_by=by)
    await store.save_resumption(tx, over)
    told = {"suspension_id": str(suspension_id)}
    await _tell_open_tickets(tx, customer_id, Happening.support_resumed, by, told, now)
    await tx.emit(resumed(over))
    return over


async def _lock(tx: Tx, customer_id: UUID) -> None:
    """No ticket is registered beside this, so that none is missed."""
    if not await heard.lock_customer(tx, customer_id):
        raise CustomerUnknown


async def _tell_open_tickets(
    tx: Tx, customer_id: UUID, what: Happening, by: UUID, told: dict[str, Any], now: datetime
) -> None:
    ids = await tickets.lock_open_ids(tx, customer_id)
    for place in range(0, len(ids), AT_ONCE):
        part = await tickets.list_these(tx, customer_id, ids[place : place + AT_ONCE])
        await record_all(tx, part, what, by, told, now)


def suspended(suspension: Suspension) -> SupportSuspended:
    """What is said of a suspension that began."""
    return SupportSuspended(
        customer_id=suspension.customer_id,
        suspension_id=suspension.suspension_id,
        reason=suspension.reason.value,
        suspended_at=suspension.since,
    )


def resumed(suspension: Suspension) -> SupportResumed:
    """What is said of a suspension that is over."""
    if suspension.until is None:
        raise ValueError(f"{suspension.suspension_id} still goes on")
    return SupportResumed(
        customer_id=suspension.customer_id,
        suspension_id=suspension.suspension_id,
        resumed_at=suspension.until,
    )
