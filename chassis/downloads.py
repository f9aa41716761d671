"""Tables as answers: CSV files that a browser saves, and how the API document tells of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import Response

from chassis.spreadsheet import MARK, MEDIA_TYPE, attachment, csv_text


def as_csv(*lines: Sequence[str]) -> dict[str, Any]:
    """How the API document tells of such an answer, with its first lines."""
    return {"content": {"text/csv": {"schema": {"type": "string"}, "example": csv_text(lines)}}}


def csv_file(
    headings: Sequence[str], lines: Iterable[Sequence[str]], file_name: str, status_code: int = 200
) -> Response:
    """A whole CSV file as an answer. The name is one of ours, never a caller's."""
    text = MARK + csv_text([headings, *lines])
    return Response(text, status_code, headers=attachment(file_name), media_type=MEDIA_TYPE)
