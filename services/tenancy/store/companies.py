"""Companies: one row per establishment, the SIRET its key within the customer."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.tenancy.model import Company, CompanyState, NewCompany
from services.tenancy.refusals import CompanyUnknown

_INSERT = text(
    "INSERT INTO company (customer_id, company_id, siret, name, trade_name, activity_code, street,"
    " postcode, city,"
    " search, registered_at) VALUES (:customer_id, :company_id, :siret, :name, :trade_name, :activity_code,"
    " :street, :postcode, :city, :search, :now) ON CONFLICT (customer_id, siret) DO NOTHING"
)
_LOCK = text(
    "SELECT customer_id, company_id, siret, name, state, activated_at, deactivated_at, version FROM company"
    " WHERE customer_id = :customer_id AND company_id = :company_id FOR UPDATE"
)
_SAVE_STATE = text(
    "UPDATE company SET state = :state, activated_at = :activated_at, deactivated_at = :deactivated_at,"
    " version = version + 1 WHERE customer_id = :customer_id AND company_id = :company_id"
)
_SAVE_DETAILS = text(
    "UPDATE company SET name = :name, trade_name = :trade_name, activity_code = :activity_code, street ="
    " :street,"
    " postcode = :postcode, city = :city, search = :search, version = version + 1"
    " WHERE customer_id = :customer_id AND company_id = :company_id"
)
_SAVE_OWN = text(
    "UPDATE company SET siret = :siret, name = :name, street = :street, postcode = :postcode, city = :city,"
    " search = :search, version = version + 1 WHERE customer_id = :customer_id RETURNING *"
)
_LOCK_MANY = text(
    "SELECT company_id FROM company WHERE customer_id = :customer_id"
    " AND (CAST(:ids AS uuid[]) IS NULL OR company_id = ANY(:ids)) ORDER BY company_id FOR NO KEY UPDATE"
)
_ONE = text("SELECT * FROM company WHERE customer_id = :customer_id AND company_id = :company_id")
_PAGE = text(
    "SELECT * FROM company WHERE customer_id = :customer_id AND (search, company_id) > (:after_search,"
    " :after_id)"
    " AND (CAST(:state AS text) IS NULL OR state = :state)"
    " AND (CAST(:wanted AS text) IS NULL OR search LIKE :wanted OR siret LIKE :siret)"
    " AND (CAST(:only AS uuid) IS NULL OR company_id = :only)"
    " ORDER BY search, company_id LIMIT :limit"
)
_ACTIVATE_ALL = text(
    "UPDATE company SET state = 'active', activated_at = :now, deactivated_at = NULL, version = version + 1"
    " WHERE customer_id = :customer_id AND state <> 'active'"
    " AND (CAST(:ids AS uuid[]) IS NULL OR company_id = ANY(:ids)) RETURNING company_id"
)
_EXISTING = text("SELECT company_id FROM company WHERE customer_id = :customer_id AND company_id = ANY(:ids)")
_ALL_AFTER = text(
    "SELECT * FROM company WHERE (customer_id, company_id) > (:customer_id, :company_id)"
    " ORDER BY customer_id, company_id LIMIT :limit"
)


def folded(words: str) -> str:
    """Text as it is searched and sorted: without accents and case."""
    bare = unicodedata.normalize("NFKD", words.casefold())
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def search_text(company: NewCompany) -> str:
    """What a company is found and sorted by: its name, then its trade name."""
    return folded(f"{company.name} {company.trade_name}")


def _details(company: NewCompany) -> dict[str, str]:
    return {
        "name": company.name,
        "trade_name": company.trade_name,
        "activity_code": company.activity_code,
        "street": company.street,
        "postcode": company.postcode,
        "city": company.city,
        "search": search_text(company),
    }


async def insert_company(tx: Tx, customer_id: UUID, company_id: UUID, new: NewCompany, now: datetime) -> bool:
    """Writes a company; False when this customer has one of this SIRET."""
    keys = {"customer_id": customer_id, "company_id": company_id, "siret": new.siret, "now": now}
    return (await tx.execute(_INSERT, keys | _details(new))).rowcount == 1


async def load_company(tx: Tx, customer_id: UUID, company_id: UUID) -> Company:
    """The company, locked until the end of the transaction. Raises CompanyUnknown."""
    row = await tx.fetch_one(_LOCK, {"customer_id": customer_id, "company_id": company_id})
    if row is None:
        raise CompanyUnknown
    known = dict(row._mapping)
    return Company(**known | {"state": CompanyState(row.state)})


async def save_company_state(
    tx: Tx,
    company: Company,
    state: CompanyState,
    activated_at: datetime | None,
    deactivated_at: datetime | None,
) -> None:
    """Where the company stands from now on."""
    values = {"state": state, "activated_at": activated_at, "deactivated_at": deactivated_at}
    await tx.execute(
        _SAVE_STATE, values | {"customer_id": company.customer_id, "company_id": company.company_id}
    )


async def save_company_details(tx: Tx, company: Company, details: NewCompany) -> None:
    """Name and address, corrected."""
    keys = {"customer_id": company.customer_id, "company_id": company.company_id}
    await tx.execute(_SAVE_DETAILS, keys | _details(details))


async def save_own_company(tx: Tx, customer_id: UUID, own: NewCompany) -> Row[Any]:
    """A direct customer's only company, corrected with it; gives it as it stands."""
    values = {"customer_id": customer_id, "siret": own.siret} | _details(own)
    return (await tx.execute(_SAVE_OWN, values)).one()


