"""How a file of interruptions is read: its columns, each line's interval and kind. Nothing is recorded."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.booklet.instants import InstantUnreadable, read_exact_instant, read_instant
from services.availability.model.imports import (
    IGNORED,
    OUTAGE,
    ImportTerms,
    Interruption,
    LineFate,
    LineOutcome,
)
from services.availability.model.rates import ExclusionKind
from services.availability.refusals.imports import ImportColumnsUnknown, ImportKindsUnknown, ImportUnreadable
from services.availability.rules.outages import whole_second

FILE_MAXIMUM = 20_000_000
LINES_MAXIMUM = 100_000
CELL_MAXIMUM = 10_000
SEPARATORS = ",;\t"
TITLE_MAXIMUM = 250
TITLE = "Imported interruption"

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "start": ("start", "starts_at", "started_at", "downtime_start", "begin", "from", "debut"),
    "end": ("end", "ends_at", "ended_at", "downtime_end", "to", "fin"),
    "kind": ("kind", "type", "impact", "nature"),
    "environment": ("environment", "env", "environnement"),
    "offering": ("offering", "offering_code", "service_code"),
    "title": ("title", "name", "titre", "libelle", "summary"),
    "key": ("key", "id", "incident_id", "reference", "source_key"),
}
REQUIRED = ("start", "end")
WORDS: Mapping[str, str] = {
    OUTAGE: OUTAGE,
    "maintenance": ExclusionKind.maintenance_window.value,
    **{kind.value: kind.value for kind in ExclusionKind},
}
"""What our own words for a kind mean; other words are mapped by whoever imports."""
MEANINGS = frozenset({OUTAGE, IGNORED, *(kind.value for kind in ExclusionKind)})

Read = Interruption | LineOutcome


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A file's columns by place, and how to read it."""

    columns: Mapping[str, int]
    terms: ImportTerms

    def cell(self, cells: Sequence[str], column: str) -> str:
        place = self.columns.get(column)
        return cells[place].strip() if place is not None and place < len(cells) else ""


class _LineRefused(ValueError):
    """Why a line is no interruption."""


def read_lines(content: bytes, terms: ImportTerms) -> list[Read]:
    """Each line after the header, by its number in the file: an interruption, or why it is none.

    Raises ImportUnreadable, ImportColumnsUnknown for a column that is missing or none of ours, and
    ImportKindsUnknown for a mapping to a kind that is none.
    """
    if unknown := sorted(set(terms.kinds.values()) - MEANINGS):
        raise ImportKindsUnknown(detail=f"{unknown[0]!r} is none of: {', '.join(sorted(MEANINGS))}.")
    rows = _rows(content)
    sheet = _Sheet(_columns(rows[0][1], terms.columns), terms)
    return [_read(number, cells, sheet) for number, cells in rows[1:]]


def _rows(content: bytes) -> list[tuple[int, list[str]]]:
    if len(content) > FILE_MAXIMUM:
        raise ImportUnreadable(detail=f"The file has more than {FILE_MAXIMUM} bytes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImportUnreadable(detail="The file is not UTF-8.") from None
    if "\0" in text:
        raise ImportUnreadable(detail="The file holds zero bytes: it is no text.")
    try:
        rows = list(_numbered(text))
    except csv.Error as fault:
        raise ImportUnreadable(detail=f"{fault}.") from None
    if not rows:
        raise ImportUnreadable(detail="The file is empty.")
    if len(rows) > LINES_MAXIMUM:
        raise ImportUnreadable(detail=f"The file has more than {LINES_MAXIMUM} lines.")
    return rows


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that say something, each with its number in the file."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    csv.field_size_limit(CELL_MAXIMUM)
    # Strictly: a quote that is never closed would swallow every line that follows it.
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count), strict=True
    )
    start = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield start, cells
        start = reader.line_num + 1


def _columns(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    places = {_folded(name): place for place, name in reversed(list(enumerate(header)))}
    wanted = {ours: (mapping[ours],) if ours in mapping else names for ours, names in SYNONYMS.items()}
    columns = {
        ours: place
        for ours, names in wanted.items()
        if (place := next((places[_folded(name)] for name in names if _folded(name) in places), None))
        is not None
    }
    missing = [ours for ours in SYNONYMS if ours not in columns and (ours in REQUIRED or ours in mapping)]
    unknown = sorted(set(mapping) - set(SYNONYMS))
    if missing or unknown:
        raise ImportColumnsUnknown(
            detail=f"Missing: {', '.join(missing) or 'none'}. Not a column of ours:"
            f" {', '.join(unknown)[:200] or 'none'}. Found in the file: {', '.join(header)[:800]}."
        )
    return columns


def _folded(heading: str) -> str:
    bare = unicodedata.normalize("NFKD", heading)
    kept = "".join(c.lower() if c.isalnum() else " " for c in bare if not unicodedata.combining(c))
    return "_".join(kept.split())


def _read(number: int, cells: Sequence[str], sheet: _Sheet) -> Read:
    key = sheet.cell(cells, "key")
    try:
        kind = _kind(sheet.cell(cells, "kind"), sheet.terms)
        if kind == IGNORED:
            return LineOutcome(number, LineFate.ignored, "its kind is left out", key)
        starts_at, ends_at = _bounds(cells, sheet)
    except _LineRefused as refused:
        return LineOutcome(number, LineFate.refused, str(refused), key)
    environment = sheet.cell(cells, "environment") or sheet.terms.environment
    offering = sheet.cell(cells, "offering") or None
    named = f"{starts_at.isoformat()}/{ends_at.isoformat()}/{environment}/{offering or ''}"
    return Interruption(
        line=number,
        key=(key or named)[:TITLE_MAXIMUM],
        starts_at=starts_at,
        ends_at=ends_at,
        exclusion=None if kind == OUTAGE else ExclusionKind(kind),
        environment=environment[:64],
        offering_code=offering,
        title=(sheet.cell(cells, "title") or TITLE)[:TITLE_MAXIMUM],
    )


def _kind(word: str, terms: ImportTerms) -> str:
    meanings = {**WORDS, **{each.casefold(): meaning for each, meaning in terms.kinds.items()}}
    if not word:
        return OUTAGE
    if word.casefold() not in meanings:
        raise _LineRefused(f"{word[:60]!r} is no kind of ours: say which it is")
    return meanings[word.casefold()]


def _bounds(cells: Sequence[str], sheet: _Sheet) -> tuple[datetime, datetime]:
    starts_at, ends_at = _instant(cells, sheet, "start"), _instant(cells, sheet, "end")
    if ends_at == starts_at:
        raise _LineRefused("its end equals its start: it has no length")
    if ends_at < starts_at:
        raise _LineRefused("its end comes before its start")
    return starts_at, ends_at


def _instant(cells: Sequence[str], sheet: _Sheet, column: str) -> datetime:
    text, zone = sheet.cell(cells, column), sheet.terms.zone
    if not text:
        raise _LineRefused(f"its {column} is missing")
    try:
        return whole_second(read_exact_instant(text) if zone is None else read_instant(text, zone))
    except (InstantUnreadable, OverflowError) as error:
        raise _LineRefused(f"its {column}: {error}") from None
