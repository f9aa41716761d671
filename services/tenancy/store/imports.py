"""Imports of companies: the file, its lines as judged, and their way into the companies, in sets.

`COPY` into a table behind row-level security is refused, so rows travel as parallel arrays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, insert, text

from chassis.db import Tx
from services.tenancy import tables
from services.tenancy.model import ImportState, JudgedLine, NewCompany, Outcome, Problem
from services.tenancy.refusals import ImportUnknown
from services.tenancy.store.companies import search_text

_SHOWN = (
    "customer_id, import_id, file_name, mapping, dry_run, repair, activate, state, fault, columns, lines,"
    " applied, received_at, received_by, ended_at"
)
_SHOWN_FROM = f"SELECT {_SHOWN} FROM import_job WHERE customer_id = :customer_id"  # noqa: S608
_ONE = text(f"{_SHOWN_FROM} AND import_id = :import_id")
_LOCK = text(
    "SELECT * FROM import_job WHERE customer_id = :customer_id AND import_id = :import_id FOR UPDATE"
)
_PAGE = text(
    f"{_SHOWN_FROM} AND (received_at, import_id) < (:before_at, :before_id)"
    " ORDER BY received_at DESC, import_id DESC LIMIT :limit"
)
_SAVE_STATE = text(
    "UPDATE import_job SET state = :state, fault = coalesce(:fault, fault), columns ="
    " coalesce(CAST(:columns AS jsonb), columns), lines = coalesce(:lines, lines), ended_at = :ended_at,"
    " content = CASE WHEN :state = 'received' THEN content END"
    " WHERE customer_id = :customer_id AND import_id = :import_id"
)
_SAVE_PROGRESS = text(
    "UPDATE import_job SET applied = applied + :applied WHERE customer_id = :customer_id"
    " AND import_id = :import_id"
)
_INSERT_LINES = text(
    "INSERT INTO import_line (customer_id, import_id, line, outcome, siret, name, trade_name, activity_code,"
    " street, postcode, city, search, problems, repairs) SELECT :customer_id, :import_id, g.line, g.outcome,"
    " g.siret, g.name, g.trade_name, g.activity_code, g.street, g.postcode, g.city, g.search,"
    " CAST(g.problems AS jsonb), CAST(g.repairs AS jsonb)"
    " FROM unnest(CAST(:line AS integer[]), CAST(:outcome AS text[]), CAST(:siret AS text[]),"
    " CAST(:name AS text[]), CAST(:trade_name AS text[]), CAST(:activity_code AS text[]),"
    " CAST(:street AS text[]), CAST(:postcode AS text[]), CAST(:city AS text[]), CAST(:search AS text[]),"
    " CAST(:problems AS text[]), CAST(:repairs AS text[]))"
    " AS g (line, outcome, siret, name, trade_name, activity_code, street, postcode, city, search, problems,"
    " repairs)"
)
_FIELDS = ("name", "trade_name", "activity_code", "street", "postcode", "city")
# What the file leaves empty says nothing: what is known stays.
_KEPT = ", ".join(f"{name} = coalesce(nullif(excluded.{name}, ''), company.{name})" for name in _FIELDS)
# A trade name that is kept is found as before: folded here as `folded` folds it.
_SEARCH = (
    "excluded.search || CASE WHEN excluded.trade_name = '' THEN ' ' || regexp_replace("
    "normalize(lower(company.trade_name), NFKD), '[\u0300-\u036f]', '', 'g') ELSE '' END"
)
_DIFFERS = " OR ".join(f"excluded.{name} NOT IN ('', company.{name})" for name in _FIELDS)
_NEXT = text(
    "SELECT line, siret FROM import_line WHERE customer_id = :customer_id AND import_id = :import_id"
    " AND NOT applied AND outcome <> 'refused' ORDER BY line LIMIT :limit"
)
_RANGE = (
    "customer_id = :customer_id AND import_id = :import_id AND line BETWEEN :first AND :last"
    " AND NOT applied AND outcome <> 'refused'"
)
# Each statement is plain: joined in one, without statistics, they became nested loops of 30 s a step.
_PUT = text(
    "INSERT INTO company (customer_id, siret, name, trade_name, activity_code, street, postcode, city,"  # noqa: S608
    " search, registered_at, state, activated_at) SELECT customer_id, siret, name, trade_name, activity_code,"
    " street, postcode, city, search, :now, CASE WHEN :activate THEN 'active' ELSE 'registered' END,"
    f" CASE WHEN :activate THEN CAST(:now AS timestamptz) END FROM import_line WHERE {_RANGE} ORDER BY siret"
    f" ON CONFLICT (customer_id, siret) DO UPDATE SET {_KEPT}, search = rtrim({_SEARCH}),"
    f" version = company.version + 1 WHERE {_DIFFERS}"
    " RETURNING customer_id, company_id, siret, name, registered_at, xmax = 0 AS created"
)
_MARK = text(
    "UPDATE import_line SET applied = true, outcome = CASE WHEN siret = ANY(:created) THEN 'create'"  # noqa: S608
    f" WHEN siret = ANY(:changed) THEN 'update' ELSE 'unchanged' END WHERE {_RANGE}"
)
_KNOWN = text(
    "SELECT siret, name, trade_name, activity_code, street, postcode, city FROM company"
    " WHERE customer_id = :customer_id AND siret = ANY(:sirets)"
)
_ACTIVATE = text(
    "UPDATE company SET state = 'active', activated_at = :now, version = version + 1"
    " WHERE customer_id = :customer_id AND siret = ANY(:sirets) AND state = 'registered' RETURNING company_id"
)
_COUNTS = text(
    "SELECT outcome, count(*) AS lines FROM import_line WHERE customer_id = :customer_id"
    " AND import_id = :import_id GROUP BY outcome"
)
_REASONS = text(
    "SELECT p->>'code' AS code, p->>'column' AS column, count(*) AS lines, min(line) AS first_line"
    " FROM import_line, jsonb_array_elements(problems) AS p WHERE customer_id = :customer_id"
    " AND import_id = :import_id AND problems IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
)
_LINES = text(
    "SELECT line, outcome, applied, siret, name, postcode, city, problems, repairs FROM import_line"
    " WHERE customer_id = :customer_id AND import_id = :import_id AND line > :after"
    " AND (CAST(:outcome AS text) IS NULL OR outcome = :outcome) ORDER BY line LIMIT :limit"
)
_ENQUEUE = text(
    "INSERT INTO import_due (import_id, customer_id, due_at) VALUES (:import_id, :customer_id, :now)"
    " ON CONFLICT (import_id) DO NOTHING"
)
_CLAIM = text(
    "SELECT import_id, customer_id, failures FROM import_due WHERE due_at <= :now"
    " AND (CAST(:only AS uuid) IS NULL OR import_id = :only)"
    " ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_DEFER = text("UPDATE import_due SET due_at = :due_at, failures = :failures WHERE import_id = :import_id")
_IS_ANY_DUE = text("SELECT EXISTS (SELECT FROM import_due WHERE due_at <= :now)")
_DEQUEUE = text("DELETE FROM import_due WHERE import_id = :import_id")


async def insert_import(tx: Tx, row: Mapping[str, Any]) -> None:
    """Writes a received file."""
    await tx.execute(insert(tables.import_job), dict(row))


async def load_import(tx: Tx, customer_id: UUID, import_id: UUID) -> Row[Any]:
    """All that is known of an import but the file itself. Raises ImportUnknown."""
    return _found(await tx.fetch_one(_ONE, {"customer_id": customer_id, "import_id": import_id}))


async def lock_import(tx: Tx, customer_id: UUID, import_id: UUID) -> Row[Any]:
    """The import with its file, locked until the end of the transaction. Raises ImportUnknown."""
    return _found(await tx.fetch_one(_LOCK, {"customer_id": customer_id, "import_id": import_id}))


def _found(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise ImportUnknown
    return row


async def list_imports(
    tx: Tx, customer_id: UUID, before: tuple[datetime, UUID], limit: int
) -> Sequence[Row[Any]]:
    """A customer's imports, the newest first."""
    parameters = {"customer_id": customer_id, "before_at": before[0], "before_id": before[1], "limit": limit}
    return await tx.fetch_all(_PAGE, parameters)


