"""The term of contracts: where each stands, its notices, price revisions and promotional prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.tenancy.contract_model import (
    Contract,
    ContractState,
    Notice,
    Party,
    PriceRevision,
    Promotion,
    Term,
)
from services.tenancy.contract_terms import day_of
from services.tenancy.refusals import CustomerUnknown

_OPEN = text("INSERT INTO contract (customer_id, due_at) VALUES (:customer_id, :due_at)")
_LOCK = text("SELECT customer_id FROM contract WHERE customer_id = :customer_id FOR UPDATE")
_CLAIM = text(
    "SELECT customer_id FROM contract WHERE due_at <= :now ORDER BY due_at LIMIT :limit"
    " FOR UPDATE SKIP LOCKED"
)
_ALL_AFTER = text("SELECT customer_id FROM contract WHERE customer_id > :after ORDER BY 1 LIMIT :limit")
_CONTRACTS = text("""
    SELECT t.*, c.contract_starts_on, c.term_months, d.ended_at AS demonstration_ended_at
    FROM contract t JOIN customer c ON c.customer_id = t.customer_id
    LEFT JOIN demonstration_end d ON d.customer_id = t.customer_id
    WHERE t.customer_id = ANY(CAST(:ids AS uuid[])) ORDER BY t.customer_id
""")
_NOTICES = text("""
    SELECT * FROM contract_notice WHERE customer_id = ANY(CAST(:ids AS uuid[]))
    ORDER BY recorded_at, notice_id
""")
_REVISIONS = text("""
    SELECT * FROM price_revision WHERE customer_id = ANY(CAST(:ids AS uuid[])) ORDER BY effective_on
""")
_PROMOTIONS = text("""
    SELECT * FROM promotional_price WHERE customer_id = ANY(CAST(:ids AS uuid[])) ORDER BY starts_on
""")
_INSERT_NOTICE = text("""
    INSERT INTO contract_notice (customer_id, notice_id, party, letter_reference, posted_on, last_day, late,
                                 recorded_at, recorded_by)
    VALUES (:customer_id, :notice_id, :party, :letter_reference, :posted_on, :last_day, :late, :now, :by)
""")
_WITHDRAW = text("""
    UPDATE contract_notice SET withdrawn_at = :now, withdrawn_by = :by, withdrawn_reason = :reason
    WHERE customer_id = :customer_id AND notice_id = :notice_id
""")
_INSERT_REVISION = text("""
    INSERT INTO price_revision (customer_id, revision_id, percent, reference, notified_on, effective_on,
                                period, recorded_at, recorded_by)
    VALUES (:customer_id, :revision_id, :percent, :reference, :notified_on, :effective_on, :period, :now, :by)
""")
_INSERT_PROMOTION = text("""
    INSERT INTO promotional_price (customer_id, promotion_id, starts_on, last_day, reference, recorded_at,
                                   recorded_by)
    VALUES (:customer_id, :promotion_id, :starts_on, :last_day, :reference, :now, :by)
""")
_SAVE = text("""
    UPDATE contract SET said_period = :said, state = :state, due_at = :due_at, ended_at = :ended_at
    WHERE customer_id = :customer_id
""")
_SAVE_DUE = text("UPDATE contract SET due_at = :due_at WHERE customer_id = :customer_id")
_DEMONSTRATION_ENDED = text("""
    INSERT INTO demonstration_end (customer_id, ended_at) VALUES (:customer_id, :ended_at)
    ON CONFLICT (customer_id) DO UPDATE SET ended_at = least(demonstration_end.ended_at, excluded.ended_at)
""")


@dataclass(frozen=True, slots=True)
class Held:
    """A contract as the rules see it, and the rows that it was read from."""

    customer_id: UUID
    contract: Contract
    ended_at: datetime | None
    trial_ended_at: datetime | None
    notices: Sequence[Row[Any]]
    revisions: Sequence[Row[Any]]
    promotions: Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Advanced:
    """Where a contract stands after its turn."""

    customer_id: UUID
    said: int
    state: ContractState
    due_at: datetime | None
    ended_at: datetime | None


async def insert_contract(tx: Tx, customer_id: UUID, due_at: datetime | None) -> None:
    """A contract in its first period."""
    await tx.execute(_OPEN, {"customer_id": customer_id, "due_at": due_at})


async def lock_contract(tx: Tx, customer_id: UUID) -> Held:
    """A customer's contract, locked until the end of the transaction. Raises CustomerUnknown."""
    await tx.execute(_LOCK, {"customer_id": customer_id})
    return await load_contract(tx, customer_id)


async def load_contract(tx: Tx, customer_id: UUID) -> Held:
    """A customer's contract. Raises CustomerUnknown."""
    for held in await list_contracts(tx, [customer_id]):
        return held
    raise CustomerUnknown


async def claim_due(tx: Tx, now: datetime, limit: int) -> list[Held]:
    """Contracts that are due, longest first; locked, and passed over where another has them."""
    rows = await tx.fetch_all(_CLAIM, {"now": now, "limit": limit})
    return await list_contracts(tx, [row.customer_id for row in rows])


