"""What the committed share is counted from: a customer's plans, and its support tickets' first clocks.

A ticket's verdict is its take-charge clock's: as it ended, or missed once `now` has reached the instant at
which it exceeds its limit. Requests to customer service have no clock, so that no statement here meets them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.ticketing.model.clocks import Pause, Verdict
from services.ticketing.model.compliance import Count, PlanPeriod, Standing, SupportYear
from services.ticketing.refusals.tickets import CustomerUnknown

VERDICT = """
    CASE WHEN clock.state IN ('kept', 'missed') THEN clock.state
         WHEN clock.missed_at IS NOT NULL OR clock.miss_at <= :now THEN 'missed'
         ELSE 'running' END
"""
"""Of the take-charge clock named `clock`, at `:now`."""
_PLANS = text("SELECT since, plan FROM plan_period WHERE customer_id = :customer_id ORDER BY since")
_LAST_DAY = text("SELECT contract_last_day FROM customer WHERE customer_id = :customer_id")
_SUSPENSIONS = text("""
    SELECT since, "until" FROM suspension WHERE customer_id = :customer_id AND since < :now ORDER BY since
""")
_COUNTS = text(f"""
    SELECT year, registered_at < (CAST(:ends AS timestamptz[]))[year] AS inside,
           verdict, left_out, set_apart, count(*) AS tickets
    FROM (
        SELECT width_bucket(ticket.registered_at, CAST(:starts AS timestamptz[])) AS year,
               ticket.registered_at, {VERDICT} AS verdict, left_out,
               CASE WHEN left_out IS NULL THEN set_apart END AS set_apart
        FROM ticket JOIN ticket_clock clock USING (customer_id, ticket_id)
        WHERE customer_id = :customer_id AND clock.number = 1
    ) judged
    GROUP BY 1, 2, 3, 4, 5
""")  # noqa: S608
_STANDING = f"""
    CASE WHEN left_out IS NOT NULL THEN 'left_out' WHEN set_apart IS NOT NULL THEN 'set_apart'
         WHEN ({VERDICT}) = 'running' THEN 'pending' ELSE 'counted' END
"""
_LINES = text(f"""
    SELECT ticket_id, reference, plan, terms, registered_at, taken_in_charge_at, left_out, left_out_reason,
           set_apart, set_apart_reason, clock.due_at, clock.limit_seconds, clock.elapsed_seconds,
           {VERDICT} AS verdict
    FROM ticket JOIN ticket_clock clock USING (customer_id, ticket_id)
    WHERE customer_id = :customer_id AND clock.number = 1
      AND registered_at >= :starts_at AND registered_at < :ends_at
      AND (registered_at, ticket_id) > (:after_at, :after_id)
      AND (CAST(:standing AS text) IS NULL OR ({_STANDING}) = :standing)
      AND (CAST(:verdict AS text) IS NULL OR ({VERDICT}) = :verdict)
    ORDER BY registered_at, ticket_id LIMIT :limit
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of a year; None leaves a field free."""

    standing: Standing | None = None
    verdict: Verdict | None = None


async def list_plans(tx: Tx, customer_id: UUID) -> tuple[PlanPeriod, ...]:
    """The customer's plans in order of time; none for a customer nobody told of."""
    rows = await tx.fetch_all(_PLANS, {"customer_id": customer_id})
    return tuple(PlanPeriod(row.since, row.plan) for row in rows)


async def require_customer(tx: Tx, customer_id: UUID) -> None:
    """Raises CustomerUnknown for one that nobody told of."""
    await load_last_day(tx, customer_id)


async def load_last_day(tx: Tx, customer_id: UUID) -> date | None:
    """The last day of the customer's contract, when it has one. Raises CustomerUnknown."""
    row = await tx.fetch_one(_LAST_DAY, {"customer_id": customer_id})
    if row is None:
        raise CustomerUnknown
    last_day: date | None = row.contract_last_day
    return last_day


async def list_suspensions(tx: Tx, customer_id: UUID, now: datetime) -> tuple[Pause, ...]:
    """When the customer's support has stood still."""
    rows = await tx.fetch_all(_SUSPENSIONS, {"customer_id": customer_id, "now": now})
    return tuple(Pause(row.since, row.until) for row in rows)


async def count_tickets(
    tx: Tx, customer_id: UUID, years: Sequence[SupportYear], now: datetime
) -> dict[int, list[Count]]:
    """The support tickets of each year, those alike counted together, in one pass over them all.

    Under 0 those of no year: registered on what the service knew before it heard that support had lapsed.
    """
    starts, ends = [year.starts_at for year in years], [year.ends_at for year in years]
    rows = await tx.fetch_all(
        _COUNTS, {"customer_id": customer_id, "starts": starts, "ends": ends, "now": now}
    )
    counted: dict[int, list[Count]] = {}
    for row in rows:
        place = row.year if row.inside else 0
        found = Count(Verdict(row.verdict), row.tickets, row.left_out, row.set_apart)
        counted.setdefault(place, []).append(found)
    return counted


async def list_lines(
    tx: Tx,
    customer_id: UUID,
    year: SupportYear,
    wanted: Wanted,
    now: datetime,
    after: tuple[datetime, UUID],
    limit: int,
) -> Sequence[Row[Any]]:
    """At most `limit` tickets of a year by registration, those after an instant and an id."""
    return await tx.fetch_all(
        _LINES,
        {
            "customer_id": customer_id,
            "starts_at": year.starts_at,
            "ends_at": year.ends_at,
            "standing": wanted.standing,
            "verdict": wanted.verdict,
            "now": now,
            "after_at": after[0],
            "after_id": after[1],
            "limit": limit,
        },
    )
