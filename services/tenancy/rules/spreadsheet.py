"""How a file of companies is read: its bytes, its separator, its columns. Nothing is judged here.

What people send: UTF-8 with or without a byte-order mark, or Windows-1252; separated by comma, semicolon
or tab; headers in French or English, or in the words of some other program, then mapped by hand.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.tenancy.refusals import ColumnsUnknown, FileTooLarge, FileUnreadable

FILE_MAXIMUM = 20_000_000
LINES_MAXIMUM = 200_000
CELL_MAXIMUM = 10_000
SEPARATORS = ",;\t"

REQUIRED = ("siret", "name", "postcode")
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "siret": (
        "siret", "siret_siege", "numero_siret", "n_siret", "no_siret", "siret_etablissement", "siret_number",
        "code_siret",
    ),
    "name": (
        "raison_sociale", "raisonsociale", "denomination", "name", "company_name", "company", "nom",
        "nom_entreprise", "entreprise", "societe", "libelle", "dossier", "client", "nom_dossier",
        "denomination_usuelle",
    ),
    "postcode": (
        "code_postal", "codepostal", "cp", "postcode", "postal_code", "zip", "zip_code", "zipcode",
        "code_postal_etablissement",
    ),
    "city": (
        "commune", "ville", "city", "town", "libelle_commune", "libellecommune", "localite",
        "libelle_commune_etablissement",
    ),
    "street": (
        "adresse", "adresse_1", "address", "street", "rue", "libelle_rue", "libellerue", "voie",
        "libelle_voie", "adresse_ligne_1",
    ),
    "street_number": ("numero_rue", "numerorue", "numero_voie", "street_number", "house_number", "n_voie"),
    "trade_name": ("enseigne", "nom_commercial", "trade_name", "nom_usage", "sigle", "brand"),
    "activity_code": ("code_naf", "codenaf", "naf", "ape", "code_ape", "activity_code"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file opened: its header, and which of our columns stands at which place."""

    text: str
    separator: str
    encoding: str
    header: tuple[str, ...]
    columns: Mapping[str, int]

    def heading(self, column: str) -> str:
        """What the file itself calls one of our columns; our own name when it has none."""
        place = self.columns.get(column)
        return column if place is None else self.header[place]

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """The file's lines after the header, blank ones left out, each with its number in the file."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.separator)
        next(reader)
        start = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1


def opened(content: bytes, mapping: Mapping[str, str] | None = None) -> Sheet:
    """The file that these bytes hold.

    `mapping` says, for any of our columns, what the file calls it. Raises FileTooLarge, FileUnreadable, or
    ColumnsUnknown naming what is missing and what was found.
    """
    if len(content) > FILE_MAXIMUM:
        raise FileTooLarge
    text, encoding = decoded(content)
    separator = separator_of(text)
    header = _header(text, separator)
    return Sheet(text, separator, encoding, header, mapped(header, mapping or {}))


def decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding: UTF-8, its mark removed, else Windows-1252 (where every byte but five is
    a character). A zero byte means that this is no text. Raises FileUnreadable.
    """
    if b"\x00" in content:
        raise FileUnreadable(
            "The file holds zero bytes: it is no text (a spreadsheet, or UTF-16?). Save it as CSV."
        )
    if not content.strip():
        raise FileUnreadable("The file is empty.")
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        try:
            return content.decode("cp1252"), "windows-1252"
        except UnicodeDecodeError:
            raise FileUnreadable(
                "The file is neither UTF-8 nor Windows-1252. Save it as CSV UTF-8."
            ) from None


def separator_of(text: str) -> str:
    """The separator that the first line that says anything uses most, outside quotation marks."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(first.split('"')[::2])
    return max(SEPARATORS, key=bare.count)


def _header(text: str, separator: str) -> tuple[str, ...]:
    csv.field_size_limit(CELL_MAXIMUM)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        count = 0
        header: tuple[str, ...] | None = None
        for row in rows:
            header = header or tuple(cell.strip() for cell in row)
            count += 1
    except csv.Error as fault:
        raise FileUnreadable(f"Line {rows.line_num}: {fault}.") from None
    if count > LINES_MAXIMUM:
        raise FileUnreadable(f"The file has {count} lines; at most {LINES_MAXIMUM} are read at once.")
    if header is None or not any(header):
        raise FileUnreadable("The first line names no column.")
    return header


def mapped(header: tuple[str, ...], mapping: Mapping[str, str]) -> dict[str, int]:
    """Our column -> its place in the file: as told, else by the first synonym that the header holds."""
    places = {folded(name): place for place, name in reversed(list(enumerate(header)))}
    columns = {ours: place for ours in SYNONYMS if (place := _place(ours, places, mapping)) is not None}
    missing = [ours for ours in REQUIRED if ours not in columns]
    unknown = sorted(set(mapping) - set(SYNONYMS))
    if missing or unknown:
        raise ColumnsUnknown(
            f"Missing: {', '.join(missing) or 'none'}."
            f" Not a column of ours: {', '.join(unknown)[:200] or 'none'}."
            f" Found in the file: {', '.join(header)[:800]}."
        )
    return columns


def _place(ours: str, places: Mapping[str, int], mapping: Mapping[str, str]) -> int | None:
    if ours in mapping:
        return places.get(folded(mapping[ours]))
    return next((places[word] for word in SYNONYMS[ours] if word in places), None)


def folded(heading: str) -> str:
    """A heading without accents, case and punctuation: "N° SIRET" and "n_siret" are one."""
    bare = unicodedata.normalize("NFKD", heading.replace("°", " "))
    kept = "".join(c.lower() if c.isalnum() else " " for c in bare if not unicodedata.combining(c))
    return "_".join(kept.split())