async def list_contracts_after(tx: Tx, after: UUID, limit: int) -> list[Held]:
    """Contracts by customer, to say all of them again."""
    rows = await tx.fetch_all(_ALL_AFTER, {"after": after, "limit": limit})
    return await list_contracts(tx, [row.customer_id for row in rows])


async def list_contracts(tx: Tx, ids: Sequence[UUID]) -> list[Held]:
    """The contracts of these customers, by customer."""
    if not ids:
        return []
    asked = {"ids": list(ids)}
    contracts = await tx.fetch_all(_CONTRACTS, asked)
    notices = _by_customer(await tx.fetch_all(_NOTICES, asked))
    revisions = _by_customer(await tx.fetch_all(_REVISIONS, asked))
    promotions = _by_customer(await tx.fetch_all(_PROMOTIONS, asked))
    return [
        _held(row, *(rows.get(row.customer_id, ()) for rows in (notices, revisions, promotions)))
        for row in contracts
    ]


def _by_customer(rows: Sequence[Row[Any]]) -> dict[UUID, list[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append(row)
    return found


def _held(
    row: Row[Any],
    notices: Sequence[Row[Any]],
    revisions: Sequence[Row[Any]],
    promotions: Sequence[Row[Any]],
) -> Held:
    trial_ended_at: datetime | None = row.demonstration_ended_at
    contract = Contract(
        term=Term(row.contract_starts_on, row.term_months),
        said=row.said_period,
        state=ContractState(row.state),
        trial_ended_on=None if trial_ended_at is None else day_of(trial_ended_at),
        notices=tuple(notice_of(notice) for notice in notices),
        revisions=tuple(_revision_of(revision) for revision in revisions),
        promotions=tuple(Promotion(each.promotion_id, each.starts_on, each.last_day) for each in promotions),
    )
    return Held(row.customer_id, contract, row.ended_at, trial_ended_at, notices, revisions, promotions)


def notice_of(row: Row[Any]) -> Notice:
    """A notice from its row."""
    return Notice(
        row.notice_id,
        Party(row.party),
        row.letter_reference,
        row.posted_on,
        row.last_day,
        row.late,
        None if row.withdrawn_at is None else day_of(row.withdrawn_at),
    )


def _revision_of(row: Row[Any]) -> PriceRevision:
    return PriceRevision(row.revision_id, row.notified_on, row.effective_on, row.percent, row.reference)


async def insert_notice(tx: Tx, customer_id: UUID, notice: Notice, by: UUID, now: datetime) -> None:
    """A notice of non-renewal."""
    row = {
        "customer_id": customer_id,
        "notice_id": notice.notice_id,
        "party": notice.party,
        "letter_reference": notice.letter_reference,
        "posted_on": notice.posted_on,
        "last_day": notice.last_day,
        "late": notice.late,
        "now": now,
        "by": by,
    }
    await tx.execute(_INSERT_NOTICE, row)


async def save_withdrawal(
    tx: Tx, customer_id: UUID, notice_id: UUID, reason: str, by: UUID, now: datetime
) -> None:
    """A notice stands no longer."""
    row = {"customer_id": customer_id, "notice_id": notice_id, "reason": reason, "by": by, "now": now}
    await tx.execute(_WITHDRAW, row)


async def insert_revision(
    tx: Tx, customer_id: UUID, revision: PriceRevision, period: int, by: UUID, now: datetime
) -> None:
    """A price revision, for the renewal with which a period begins."""
    row: dict[str, UUID | Decimal | str | date | datetime | int | None] = {
        "customer_id": customer_id,
        "revision_id": revision.revision_id,
        "percent": revision.percent,
        "reference": revision.reference,
        "notified_on": revision.notified_on,
        "effective_on": revision.effective_on,
        "period": period,
        "now": now,
        "by": by,
    }
    await tx.execute(_INSERT_REVISION, row)


async def insert_promotion(
    tx: Tx, customer_id: UUID, promotion: Promotion, reference: str, by: UUID, now: datetime
) -> None:
    """A promotional price."""
    row = {
        "customer_id": customer_id,
        "promotion_id": promotion.promotion_id,
        "starts_on": promotion.starts_on,
        "last_day": promotion.last_day,
        "reference": reference,
        "now": now,
        "by": by,
    }
    await tx.execute(_INSERT_PROMOTION, row)


async def save_due(tx: Tx, customer_id: UUID, due_at: datetime | None) -> None:
    """When the contract's next turn comes."""
    await tx.execute(_SAVE_DUE, {"customer_id": customer_id, "due_at": due_at})


async def save_advanced(tx: Tx, advanced: Sequence[Advanced]) -> None:
    """Where contracts stand after their turn."""
    rows = [
        {
            "customer_id": each.customer_id,
            "said": each.said,
            "state": each.state,
            "due_at": each.due_at,
            "ended_at": each.ended_at,
        }
        for each in advanced
    ]
    if rows:
        await tx.execute(_SAVE, rows)


async def save_demonstration_end(tx: Tx, customer_id: UUID, ended_at: datetime) -> None:
    """The end of a customer's demonstration, the earliest that was heard."""
    await tx.execute(_DEMONSTRATION_ENDED, {"customer_id": customer_id, "ended_at": ended_at})
