"""What is said of each line of a file of companies: taken, or refused with the reason and a suggestion.

A repair that can only mean one thing (a leading zero that a spreadsheet dropped, "84200.0") is suggested; it
is made only when the person who imports accepted suggestions beforehand.
"""

import re
from collections.abc import Iterator
from dataclasses import fields, replace

from services.tenancy.model import JudgedLine, NewCompany, Outcome, Problem
from services.tenancy.rules.establishments import SEPARATORS, is_metropolitan, is_siret
from services.tenancy.rules.spreadsheet import REQUIRED, Sheet

NAME_MAXIMUM = 250
FIELD_MAXIMUM = 200
POSTCODE = re.compile(r"[0-9]{5}\Z", re.ASCII)
DECIMAL_ZERO = re.compile(r"([0-9]+)[.,]0+\Z", re.ASCII)
SCIENTIFIC = re.compile(r"[0-9]+[.,]?[0-9]*[eE]\+?[0-9]+\Z", re.ASCII)


def judged(sheet: Sheet, repair: bool = False) -> Iterator[JudgedLine]:
    """Each line of the file, in its order. A SIRET met again is refused and names the first line."""
    first_seen: dict[str, int] = {}
    for number, cells in sheet.lines():
        line = judged_line(sheet, number, cells, repair)
        before = first_seen.setdefault(line.company.siret, number) if not line.refused else number
        if before != number:
            again = Problem("siret_twice", sheet.heading("siret"), line.company.siret, detail=str(before))
            line = replace(line, problems=(again,))
        yield line


def outcome_of(line: JudgedLine, known: NewCompany | None) -> Outcome:
    """What a line would come to, given what is known of its establishment.

    What the file leaves empty says nothing, so that it changes nothing.
    """
    if line.refused:
        return Outcome.refused
    if known is None:
        return Outcome.create
    said = {f.name: value for f in fields(line.company) if (value := getattr(line.company, f.name))}
    return Outcome.unchanged if replace(known, **said) == known else Outcome.update


def judged_line(sheet: Sheet, number: int, cells: list[str], repair: bool) -> JudgedLine:
    """One line by itself: its fields read, what is wrong with them, what was repaired."""
    if len(cells) > len(sheet.header):
        extra = Problem("too_many_cells", sheet.header[-1], detail=f"{len(cells)} > {len(sheet.header)}")
        return JudgedLine(number, NewCompany("", ""), (extra,))
    broken = next((c for c in REQUIRED if "\n" in _raw(cells, sheet.columns[c])), None)
    if broken:
        return JudgedLine(number, NewCompany("", ""), (Problem("line_break", sheet.heading(broken)),))
    read = {column: _cell(cells, place) for column, place in sheet.columns.items()}
    siret, siret_fault = read_siret(read["siret"])
    postcode, postcode_fault = read_postcode(read["postcode"])
    company = NewCompany(
        siret=siret,
        name=read["name"],
        postcode=postcode,
        city=read.get("city", ""),
        street=" ".join(f"{read.get('street_number', '')} {read.get('street', '')}".split()),
        trade_name=read.get("trade_name", ""),
        activity_code=read.get("activity_code", ""),
    )
    faults = [f for f in (siret_fault, postcode_fault, *_text_faults(read)) if f is not None]
    named = [replace(fault, column=sheet.heading(fault.column)) for fault in faults]
    repairs = tuple(fault for fault in named if repair and fault.code in REPAIRABLE)
    return JudgedLine(number, company, tuple(f for f in named if f not in repairs), repairs)


REPAIRABLE = frozenset({"siret_zero_lost", "siret_decimal", "postcode_zero_lost", "postcode_decimal"})
"""Faults with one possible meaning: the value that `read_siret` or `read_postcode` gives is that one."""


def read_siret(text: str) -> tuple[str, Problem | None]:
    """The SIRET meant, and what is wrong with how it is written.

    Luhn tells a dropped leading zero from a wrong number: restored, 14 digits must check. A number that a
    spreadsheet rounded ("3.56E+13") has lost digits that nobody can restore.
    """
    if not text:
        return "", Problem("siret_missing", "siret")
    if SCIENTIFIC.match(text):
        return text, Problem("siret_rounded", "siret", text)
    decimal = DECIMAL_ZERO.match(text)
    digits = SEPARATORS.sub("", decimal[1] if decimal else text)
    if is_siret(digits):
        return digits, Problem("siret_decimal", "siret", text, digits) if decimal else None
    restored = digits.zfill(14)
    if 10 <= len(digits) < 14 and digits.isdecimal() and is_siret(restored):
        return restored, Problem("siret_zero_lost", "siret", text, restored)
    return digits, _siret_fault(text, digits)


def _siret_fault(text: str, digits: str) -> Problem:
    if not (digits.isascii() and digits.isdecimal()):
        return Problem("siret_not_digits", "siret", text)
    if len(digits) == 9:
        return Problem("siret_is_siren", "siret", text)
    if len(digits) != 14:
        return Problem("siret_length", "siret", text, detail=str(len(digits)))
    return Problem("siret_check_digit", "siret", text)


def read_postcode(text: str) -> tuple[str, Problem | None]:
    """4-a: the postcode meant, and what is wrong with it: missing, misshapen, or overseas."""
    if not text:
        return "", Problem("postcode_missing", "postcode")
    decimal = DECIMAL_ZERO.match(text)
    digits = SEPARATORS.sub("", decimal[1] if decimal else text)
    meant = f"0{digits}" if len(digits) == 4 and digits.isdecimal() else digits
    if not POSTCODE.match(meant) or meant.startswith("00"):
        return digits, Problem("postcode_unreadable", "postcode", text)
    if not is_metropolitan(meant):
        return meant, Problem("postcode_overseas", "postcode", text)
    if decimal:
        return meant, Problem("postcode_decimal", "postcode", text, meant)
    return meant, Problem("postcode_zero_lost", "postcode", text, meant) if meant != digits else None


def _text_faults(read: dict[str, str]) -> Iterator[Problem]:
    if not read["name"]:
        yield Problem("name_missing", "name")
    for column, value in read.items():
        limit = NAME_MAXIMUM if column == "name" else FIELD_MAXIMUM
        if len(value) > limit:
            yield Problem("too_long", column, value[:40], detail=str(limit))
        elif "\ufffd" in value:
            yield Problem("character_lost", column, value[:80])


def _raw(cells: list[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _cell(cells: list[str], place: int) -> str:
    return " ".join(_raw(cells, place).split())
