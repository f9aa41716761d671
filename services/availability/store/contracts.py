"""What of the record lies in the days that a customer's contract covers; the rest does not concern it."""

from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, cast, exists, func, or_

from contracts.booklet.hours import calendar
from services.availability.rules.reference import PERIOD
from services.availability.tables.heard import CUSTOMER

ZONE = calendar(PERIOD).zone.key
"""In which days are local."""


def within_contract(
    customer_id: UUID, starts_at: ColumnElement[object], ends_at: ColumnElement[object]
) -> ColumnElement[bool]:
    """R5: what lasts (no end: still) at some instant of the contract's days, which are local days."""
    first, last = CUSTOMER.c.contract_starts_on, CUSTOMER.c.contract_last_day
    return exists().where(
        CUSTOMER.c.customer_id == customer_id,
        or_(ends_at.is_(None), ends_at > _midnight(first)),
        or_(last.is_(None), starts_at < _midnight(last + 1)),
    )


def _midnight(day: ColumnElement[object]) -> ColumnElement[object]:
    return func.timezone(ZONE, cast(day, DateTime))
