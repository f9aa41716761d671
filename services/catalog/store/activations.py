"""Activations: written in sets, one statement for one or for ten thousand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, or_, select, text, tuple_

from chassis.db import Tx
from services.catalog.model import Activation
from services.catalog.tables import ACTIVATION

_COLUMNS = (
    ACTIVATION.c.customer_id,
    ACTIVATION.c.activation_id,
    ACTIVATION.c.company_id,
    ACTIVATION.c.offering_code,
    ACTIVATION.c.activated_at,
    ACTIVATION.c.activated_by,
    ACTIVATION.c.requested_at,
    ACTIVATION.c.requested_by,
    ACTIVATION.c.confirmed_by,
    ACTIVATION.c.deactivated_at,
)
_NAMES = ", ".join(column.name for column in _COLUMNS)
_ONE = select(*_COLUMNS).where(
    ACTIVATION.c.customer_id == bindparam("customer_id"),
    ACTIVATION.c.activation_id == bindparam("activation_id"),
)
_LIVE_OF_OFFERING = text(f"""
    SELECT {_NAMES} FROM activation
    WHERE customer_id = :customer_id AND offering_code = :code AND deactivated_at IS NULL
      AND (company_id = ANY(CAST(:companies AS uuid[])) OR (:of_customer AND company_id IS NULL))
""")  # noqa: S608
_LIVE_OF_COMPANY = text(f"""
    SELECT {_NAMES} FROM activation
    WHERE customer_id = :customer_id AND company_id IS NOT DISTINCT FROM CAST(:company_id AS uuid)
      AND deactivated_at IS NULL
    ORDER BY activation_id FOR NO KEY UPDATE
""")  # noqa: S608
_IN_USE = text(f"""
    SELECT {_NAMES} FROM activation
    WHERE customer_id = :customer_id AND company_id IS NOT DISTINCT FROM CAST(:company_id AS uuid)
      AND deactivated_at IS NULL
""")  # noqa: S608
_LOCK = text(f"""
    SELECT {_NAMES} FROM activation
    WHERE customer_id = :customer_id AND activation_id = ANY(CAST(:activations AS uuid[]))
    ORDER BY activation_id FOR NO KEY UPDATE
""")  # noqa: S608
_COMPANIES_OF = text("""
    SELECT DISTINCT company_id FROM activation
    WHERE customer_id = :customer_id AND activation_id = ANY(CAST(:activations AS uuid[]))
""")
_NEED_CONFIRMATION = text("SELECT code FROM offering WHERE confirmation_needed")
_INSERT = text("""
    INSERT INTO activation (customer_id, activation_id, company_id, offering_code, activated_at, activated_by)
    SELECT :customer_id, activation_id, company_id, :code, :at, :by
    FROM unnest(CAST(:activations AS uuid[]), CAST(:companies AS uuid[])) AS made (activation_id, company_id)
""")
_SAVE_ENDS = text("""
    UPDATE activation SET requested_at = asked.requested_at, requested_by = asked.requested_by,
           confirmed_by = asked.confirmed_by, deactivated_at = asked.deactivated_at
    FROM unnest(CAST(:customers AS uuid[]), CAST(:activations AS uuid[]),
                CAST(:requested_at AS timestamptz[]), CAST(:requested_by AS uuid[]),
                CAST(:confirmed_by AS uuid[]), CAST(:deactivated_at AS timestamptz[]))
         AS asked (customer_id, activation_id, requested_at, requested_by, confirmed_by, deactivated_at)
    WHERE activation.customer_id = asked.customer_id AND activation.activation_id = asked.activation_id
""")
_END_OF_OFFERING = text(f"""
    UPDATE activation SET deactivated_at = greatest(activated_at, CAST(:at AS timestamptz))
    WHERE (customer_id, activation_id) IN (
        SELECT customer_id, activation_id FROM activation
        WHERE offering_code = :code AND deactivated_at IS NULL
        ORDER BY customer_id, activation_id FOR NO KEY UPDATE
    )
    RETURNING {_NAMES}
""")  # noqa: S608
_EVERY = text(f"""
    SELECT {_NAMES} FROM activation WHERE (customer_id, activation_id) > (:customer_id, :activation_id)
    ORDER BY customer_id, activation_id LIMIT :limit
""")  # noqa: S608
_PAGE = (
    select(*_COLUMNS)
    .where(ACTIVATION.c.customer_id == bindparam("customer_id"))
    .where(ACTIVATION.c.activation_id > bindparam("after"))
    .order_by(ACTIVATION.c.activation_id)
    .limit(bindparam("limit"))
)
_WAITING = (
    select(*_COLUMNS)
    .where(ACTIVATION.c.requested_at.is_not(None), ACTIVATION.c.deactivated_at.is_(None))
    .where(
        or_(
            bindparam("from_start"),
            tuple_(ACTIVATION.c.requested_at, ACTIVATION.c.activation_id)
            > tuple_(bindparam("requested_at"), bindparam("after")),
        )
    )
    .order_by(ACTIVATION.c.requested_at, ACTIVATION.c.activation_id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which activations of a customer to list; None leaves a field free."""

    company_id: UUID | None = None
    offering_code: str | None = None
    live_only: bool = False


