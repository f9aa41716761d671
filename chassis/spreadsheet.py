"""CSV that leaves: with semicolons and a byte-order mark, as a French spreadsheet opens it, and inert."""

import csv
import io
from collections.abc import Iterable, Sequence

MARK = "\ufeff"
MEDIA_TYPE = "text/csv; charset=utf-8"
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def inert(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula (OWASP, CSV injection): an apostrophe goes before."""
    return f"'{cell}" if cell.startswith(FORMULA_BEGINS) else cell


def csv_text(lines: Iterable[Sequence[str]]) -> str:
    """Lines of CSV, no cell of which a spreadsheet runs as a formula."""
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows([inert(cell) for cell in line] for line in lines)
    return written.getvalue()


def attachment(file_name: str) -> dict[str, str]:
    """The header that has a browser save the answer. The name is one of ours, never a caller's."""
    return {"Content-Disposition": f'attachment; filename="{file_name}"'}
