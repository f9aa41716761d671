"""Whose month is to be closed next, and when: a row for each customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.availability.model.months import Contract

_NEWCOMERS = text("""
    SELECT customer_id, registered_at, contract_starts_on, contract_last_day FROM customer
    WHERE NOT EXISTS (SELECT 1 FROM month_turn WHERE month_turn.customer_id = customer.customer_id)
    ORDER BY customer_id LIMIT :limit
""")
_ENROL = text("""
    INSERT INTO month_turn (customer_id, first_day, due_at, contract_starts_on, contract_last_day)
    SELECT * FROM unnest(CAST(:customers AS uuid[]), CAST(:first_days AS date[]),
                         CAST(:due_at AS timestamptz[]), CAST(:starts_on AS date[]),
                         CAST(:last_days AS date[]))
    ON CONFLICT (customer_id) DO NOTHING
""")
_CLAIM = text("""
    SELECT customer_id, first_day, customer.contract_starts_on, customer.contract_last_day
    FROM month_turn JOIN customer USING (customer_id)
    WHERE due_at <= :now
      AND (customer.contract_last_day IS NULL OR customer.contract_last_day >= first_day)
    ORDER BY first_day, customer_id LIMIT :limit FOR UPDATE OF month_turn SKIP LOCKED
""")
_ADVANCE = text("""
    UPDATE month_turn SET first_day = :first_day, due_at = :due_at
    WHERE customer_id = ANY(CAST(:customers AS uuid[]))
""")
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('livret.availability.months'))")


@dataclass(frozen=True, slots=True)
class Turn:
    """A customer whose month is to be closed."""

    customer_id: UUID
    first_day: date
    contract: Contract


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A customer of whom no month is to be closed yet."""

    customer_id: UUID
    registered_at: datetime
    contract: Contract


async def list_newcomers(tx: Tx, limit: int) -> list[Newcomer]:
    """Customers who have no turn yet."""
    rows = await tx.fetch_all(_NEWCOMERS, {"limit": limit})
    return [Newcomer(row.customer_id, row.registered_at, _contract(row)) for row in rows]


async def enrol(tx: Tx, newcomers: Sequence[Newcomer], turns: Sequence[tuple[date, datetime]]) -> None:
    """Gives each newcomer its first turn: the month's first day, and when it closes."""
    await tx.execute(
        _ENROL,
        {
            "customers": [each.customer_id for each in newcomers],
            "first_days": [first_day for first_day, _ in turns],
            "due_at": [due_at for _, due_at in turns],
            "starts_on": [each.contract.starts_on for each in newcomers],
            "last_days": [each.contract.last_day for each in newcomers],
        },
    )


async def claim_due(tx: Tx, now: datetime, limit: int) -> list[Turn]:
    """Customers whose month is due, locked; the earliest months first. One whose contract ended before its
    next month has no turn, until the contract goes on.
    """
    rows = await tx.fetch_all(_CLAIM, {"now": now, "limit": limit})
    return [Turn(row.customer_id, row.first_day, _contract(row)) for row in rows]


async def advance(tx: Tx, customers: Sequence[UUID], first_day: date, due_at: datetime) -> None:
    """The next turn of these customers."""
    await tx.execute(_ADVANCE, {"customers": list(customers), "first_day": first_day, "due_at": due_at})


async def work_alone(tx: Tx) -> None:
    """Waits until no other transaction closes or revises months: one that closes with what it has read, while
    another finds nothing closed under a record that changed meanwhile, would lose that change.
    """
    await tx.execute(_ALONE)


def _contract(row: Row[Any]) -> Contract:
    return Contract(row.contract_starts_on, row.contract_last_day)