async def save_import_state(
    tx: Tx,
    customer_id: UUID,
    import_id: UUID,
    state: ImportState,
    *,
    fault: str | None = None,
    columns: Mapping[str, str] | None = None,
    lines: int | None = None,
    ended_at: datetime | None = None,
) -> None:
    """Where an import stands; the file itself is kept until it was read."""
    parameters = {
        "customer_id": customer_id,
        "import_id": import_id,
        "state": state,
        "fault": fault,
        "columns": None if columns is None else orjson.dumps(columns).decode(),
        "lines": lines,
        "ended_at": ended_at,
    }
    await tx.execute(_SAVE_STATE, parameters)


async def find_known(tx: Tx, customer_id: UUID, sirets: Sequence[str]) -> dict[str, NewCompany]:
    """What is known of those of these establishments that the customer has."""
    rows = await tx.fetch_all(_KNOWN, {"customer_id": customer_id, "sirets": list(sirets)})
    return {row.siret: NewCompany(**row._mapping) for row in rows}


async def insert_lines(
    tx: Tx, customer_id: UUID, import_id: UUID, lines: Sequence[JudgedLine], outcomes: Sequence[Outcome]
) -> None:
    """Writes judged lines, and what each would come to, in one statement."""
    columns: dict[str, list[Any]] = {
        "line": [line.number for line in lines],
        "outcome": list(outcomes),
        "search": [search_text(line.company) for line in lines],
        "problems": [_json(line.problems) for line in lines],
        "repairs": [_json(line.repairs) for line in lines],
    }
    for name in ("siret", *_FIELDS):
        columns[name] = [getattr(line.company, name) for line in lines]
    await tx.execute(_INSERT_LINES, {"customer_id": customer_id, "import_id": import_id, **columns})