async def lock_companies(tx: Tx, customer_id: UUID, ids: Sequence[UUID] | None) -> list[UUID]:
    """Those of these that the customer has, or all it has, locked in order of id."""
    rows = await tx.fetch_all(
        _LOCK_MANY, {"customer_id": customer_id, "ids": None if ids is None else list(ids)}
    )
    return [row.company_id for row in rows]


async def load_company_row(tx: Tx, customer_id: UUID, company_id: UUID) -> Row[Any]:
    """All that is known of a company. Raises CompanyUnknown."""
    row = await tx.fetch_one(_ONE, {"customer_id": customer_id, "company_id": company_id})
    if row is None:
        raise CompanyUnknown
    return row


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which companies to list; None leaves a field free. `words` are part of a name, or begin a SIRET."""

    words: str | None = None
    state: str | None = None
    only: UUID | None = None


async def list_companies(
    tx: Tx, customer_id: UUID, wanted: Wanted, after: tuple[str, UUID], limit: int
) -> Sequence[Row[Any]]:
    """Companies by name."""
    bare = folded(wanted.words or "").replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    parameters = {
        "customer_id": customer_id,
        "wanted": f"%{bare}%" if wanted.words else None,
        "siret": f"{bare.replace(' ', '')}%",
        "state": wanted.state,
        "only": wanted.only,
        "after_search": after[0],
        "after_id": after[1],
        "limit": limit,
    }
    return await tx.fetch_all(_PAGE, parameters)


async def activate_companies(
    tx: Tx, customer_id: UUID, ids: Sequence[UUID] | None, now: datetime
) -> list[UUID]:
    """Activates those that are not (of these, or all), in one statement; gives the ones that changed."""
    rows = await tx.fetch_all(
        _ACTIVATE_ALL, {"customer_id": customer_id, "ids": None if ids is None else list(ids), "now": now}
    )
    return [row.company_id for row in rows]


async def existing_of(tx: Tx, customer_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these are companies of this customer."""
    rows = await tx.fetch_all(_EXISTING, {"customer_id": customer_id, "ids": list(ids)})
    return {row.company_id for row in rows}


async def list_companies_after(tx: Tx, after: tuple[UUID, UUID], limit: int) -> Sequence[Row[Any]]:
    """Companies of all customers by id, to say all of them again."""
    return await tx.fetch_all(_ALL_AFTER, {"customer_id": after[0], "company_id": after[1], "limit": limit})
