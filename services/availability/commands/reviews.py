"""Closed months are compared with the record whenever that changes: a correction that touches a month makes
a new, explained revision of it, and never rewrites one (6-h).
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from chassis.db import Tx
from contracts.events import Event
from services.availability.commands.losses import lose
from services.availability.commands.months import closed
from services.availability.model.months import Change, Evidence
from services.availability.model.rates import Month
from services.availability.rules.coverage import midnight_of, months_between
from services.availability.rules.evidence import figures_of
from services.availability.rules.months import changes, next_revision, revision_sentence
from services.availability.store import months as store
from services.availability.store import reviews, turns
from services.availability.store.months import Closing
from services.availability.store.reckoning import begin

RECORDS_AT_ONCE = 20_000
CUSTOMERS_AT_ONCE = 5_000
REVISIONS_AT_ONCE = 20_000
"""After the month that reaches it, the rest is left for the next turn."""


async def review_closed(tx: Tx, now: datetime) -> int:
    """Reckons closed months again under every record, and for every contract, that is otherwise than they
    saw it; returns how many were revised.
    """
    await turns.work_alone(tx)
    records = await reviews.list_unseen(tx, RECORDS_AT_ONCE)
    contracts = await reviews.list_other_contracts(tx, CUSTOMERS_AT_ONCE)
    wanted: list[tuple[Month, list[UUID] | None]] = [(month, None) for month in _months_under(records, now)]
    wanted += _months_of(contracts)
    revised = list[tuple[Month, Closing]]()
    for month, customers in wanted:
        if len(revised) >= REVISIONS_AT_ONCE:
            break
        revised += await _review(tx, month, customers, now)
    else:
        # What was revised so far shows no difference the next time: only what is done with is seen.
        await reviews.save_seen(tx, records)
        await reviews.save_contracts_seen(tx, [each.customer_id for each in contracts])
    said = list[Event]()
    for month, made in _by_month(revised):
        said += await lose(tx, month, ((each.customer_id, each.evidence) for each in made), now)
        said += [closed(each, month.name, now) for each in made]
    if said:
        await tx.emit_many(said)
    return len(revised)


async def _review(
    tx: Tx, month: Month, customers: Collection[UUID] | None, now: datetime
) -> list[tuple[Month, Closing]]:
    """The new revisions of a closed month, written."""
    last = await store.list_last(tx, month.name, customers)
    if not last:
        return []
    reckoning = await begin(tx, month, month.ends_at)
    before = await store.load_evidences(tx, {each.digest for each in last})
    told: dict[tuple[str, int], _Told | None] = {}
    made: list[Closing] = []
    for each in last:
        found = reckoning.of(each.customer_id, each.contract)
        place = (each.digest, id(found))
        if place not in told:
            told[place] = _compared(before[each.digest], found)
        difference = told[place]
        if difference is not None:
            made.append(Closing(each.customer_id, each.revision + 1, found, *difference))
    if made:
        await store.save_closings(tx, month.name, made, now)
    return [(month, each) for each in made]


_Told = tuple[str, tuple[Change, ...]]


def _compared(before: Evidence, found: Evidence) -> _Told | None:
    """What is said of a revision, and what differs; None where the month did not change."""
    if next_revision(1, figures_of(before), figures_of(found)) is None:
        return None
    changed = changes(before, found)
    return revision_sentence(before, found, changed), changed


def _months_under(records: Sequence[reviews.Unseen], now: datetime) -> list[Month]:
    """The months, up to now, in which a record lies or lay."""
    found: dict[str, Month] = {}
    for record in records:
        until = now if record.until is None else min(now, record.until)
        for month in months_between(record.since, until):
            found[month.name] = month
    return [found[name] for name in sorted(found)]


def _months_of(contracts: Sequence[reviews.OtherContract]) -> Iterator[tuple[Month, list[UUID]]]:
    """The closed months that other contracts may cover otherwise, and whose they are."""
    found: dict[str, tuple[Month, list[UUID]]] = {}
    for each in contracts:
        for month in months_between(midnight_of(each.since), midnight_of(each.first_day)):
            found.setdefault(month.name, (month, []))[1].append(each.customer_id)
    for name in sorted(found):
        yield found[name]


def _by_month(revised: Sequence[tuple[Month, Closing]]) -> Iterator[tuple[Month, list[Closing]]]:
    for month, group in groupby(revised, key=lambda each: each[0]):
        yield month, [closing for _, closing in group]
