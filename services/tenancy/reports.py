"""The report of an import, as a file to work through."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from chassis.db import Database, Scope
from chassis.spreadsheet import MARK, csv_text
from services.tenancy.schemas.imports import ProblemShown
from services.tenancy.store.imports import list_lines

HEADINGS = (
    "line", "outcome", "siret", "name", "column", "value", "suggestion", "motif", "reason",
)  # fmt: skip
LINES_AT_ONCE = 2000


async def import_report(db: Database, customer_id: UUID, import_id: UUID) -> AsyncIterator[str]:
    """The report of an import: a row for each fault or repair, one for a line without.

    It is streamed after the request's transaction has ended, so each part is read in its own.
    """
    yield MARK + csv_text([HEADINGS])
    after = 0
    while True:
        async with db.transaction(Scope.customer(customer_id)) as tx:
            rows = await list_lines(tx, customer_id, import_id, None, after, LINES_AT_ONCE)
        if not rows:
            return
        after = rows[-1].line
        yield csv_text(cells for row in rows for cells in _cells(row))


def _cells(row: Row[Any]) -> list[list[str]]:
    known = [str(row.line), row.outcome, row.siret, row.name]
    noted = [*(row.problems or ()), *(row.repairs or ())]
    if not noted:
        return [[*known, "", "", "", "", ""]]
    shown = [ProblemShown.of(stored) for stored in noted]
    return [[*known, one.column, one.value, one.suggestion or "", one.reason_fr, one.reason] for one in shown]
