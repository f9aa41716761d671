"""People, their credentials, and companies' access rights."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, text

from chassis.db import Tx
from services.tenancy import tables
from services.tenancy.model import Credential, SecretKind
from services.tenancy.refusals import CredentialUnknown, PersonUnknown

_PERSON = text("SELECT * FROM person WHERE customer_id = :customer_id AND person_id = :person_id")
_PEOPLE = text(
    "SELECT * FROM person WHERE customer_id = :customer_id AND person_id > :after"
    " AND (CAST(:company_id AS uuid) IS NULL OR company_id = :company_id) ORDER BY person_id LIMIT :limit"
)
_INSERT = text(
    "INSERT INTO credential (customer_id, credential_id, person_id, company_id, identifier, folded,"
    " secret_kind,"
    " secret_hash, secret_expires_at, issued_at, issued_by, given_at) VALUES (:customer_id, :credential_id,"
    " :person_id, :company_id, :identifier, :folded, :secret_kind, :secret_hash, :secret_expires_at,"
    " :issued_at,"
    " :issued_by, :given_at) ON CONFLICT (customer_id, folded) WHERE disabled_at IS NULL DO NOTHING"
)
_LOCK = text(
    "SELECT customer_id, credential_id, person_id, company_id, identifier, secret_kind, given_at, disabled_at"
    " FROM credential WHERE customer_id = :customer_id AND credential_id = :credential_id FOR UPDATE"
)
_DISABLE = text(
    "UPDATE credential SET disabled_at = :now, disabled_by = :by, disabled_reason = :reason"
    " WHERE customer_id = :customer_id AND credential_id = ANY(:ids) AND disabled_at IS NULL"
    " RETURNING credential_id, company_id"
)
_END_SESSIONS = text(
    "UPDATE session SET ended_at = :now WHERE customer_id = :customer_id AND credential_id = ANY(:ids)"
    " AND ended_at IS NULL"
)
_PAGE = text(
    "SELECT c.*, p.role, p.name FROM credential c JOIN person p USING (customer_id, person_id)"
    " WHERE c.customer_id = :customer_id AND (c.folded, c.credential_id) > (:after_folded, :after_id)"
    " AND (CAST(:company_id AS uuid) IS NULL OR c.company_id = :company_id)"
    " ORDER BY c.folded, c.credential_id LIMIT :limit"
)
_COMPANIES_TO_GIVE = text(
    "SELECT y.company_id, y.siret, y.name,"
    " (SELECT array_agg(c.credential_id) FROM credential c WHERE c.customer_id = y.customer_id"
    " AND c.company_id = y.company_id AND c.disabled_at IS NULL) AS live,"
    " EXISTS (SELECT FROM credential c WHERE c.customer_id = y.customer_id AND c.folded = y.siret"
    " AND c.disabled_at IS NULL AND c.company_id IS DISTINCT FROM y.company_id) AS taken"
    " FROM company y WHERE y.customer_id = :customer_id AND y.state <> 'inactive'"
    " AND (CAST(:ids AS uuid[]) IS NULL OR y.company_id = ANY(:ids))"
    " ORDER BY y.siret FOR NO KEY UPDATE OF y"
)
_GIVE_PEOPLE = text(
    "INSERT INTO person (customer_id, person_id, company_id, role, name, added_at)"
    " SELECT :customer_id, g.person_id, g.company_id, 'company_admin', g.name, :now"
    " FROM unnest(CAST(:person_ids AS uuid[]), CAST(:company_ids AS uuid[]), CAST(:names AS text[]))"
    " AS g (person_id, company_id, name)"
)
_GIVE_CREDENTIALS = text(
    "INSERT INTO credential (customer_id, credential_id, person_id, company_id, identifier, folded,"
    " secret_kind,"
    " secret_hash, secret_expires_at, issued_at, issued_by, given_at)"
    " SELECT :customer_id, g.credential_id, g.person_id, g.company_id, g.identifier, g.identifier,"
    " 'one_time',"
    " g.hash, :expires_at, :now, :by, :now FROM unnest(CAST(:credential_ids AS uuid[]),"
    " CAST(:person_ids AS uuid[]), CAST(:company_ids AS uuid[]), CAST(:identifiers AS text[]),"
    " CAST(:hashes AS text[])) AS g (credential_id, person_id, company_id, identifier, hash)"
)
_RIGHTS = text(
    "SELECT offering_code FROM access_right WHERE customer_id = :customer_id AND company_id = :company_id"
    " ORDER BY offering_code"
)
_RIGHTS_OF = text(
    "SELECT company_id, array_agg(offering_code) AS codes FROM access_right WHERE customer_id = :customer_id"
    " AND company_id = ANY(:ids) GROUP BY company_id"
)
_CLEAR_RIGHTS = text("DELETE FROM access_right WHERE customer_id = :customer_id AND company_id = ANY(:ids)")
_DATE_RIGHTS = text(
    "UPDATE company SET rights_settled_at = :now WHERE customer_id = :customer_id AND company_id = ANY(:ids)"
)
_SAVE_RIGHTS = text(
    "INSERT INTO access_right (customer_id, company_id, offering_code)"
    " SELECT :customer_id, company_id, code FROM unnest(CAST(:ids AS uuid[])) AS given (company_id),"
    " unnest(CAST(:codes AS text[])) AS settled (code)"
)
_ALL_AFTER = text(
    "SELECT * FROM credential WHERE (customer_id, credential_id) > (:customer_id, :credential_id)"
    " ORDER BY customer_id, credential_id LIMIT :limit"
)
_RIGHTS_AFTER = text(
    "SELECT y.customer_id, y.company_id, y.rights_settled_at AS settled_at, ARRAY(SELECT r.offering_code"
    " FROM access_right r WHERE r.customer_id = y.customer_id AND r.company_id = y.company_id"
    " ORDER BY 1) AS codes FROM company y WHERE y.rights_settled_at IS NOT NULL"
    " AND (y.customer_id, y.company_id) > (:customer_id, :company_id)"
    " ORDER BY y.customer_id, y.company_id LIMIT :limit"
)


async def insert_person(tx: Tx, row: Mapping[str, Any]) -> None:
    """Writes a person."""
    await tx.execute(insert(tables.person), dict(row))


async def load_person(tx: Tx, customer_id: UUID, person_id: UUID) -> Row[Any]:
    """All that is known of a person. Raises PersonUnknown."""
    row = await tx.fetch_one(_PERSON, {"customer_id": customer_id, "person_id": person_id})
    if row is None:
        raise PersonUnknown
    return row


async def list_people(
    tx: Tx, customer_id: UUID, company_id: UUID | None, after: UUID, limit: int
) -> Sequence[Row[Any]]:
    """People of a customer, or of one of its companies."""
    return await tx.fetch_all(
        _PEOPLE, {"customer_id": customer_id, "company_id": company_id, "after": after, "limit": limit}
    )


async def insert_credential(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Writes a credential; False when a live one of this customer has the identifier."""
    return (await tx.execute(_INSERT, dict(row))).rowcount == 1


