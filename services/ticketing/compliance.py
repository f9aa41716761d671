"""The committed share of tickets, put together: a customer's years of support, each ticket, and the file."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from chassis.db import Database, Scope, Tx
from chassis.spreadsheet import MARK, csv_text
from services.ticketing.model.clocks import Pause, SupportedPlan, TicketFacts, Verdict
from services.ticketing.model.compliance import Compliance, ComplianceLine, SupportYear, YearReport
from services.ticketing.refusals.compliance import SupportYearUnknown
from services.ticketing.rules.clocks import take_charge_clock
from services.ticketing.rules.compliance import (
    midnight,
    standing_of,
    support_spans,
    support_years,
    year_shares,
)
from services.ticketing.share_terms import share_terms_of, zone
from services.ticketing.store import compliance as store
from services.ticketing.store.tickets import terms_read

START = UUID(int=0)
LINES_AT_ONCE = 2_000
HEADINGS = (
    "reference",
    "plan",
    "registered_at",
    "due_at",
    "taken_in_charge_at",
    "limit_open_seconds",
    "elapsed_open_seconds",
    "verdict",
    "standing",
    "reason",
    "explanation",
)


async def compliance_of(tx: Tx, customer_id: UUID, now: datetime) -> Compliance:
    """13.2-g, R9: every year of the customer's support, the present one so far, its tickets counted once.

    Raises CustomerUnknown.
    """
    years = await list_years(tx, customer_id, now)
    counted = await store.count_tickets(tx, customer_id, years, now)
    reports = []
    for year in years:
        counts = tuple(counted.get(year.number, ()))
        committed = share_terms_of(year.starts_at.astimezone(zone()).date()).committed_percent
        reports.append(YearReport(year, committed, counts, year_shares(counts, committed)))
    outside = sum(one.tickets for one in counted.get(0, ()))
    return Compliance(now, tuple(reports), outside)


async def list_years(tx: Tx, customer_id: UUID, now: datetime) -> tuple[SupportYear, ...]:
    """The years of the customer's support that have begun; none for one that never had support.

    Raises CustomerUnknown.
    """
    last_day = await store.load_last_day(tx, customer_id)
    over_at = midnight(last_day + timedelta(days=1), zone()) if last_day else None
    spans = support_spans(await store.list_plans(tx, customer_id), over_at)
    if not spans:
        return ()
    months = share_terms_of(spans[0].since.astimezone(zone()).date()).months
    return support_years(spans, months, now, zone())


async def load_year(tx: Tx, customer_id: UUID, number: int, now: datetime) -> SupportYear:
    """The customer's year of support of that number. Raises SupportYearUnknown, CustomerUnknown."""
    years = await list_years(tx, customer_id, now)
    if not 1 <= number <= len(years):
        raise SupportYearUnknown
    return years[number - 1]


async def list_lines(
    tx: Tx,
    customer_id: UUID,
    year: SupportYear,
    wanted: store.Wanted,
    now: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ComplianceLine]:
    """At most `limit` tickets of a year by registration, those after an instant and an id."""
    beyond = after or (year.starts_at, START)
    rows = await store.list_lines(tx, customer_id, year, wanted, now, beyond, limit)
    suspensions = await store.list_suspensions(tx, customer_id, now)
    return [line_of(row, suspensions, now) for row in rows]


def line_of(row: Row[Any], suspensions: Sequence[Pause], now: datetime) -> ComplianceLine:
    """A ticket's line; what its clock has run so far is told by the rule that judges it (R1)."""
    due_at, elapsed = row.due_at, row.elapsed_seconds
    terms = terms_read(row.terms)
    if elapsed is None and terms is not None:
        facts = TicketFacts(SupportedPlan(row.plan), row.registered_at, suspensions=tuple(suspensions))
        clock = take_charge_clock(facts, terms, now)
        due_at, elapsed = clock.due_at, clock.elapsed_seconds
    verdict = Verdict(row.verdict)
    return ComplianceLine(
        ticket_id=row.ticket_id,
        reference=row.reference,
        plan=row.plan,
        registered_at=row.registered_at,
        due_at=due_at,
        taken_in_charge_at=row.taken_in_charge_at,
        limit_seconds=row.limit_seconds,
        elapsed_seconds=elapsed,
        verdict=verdict,
        standing=standing_of(row.left_out, row.set_apart, verdict),
        reason=row.left_out or row.set_apart,
        explanation=row.left_out_reason if row.left_out else row.set_apart_reason,
    )


async def exported(
    db: Database, customer_id: UUID, year: SupportYear, wanted: store.Wanted, now: datetime
) -> AsyncIterator[str]:
    """A year's tickets as CSV, as they stood at `now`.

    Each part is read in its own transaction: a slow reader holds none open.
    """
    yield MARK + csv_text([HEADINGS])
    after: tuple[datetime, UUID] | None = None
    while True:
        async with db.transaction(Scope.customer(customer_id), read_only=True) as tx:
            lines = await list_lines(tx, customer_id, year, wanted, now, after, LINES_AT_ONCE)
        if lines:
            yield csv_text(_cells(line) for line in lines)
        if len(lines) < LINES_AT_ONCE:
            return
        after = (lines[-1].registered_at, lines[-1].ticket_id)


def _cells(line: ComplianceLine) -> list[str]:
    taken = line.taken_in_charge_at
    return [
        line.reference,
        line.plan,
        line.registered_at.isoformat(),
        line.due_at.isoformat(),
        taken.isoformat() if taken else "",
        str(line.limit_seconds),
        str(line.elapsed_seconds),
        line.verdict,
        line.standing,
        line.reason or "",
        line.explanation or "",
    ]