def _json(problems: Sequence[Problem]) -> str | None:
    return orjson.dumps([asdict(problem) for problem in problems]).decode() if problems else None


@dataclass(frozen=True, slots=True)
class Applied:
    """What one step brought in: how many lines, which companies are new or changed, the numbers of all but
    the new."""

    lines: int
    created: Sequence[Row[Any]]
    changed: Sequence[Row[Any]]
    known_sirets: Sequence[str]


async def apply_lines(
    tx: Tx, customer_id: UUID, import_id: UUID, activate: bool, limit: int, now: datetime
) -> Applied:
    """Brings the next lines into the companies; each line once, whatever happens between."""
    keys = {"customer_id": customer_id, "import_id": import_id}
    chosen = await tx.fetch_all(_NEXT, keys | {"limit": limit})
    if not chosen:
        return Applied(0, [], [], [])
    part = keys | {"first": chosen[0].line, "last": chosen[-1].line}
    rows = await tx.fetch_all(_PUT, part | {"activate": activate, "now": now})
    created = [row for row in rows if row.created]
    new = {row.siret for row in created}
    changed = [row for row in rows if not row.created]
    await tx.execute(_MARK, part | {"created": list(new), "changed": [row.siret for row in changed]})
    await tx.execute(_SAVE_PROGRESS, keys | {"applied": len(chosen)})
    return Applied(len(chosen), created, changed, [row.siret for row in chosen if row.siret not in new])


async def activate_by_siret(tx: Tx, customer_id: UUID, sirets: Sequence[str], now: datetime) -> list[UUID]:
    """Activates those of these that never were."""
    rows = await tx.fetch_all(_ACTIVATE, {"customer_id": customer_id, "sirets": list(sirets), "now": now})
    return [row.company_id for row in rows]


async def count_lines(tx: Tx, customer_id: UUID, import_id: UUID) -> dict[str, int]:
    """How many lines come to what."""
    rows = await tx.fetch_all(_COUNTS, {"customer_id": customer_id, "import_id": import_id})
    return {row.outcome: row.lines for row in rows}


async def list_reasons(tx: Tx, customer_id: UUID, import_id: UUID) -> Sequence[Row[Any]]:
    """Why lines were refused, the most frequent reason first."""
    return await tx.fetch_all(_REASONS, {"customer_id": customer_id, "import_id": import_id})


async def list_lines(
    tx: Tx, customer_id: UUID, import_id: UUID, outcome: str | None, after: int, limit: int
) -> Sequence[Row[Any]]:
    """Lines of the report, in the order of the file."""
    keys = {"customer_id": customer_id, "import_id": import_id}
    return await tx.fetch_all(_LINES, keys | {"outcome": outcome, "after": after, "limit": limit})


async def enqueue(tx: Tx, customer_id: UUID, import_id: UUID, now: datetime) -> None:
    """Puts the import among what the workers have to do."""
    await tx.execute(_ENQUEUE, {"customer_id": customer_id, "import_id": import_id, "now": now})


async def claim(tx: Tx, now: datetime, only: UUID | None) -> Row[Any] | None:
    """The next import to work on, held until the end of the transaction: one worker at a time."""
    return await tx.fetch_one(_CLAIM, {"now": now, "only": only})


async def defer(tx: Tx, import_id: UUID, due_at: datetime, failures: int) -> None:
    """Another step of this import is due then."""
    await tx.execute(_DEFER, {"import_id": import_id, "due_at": due_at, "failures": failures})


async def dequeue(tx: Tx, import_id: UUID) -> None:
    """Nothing more is to be done of this import."""
    await tx.execute(_DEQUEUE, {"import_id": import_id})


async def is_any_due(tx: Tx, now: datetime) -> bool:
    """Whether some import waits for a step."""
    due: bool = (await tx.execute(_IS_ANY_DUE, {"now": now})).scalar_one()
    return due