async def load_credential(tx: Tx, customer_id: UUID, credential_id: UUID) -> Credential:
    """The credential, locked until the end of the transaction. Raises CredentialUnknown."""
    row = await tx.fetch_one(_LOCK, {"customer_id": customer_id, "credential_id": credential_id})
    if row is None:
        raise CredentialUnknown
    known = dict(row._mapping)
    return Credential(**known | {"secret_kind": SecretKind(row.secret_kind)})


async def disable_credentials(
    tx: Tx,
    customer_id: UUID,
    ids: Sequence[UUID],
    *,
    by: UUID | None,
    reason: str,
    now: datetime,
    real_now: datetime,
) -> Sequence[Row[Any]]:
    """Disables those that are live and ends their sessions; gives what was disabled."""
    keys = {"customer_id": customer_id, "ids": list(ids)}
    disabled = await tx.fetch_all(_DISABLE, keys | {"now": now, "by": by, "reason": reason})
    await tx.execute(_END_SESSIONS, keys | {"now": real_now})
    return disabled


async def list_credentials(
    tx: Tx, customer_id: UUID, company_id: UUID | None, after: tuple[str, UUID], limit: int
) -> Sequence[Row[Any]]:
    """Credentials by identifier, disabled ones too."""
    parameters = {
        "customer_id": customer_id,
        "company_id": company_id,
        "after_folded": after[0],
        "after_id": after[1],
        "limit": limit,
    }
    return await tx.fetch_all(_PAGE, parameters)


async def list_companies_to_give(tx: Tx, customer_id: UUID, ids: Sequence[UUID] | None) -> Sequence[Row[Any]]:
    """Companies (these, or all) by SIRET, locked: their live credentials, and whether somebody else has
    their SIRET as identifier. Deactivated ones are left out.
    """
    return await tx.fetch_all(
        _COMPANIES_TO_GIVE, {"customer_id": customer_id, "ids": None if ids is None else list(ids)}
    )


async def insert_given(tx: Tx, columns: Mapping[str, Any]) -> None:
    """Writes one administrator and one credential for each company, in two statements.

    `columns` holds parallel lists. An identifier that was taken meanwhile is an integrity error.
    """
    people = ("customer_id", "person_ids", "company_ids", "names", "now")
    await tx.execute(_GIVE_PEOPLE, {name: columns[name] for name in people})
    await tx.execute(_GIVE_CREDENTIALS, {name: value for name, value in columns.items() if name != "names"})


async def list_rights(tx: Tx, customer_id: UUID, company_id: UUID) -> list[str]:
    """The offerings a company may use."""
    rows = await tx.fetch_all(_RIGHTS, {"customer_id": customer_id, "company_id": company_id})
    return [row.offering_code for row in rows]


async def list_rights_of(tx: Tx, customer_id: UUID, companies: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The offerings that each of these companies may use, of those that have any."""
    rows = await tx.fetch_all(_RIGHTS_OF, {"customer_id": customer_id, "ids": list(companies)})
    return {row.company_id: row.codes for row in rows}


async def save_rights(
    tx: Tx, customer_id: UUID, companies: Sequence[UUID], codes: Sequence[str], now: datetime
) -> None:
    """Replaces the offerings that companies may use; they are locked by the caller."""
    keys = {"customer_id": customer_id, "ids": list(companies)}
    await tx.execute(_CLEAR_RIGHTS, keys)
    await tx.execute(_DATE_RIGHTS, keys | {"now": now})
    await tx.execute(_SAVE_RIGHTS, keys | {"codes": list(codes)})


async def list_credentials_after(tx: Tx, after: tuple[UUID, UUID], limit: int) -> Sequence[Row[Any]]:
    """Credentials of all portals by id, to say all of them again."""
    return await tx.fetch_all(
        _ALL_AFTER, {"customer_id": after[0], "credential_id": after[1], "limit": limit}
    )


async def list_rights_after(tx: Tx, after: tuple[UUID, UUID], limit: int) -> Sequence[Row[Any]]:
    """Access rights of all companies by id, to say all of them again."""
    return await tx.fetch_all(
        _RIGHTS_AFTER, {"customer_id": after[0], "company_id": after[1], "limit": limit}
    )
