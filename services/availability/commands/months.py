"""Months close by themselves (6-h), and a commitment that can no longer be met is said at once (6-a)."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby

from chassis.db import Tx
from contracts.events import Event
from contracts.events.availability import AvailabilityMonthClosed
from services.availability.commands.losses import lose
from services.availability.model.rates import Month
from services.availability.rules.coverage import (
    closes_at,
    first_day_of,
    first_to_close,
    month_after,
    month_at,
)
from services.availability.rules.months import closing_sentence
from services.availability.rules.reference import month_of
from services.availability.store import losses, turns
from services.availability.store import months as store
from services.availability.store.months import Closing
from services.availability.store.reckoning import begin
from services.availability.terms import settling_on

CUSTOMERS_AT_ONCE = 5_000
ROUNDS = 10
"""Of that many customers in one turn of the job, which holds what it says until its end; who is left is due
still."""


async def close_due(tx: Tx, now: datetime) -> int:
    """Closes every customer's months that are over and settled, in order; returns how many."""
    await turns.work_alone(tx)
    await _enrol(tx)
    said, closed = list[Event](), 0
    for _ in range(ROUNDS):
        due = await turns.claim_due(tx, now, CUSTOMERS_AT_ONCE)
        if not due:
            break
        for first_day, of_month in groupby(due, key=lambda turn: turn.first_day):
            events = await _close(tx, first_day, list(of_month), now)
            said += events
            closed += sum(isinstance(event, AvailabilityMonthClosed) for event in events)
    if said:
        await tx.emit_many(said)
    return closed


async def say_lost(tx: Tx, now: datetime) -> int:
    """Says whose running month, or one that is over and not settled, can no longer be met; returns how many
    were new.
    """
    await turns.work_alone(tx)
    said = list[Event]()
    current = month_at(now)
    before = month_at(now - settling_on(first_day_of(current)))
    for month in (before, current) if before != current else (current,):
        said += await _losses(tx, month, now)
    if said:
        await tx.emit_many(said)
    return len(said)


def closed(closing: Closing, month: str, now: datetime) -> AvailabilityMonthClosed:
    """What is said of a revision of a month."""
    found = closing.evidence
    return AvailabilityMonthClosed(
        customer_id=closing.customer_id,
        month=month,
        revision=closing.revision,
        reference_seconds=found.reference_seconds,
        unavailable_seconds=found.unavailable_seconds,
        rate=found.shown,
        kept=found.kept,
        explanation=closing.explanation,
        closed_at=now,
    )


async def _enrol(tx: Tx) -> None:
    """Gives customers who are new their first turn."""
    while new := await turns.list_newcomers(tx, CUSTOMERS_AT_ONCE):
        months = [first_to_close(each.contract, each.registered_at) for each in new]
        turn_of = {month: _turn_of(month) for month in set(months)}
        await turns.enrol(tx, new, [turn_of[month] for month in months])


def _turn_of(month: Month) -> tuple[date, datetime]:
    first_day = first_day_of(month)
    return first_day, closes_at(month, settling_on(first_day))


async def _close(tx: Tx, first_day: date, due: Sequence[turns.Turn], now: datetime) -> list[Event]:
    """Revision 1 of a month, for those whose contract covers some of it; then it is the next month's turn."""
    month = month_of(first_day.year, first_day.month)
    await turns.advance(tx, [each.customer_id for each in due], *_turn_of(month_after(month)))
    reckoning = await begin(tx, month, month.ends_at)
    sentences: dict[int, str] = {}
    made: list[Closing] = []
    for turn in due:
        found = reckoning.of(turn.customer_id, turn.contract)
        if found.covered:
            if id(found) not in sentences:
                sentences[id(found)] = closing_sentence(found)
            made.append(Closing(turn.customer_id, 1, found, sentences[id(found)]))
    if not made:
        return []
    await store.save_closings(tx, month.name, made, now)
    lost = await lose(tx, month, ((each.customer_id, each.evidence) for each in made), now)
    return [*lost, *(closed(each, month.name, now) for each in made)]


async def _losses(tx: Tx, month: Month, now: datetime) -> list[Event]:
    reckoning = await begin(tx, month, now)
    record = reckoning.record
    if not record.common.outages and not record.named:
        return []
    customers = await losses.list_still_kept(
        tx, month.name, first_day_of(month), first_day_of(month_after(month))
    )
    found = ((customer_id, reckoning.of(customer_id, contract)) for customer_id, contract in customers)
    return list(await lose(tx, month, found, now))
