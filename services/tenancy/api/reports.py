"""CSV files as answers."""

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import Response

from chassis.spreadsheet import MARK, csv_text

MEDIA_TYPE = "text/csv; charset=utf-8"


def as_csv(*lines: Sequence[str]) -> dict[str, Any]:
    """How the API document tells of such an answer, with its first lines."""
    return {"content": {"text/csv": {"schema": {"type": "string"}, "example": csv_text(lines)}}}


def csv_of(
    headings: Sequence[str], lines: Iterable[Sequence[str]], file_name: str, status_code: int = 200
) -> Response:
    """A whole CSV file as an answer."""
    text = MARK + csv_text([headings, *lines])
    return Response(text, status_code, headers=attachment(file_name), media_type=MEDIA_TYPE)


def attachment(file_name: str) -> dict[str, str]:
    """The header that has a browser save the answer. The name is one of ours, never a caller's."""
    return {"Content-Disposition": f'attachment; filename="{file_name}"'}