def _activation(row: Row[Any]) -> Activation:
    return Activation(*tuple(row))


async def find_activation(tx: Tx, customer_id: UUID, activation_id: UUID) -> Activation | None:
    """One activation of this customer."""
    row = await tx.fetch_one(_ONE, {"customer_id": customer_id, "activation_id": activation_id})
    return _activation(row) if row else None


async def list_activations(
    tx: Tx, customer_id: UUID, wanted: Wanted, after: UUID, limit: int
) -> list[Activation]:
    """At most `limit` activations of this customer, in order of id, those after `after`."""
    statement = _PAGE
    if wanted.company_id is not None:
        statement = statement.where(ACTIVATION.c.company_id == wanted.company_id)
    if wanted.offering_code is not None:
        statement = statement.where(ACTIVATION.c.offering_code == wanted.offering_code)
    if wanted.live_only:
        statement = statement.where(ACTIVATION.c.deactivated_at.is_(None))
    rows = await tx.fetch_all(statement, {"customer_id": customer_id, "after": after, "limit": limit})
    return [_activation(row) for row in rows]


async def list_everywhere(tx: Tx, after: tuple[UUID, UUID], limit: int) -> list[Activation]:
    """At most `limit` activations of all customers, those after a customer and an id: for a resync."""
    customer_id, activation_id = after
    rows = await tx.fetch_all(
        _EVERY, {"customer_id": customer_id, "activation_id": activation_id, "limit": limit}
    )
    return [_activation(row) for row in rows]


async def list_waiting(tx: Tx, after: tuple[datetime, UUID] | None, limit: int) -> list[Activation]:
    """Deactivations that wait for a confirmation, the oldest request first."""
    instant, place = after or (None, None)
    rows = await tx.fetch_all(
        _WAITING,
        {"from_start": after is None, "requested_at": instant, "after": place, "limit": limit},
    )
    return [_activation(row) for row in rows]


async def list_live_of_offering(
    tx: Tx, customer_id: UUID, code: str, companies: Sequence[UUID | None]
) -> dict[UUID | None, Activation]:
    """The live activation of this offering, for each of those companies that has one."""
    rows = await tx.fetch_all(
        _LIVE_OF_OFFERING,
        {
            "customer_id": customer_id,
            "code": code,
            "companies": [company for company in companies if company is not None],
            "of_customer": None in companies,
        },
    )
    return {row.company_id: _activation(row) for row in rows}


async def list_in_use(tx: Tx, customer_id: UUID, company_id: UUID | None) -> dict[str, Activation]:
    """The live activations of a company, or of the customer itself, by offering."""
    rows = await tx.fetch_all(_IN_USE, {"customer_id": customer_id, "company_id": company_id})
    return {row.offering_code: _activation(row) for row in rows}


async def lock_live_of_company(tx: Tx, customer_id: UUID, company_id: UUID | None) -> list[Activation]:
    """Every live activation of a company, or of the customer itself, locked."""
    rows = await tx.fetch_all(_LIVE_OF_COMPANY, {"customer_id": customer_id, "company_id": company_id})
    return [_activation(row) for row in rows]


async def list_companies_of(tx: Tx, customer_id: UUID, activations: Sequence[UUID]) -> list[UUID | None]:
    """The companies that these activations are for, to lock them first; None is the customer itself."""
    rows = await tx.fetch_all(_COMPANIES_OF, {"customer_id": customer_id, "activations": list(activations)})
    return [row.company_id for row in rows]


async def lock_activations(tx: Tx, customer_id: UUID, activations: Sequence[UUID]) -> dict[UUID, Activation]:
    """Those of them that this customer has, locked in order of id."""
    rows = await tx.fetch_all(_LOCK, {"customer_id": customer_id, "activations": list(activations)})
    return {row.activation_id: _activation(row) for row in rows}


async def list_offerings_to_confirm(tx: Tx) -> frozenset[str]:
    """The offerings whose deactivation support confirms."""
    return frozenset(row.code for row in await tx.fetch_all(_NEED_CONFIRMATION))


async def save_new(tx: Tx, made: Sequence[Activation]) -> None:
    """New activations of one order: one customer, one offering, one instant, one author."""
    first = made[0]
    await tx.execute(
        _INSERT,
        {
            "customer_id": first.customer_id,
            "code": first.offering_code,
            "at": first.activated_at,
            "by": first.activated_by,
            "activations": [one.activation_id for one in made],
            "companies": [one.company_id for one in made],
        },
    )


async def save_ends(tx: Tx, changed: Sequence[Activation]) -> None:
    """The request, confirmation and end of each."""
    await tx.execute(
        _SAVE_ENDS,
        {
            "customers": [one.customer_id for one in changed],
            "activations": [one.activation_id for one in changed],
            "requested_at": [one.requested_at for one in changed],
            "requested_by": [one.requested_by for one in changed],
            "confirmed_by": [one.confirmed_by for one in changed],
            "deactivated_at": [one.deactivated_at for one in changed],
        },
    )


async def end_of_offering(tx: Tx, code: str, at: datetime) -> list[Activation]:
    """Ends the live activations of a withdrawn offering, at its announced end."""
    return [_activation(row) for row in await tx.fetch_all(_END_OF_OFFERING, {"code": code, "at": at})]
