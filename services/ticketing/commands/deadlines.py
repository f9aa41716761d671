"""What is said of clocks at their instants, once: three quarters gone by, and the limit exceeded.

The instants stand in rows that are claimed, so it is said once however many replicas ask, and after a stop.
In closed hours nothing is said (R1): what came due while nobody asked waits for the next opening.
"""

from datetime import date, datetime

from chassis.db import Tx
from contracts.booklet.hours import calendar_frozen_on
from contracts.events.ticketing import DeadlineApproaching, DeadlineMissed
from services.ticketing.model.queue import Due
from services.ticketing.store import queue as store

AT_ONCE = 1000


async def say_due(tx: Tx, now: datetime) -> int:
    """Says what has come due by `now`, in the order of its instants, at most 1,000 of each; returns how much."""
    open_now = [
        (name, day)
        for name, day in await store.list_calendars_due(tx, now)
        if calendar_frozen_on(name, date.fromisoformat(day)).is_open(now)
    ]
    if not open_now:
        return 0
    warnings = await store.claim_warnings(tx, open_now, now, AT_ONCE)
    misses = await store.claim_misses(tx, open_now, now, AT_ONCE)
    said = [(due.instant, approaching(due)) for due in warnings]
    said += [(due.instant, missed(due)) for due in misses]
    said.sort(key=lambda one: one[0])
    await tx.emit_many(event for _, event in said)
    return len(said)


def approaching(due: Due) -> DeadlineApproaching | DeadlineMissed:
    """What is said when three quarters of a clock's time have gone by."""
    return DeadlineApproaching(**_told(due), reached_at=due.instant)


def missed(due: Due) -> DeadlineApproaching | DeadlineMissed:
    """What is said when a clock's open seconds exceed its limit."""
    return DeadlineMissed(**_told(due), missed_at=due.instant)


def _told(due: Due) -> dict[str, object]:
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
