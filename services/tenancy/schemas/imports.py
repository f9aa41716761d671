"""Imports of companies: how one stands, and its report line by line."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.tenancy.model import ImportState, Outcome, Problem
from services.tenancy.rules.import_words import sentences
from services.tenancy.schemas.fields import Shown


class ProblemShown(Shown):
    """What is wrong in a line, where, and what it may have meant."""

    code: str
    column: str
    value: str
    suggestion: str | None
    reason: str
    reason_fr: str

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "ProblemShown":
        """The shape of a stored problem."""
        problem = Problem(**stored)
        english, french = sentences(problem)
        return cls(
            code=problem.code,
            column=problem.column,
            value=problem.value,
            suggestion=problem.suggestion,
            reason=english,
            reason_fr=french,
        )


class LineShown(Shown):
    """One line of the file (the header is line 1) and what becomes, or became, of it."""

    line: int
    outcome: Outcome
    applied: bool
    siret: str
    name: str
    postcode: str
    city: str
    problems: list[ProblemShown]
    repairs: list[ProblemShown]

    @classmethod
    def of(cls, row: Row[Any]) -> "LineShown":
        """The shape of a line."""
        return cls(
            line=row.line,
            outcome=row.outcome,
            applied=row.applied,
            siret=row.siret,
            name=row.name,
            postcode=row.postcode,
            city=row.city,
            problems=[ProblemShown.of(stored) for stored in row.problems or ()],
            repairs=[ProblemShown.of(stored) for stored in row.repairs or ()],
        )


class ReasonShown(Shown):
    """How many lines are refused for one reason, and the first of them."""

    code: str
    column: str
    lines: int
    first_line: int
    reason: str
    reason_fr: str

    @classmethod
    def of(cls, row: Row[Any]) -> "ReasonShown":
        """The shape of a reason."""
        english, french = sentences(Problem(row.code, row.column, detail="…"))
        return cls(
            code=row.code,
            column=row.column,
            lines=row.lines,
            first_line=row.first_line,
            reason=english,
            reason_fr=french,
        )


class ImportShown(Shown):
    """How an import stands. `columns` says which heading of the file was taken for which of ours."""

    import_id: UUID
    file_name: str
    state: ImportState
    fault: str | None
    dry_run: bool
    repair: bool
    activate: bool
    columns: dict[str, str] | None
    lines: int
    applied: int
    counts: dict[str, int]
    reasons: list[ReasonShown]
    received_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(
        cls, row: Row[Any], counts: dict[str, int] | None = None, reasons: Sequence[Row[Any]] = ()
    ) -> "ImportShown":
        """The shape of an import, with what its lines come to when that was counted."""
        known = {name: getattr(row, name) for name in cls.model_fields if name not in ("counts", "reasons")}
        return cls(**known, counts=counts or {}, reasons=[ReasonShown.of(reason) for reason in reasons])
