"""Imports of companies: how one stands, and its report line by line."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import Row

from services.tenancy.model import ImportState, Outcome, Problem
from services.tenancy.rules.import_words import sentences
from services.tenancy.rules.spreadsheet import CELL_MAXIMUM
from services.tenancy.schemas.fields import Shown

Cell = Annotated[str, Field(max_length=CELL_MAXIMUM)]
"""What stood in a file, as it stood there."""
Code = Annotated[str, Field(max_length=64, examples=["siret_invalid"])]
ColumnName = Annotated[str, Field(max_length=64, examples=["siret"])]
Sentence = Annotated[
    str,
    Field(
        max_length=3 * CELL_MAXIMUM,  # it may tell what stood there, and what it may have meant
        examples=["7328293200074 is no SIRET: perhaps its first zero was lost."],
    ),
]


class ProblemShown(Shown):
    """What is wrong in a line, where, and what it may have meant."""

    code: Code
    column: ColumnName
    value: Annotated[Cell, Field(examples=["7328293200074"])]
    suggestion: Annotated[Cell | None, Field(examples=["07328293200074"])]
    reason: Sentence
    reason_fr: Sentence

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
    siret: Annotated[Cell, Field(examples=["73282932000074"])]
    name: Annotated[Cell, Field(examples=["Boulangerie Martin"])]
    postcode: Annotated[Cell, Field(examples=["57000"])]
    city: Annotated[Cell, Field(examples=["Metz"])]
    problems: Annotated[list[ProblemShown], Field(max_length=100)]
    repairs: Annotated[list[ProblemShown], Field(max_length=100)]

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

    code: Code
    column: ColumnName
    lines: int
    first_line: int
    reason: Sentence
    reason_fr: Sentence

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
    file_name: Annotated[str, Field(max_length=200, examples=["companies.csv"])]
    state: ImportState
    fault: Annotated[str | None, Field(max_length=5000)]
    dry_run: bool
    repair: bool
    activate: bool
    columns: Annotated[dict[str, Cell] | None, Field(examples=[{"siret": "SIRET", "name": "nom"}])]
    lines: int
    applied: int
    counts: Annotated[dict[str, int], Field(examples=[{"create": 17080, "refused": 11}])]
    reasons: Annotated[list[ReasonShown], Field(max_length=1000)]
    received_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(
        cls, row: Row[Any], counts: dict[str, int] | None = None, reasons: Sequence[Row[Any]] = ()
    ) -> "ImportShown":
        """The shape of an import, with what its lines come to when that was counted."""
        known = {name: getattr(row, name) for name in cls.model_fields if name not in ("counts", "reasons")}
        return cls(**known, counts=counts or {}, reasons=[ReasonShown.of(reason) for reason in reasons])
