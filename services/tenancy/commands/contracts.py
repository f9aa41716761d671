"""What happens to a contract's term: it is opened, a party gives or withdraws notice, prices are revised.

Every command locks the contract first; what is due next is written with what changes it.
"""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from chassis.db import Tx
from services.tenancy.commands import contract_events as events
from services.tenancy.contract_model import Contract, Notice, Party, PriceRevision, Promotion, Term
from services.tenancy.contract_refusals import NoticeUnknown
from services.tenancy.contract_terms import begins_at, day_of, notice_terms
from services.tenancy.rules import contracts as rules
from services.tenancy.rules.terms import period
from services.tenancy.store import contracts as store


async def open_contract(tx: Tx, customer_id: UUID, term: Term) -> None:
    """A contract in its initial term, due at its first renewal (16-a). Raises BeyondTheCalendar."""
    period(term, 1)
    await store.insert_contract(tx, customer_id, due_at(Contract(term)))


async def notify_non_renewal(
    tx: Tx,
    customer_id: UUID,
    party: Party,
    letter_reference: str,
    posted_on: date,
    by: UUID,
    now: datetime,
) -> Notice:
    """A party does not renew: the contract ends with the end that its letter reaches (16-c)."""
    held = await store.lock_contract(tx, customer_id)
    rules.may_notify(held.contract, party, posted_on, day_of(now))
    effect = rules.notice_effect(held.contract.term, posted_on, notice_terms())
    notice = Notice(uuid4(), party, letter_reference, posted_on, effect.period.last_day, effect.late)
    await store.insert_notice(tx, customer_id, notice, by, now)
    await _save_due(tx, customer_id, replace(held.contract, notices=(*held.contract.notices, notice)))
    written = await store.load_contract(tx, customer_id)
    await tx.emit(next(events.notified(row) for row in written.notices if row.notice_id == notice.notice_id))
    return notice


async def withdraw_non_renewal(
    tx: Tx, customer_id: UUID, notice_id: UUID, party: Party, reason: str, by: UUID, now: datetime
) -> None:
    """The party that gave notice takes it back before its end: the contract is renewed again (16-c)."""
    held = await store.lock_contract(tx, customer_id)
    notice = next((each for each in held.contract.notices if each.notice_id == notice_id), None)
    if notice is None:
        raise NoticeUnknown
    rules.may_withdraw(held.contract, notice, party, day_of(now))
    await store.save_withdrawal(tx, customer_id, notice_id, reason, by, now)
    written = await store.load_contract(tx, customer_id)
    await _save_due(tx, customer_id, written.contract)
    await tx.emit(next(events.withdrawn(row) for row in written.notices if row.notice_id == notice_id))


async def notify_price_revision(
    tx: Tx,
    customer_id: UUID,
    notified_on: date,
    effective_on: date | None,
    percent: Decimal | None,
    reference: str | None,
    by: UUID,
    now: datetime,
) -> UUID:
    """Prices rise at the renewal asked for, else at the next one after the notice (16-b)."""
    held = await store.lock_contract(tx, customer_id)
    first = rules.revised_from(held.contract, notice_terms(), notified_on, effective_on, day_of(now))
    revision = PriceRevision(uuid4(), notified_on, first.starts_on, percent, reference)
    await store.insert_revision(tx, customer_id, revision, first.number, by, now)
    written = await store.load_contract(tx, customer_id)
    told = next(row for row in written.revisions if row.revision_id == revision.revision_id)
    await tx.emit(events.revised(told))
    return revision.revision_id


async def promote(
    tx: Tx, customer_id: UUID, starts_on: date, last_day: date, reference: str, by: UUID, now: datetime
) -> UUID:
    """A promotional price holds on these days, during which prices are not raised (16-b)."""
    held = await store.lock_contract(tx, customer_id)
    asked = Promotion(uuid4(), starts_on, last_day)
    rules.may_promote(held.contract, asked, day_of(now))
    await store.insert_promotion(tx, customer_id, asked, reference, by, now)
    return asked.promotion_id


def due_at(contract: Contract) -> datetime | None:
    """The first instant of the day of the next renewal or of the end; None when neither comes."""
    day = rules.next_due_on(contract)
    return None if day is None else begins_at(day)


async def _save_due(tx: Tx, customer_id: UUID, contract: Contract) -> None:
    await store.save_due(tx, customer_id, due_at(contract))
