"""What is said of clocks at their instants, once: three quarters gone by, and the limit exceeded.

The instants stand in rows that are claimed, so it is said once however many replicas ask, and after a stop.
In closed hours nothing is said (R1): what came due while nobody asked waits for the next opening.
"""

from datetime import date, datetime
from typing import Any

from chassis import metrics
from chassis.db import Tx
from contracts.booklet.hours import calendar_frozen_on
from contracts.events.ticketing import DeadlineApproaching, DeadlineMissed
from services.ticketing.model.queue import Due
from services.ticketing.store import queue as store

AT_ONCE = 1000


async def say_due(tx: Tx, now: datetime) -> int:
    """Says what has come due by `now`, in the order of its instants, at most 1,000 of each; how many."""
    open_now = [
        (name, day)
        for name, day in await store.list_calendars_due(tx, now)
        if calendar_frozen_on(name, date.fromisoformat(day)).is_open(now)
    ]
    if not open_now:
        return 0
    warnings = await store.claim_warnings(tx, open_now, now, AT_ONCE)
    misses = await store.claim_misses(tx, open_now, now, AT_ONCE)
    said: list[DeadlineApproaching | DeadlineMissed] = [
        *(DeadlineApproaching(**_told(due), reached_at=due.instant) for due in warnings),
        *(DeadlineMissed(**_told(due), missed_at=due.instant) for due in misses),
    ]
    said.sort(key=_instant)
    await tx.emit_many(said)
    for event in said:
        what = "missed" if isinstance(event, DeadlineMissed) else "approaching"
        metrics.DEADLINES.labels(event.clock, what).inc()
    return len(said)


def _instant(event: DeadlineApproaching | DeadlineMissed) -> datetime:
    return event.missed_at if isinstance(event, DeadlineMissed) else event.reached_at


def _told(due: Due) -> dict[str, Any]:
    return {
        "customer_id": due.customer_id,
        "ticket_id": due.ticket_id,
        "reference": due.reference,
        "clock": due.kind,
        "due_at": due.due_at,
        "limit_open_seconds": due.limit_seconds,
        "product": due.product,
        "plan": due.plan,
    }
