"""CSV that leaves: with semicolons and a byte-order mark, as a French spreadsheet opens it, and inert."""

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi import Response

from services.tenancy.rules.import_words import inert

MEDIA_TYPE = "text/csv; charset=utf-8"
MARK = "\ufeff"


def csv_text(lines: Iterable[Sequence[str]]) -> str:
    """Lines of CSV, no cell of which a spreadsheet runs as a formula."""
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows([inert(cell) for cell in line] for line in lines)
    return written.getvalue()


def csv_of(
    headings: Sequence[str], lines: Iterable[Sequence[str]], file_name: str, status_code: int = 200
) -> Response:
    """A whole CSV file as an answer."""
    text = MARK + csv_text([headings, *lines])
    return Response(text, status_code, headers=attachment(file_name), media_type=MEDIA_TYPE)


def attachment(file_name: str) -> dict[str, str]:
    """The header that has a browser save the answer. The name is one of ours, never a caller's."""
    return {"Content-Disposition": f'attachment; filename="{file_name}"'}
