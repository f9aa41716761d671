"""What a file of companies is read as, and what is said of each of its lines."""

from dataclasses import replace

import pytest

from services.tenancy.model import JudgedLine, Outcome
from services.tenancy.refusals import ColumnsUnknown, FileTooLarge, FileUnreadable
from services.tenancy.rules import spreadsheet
from services.tenancy.rules.import_lines import judged, outcome_of
from services.tenancy.rules.import_words import SENTENCES, sentences
from services.tenancy.rules.spreadsheet import opened

GOOD = "73282932000074"
ZERO_LOST = "6580195300012"


def lines(text: str | bytes, *, repair: bool = False, **mapping: str) -> list[JudgedLine]:
    content = text if isinstance(text, bytes) else text.encode()
    return list(judged(opened(content, mapping), repair))


def only_problem(cells: str) -> tuple[str, str, str | None]:
    (line,) = lines(f"siret,nom,code postal\n{cells}\n")
    (problem,) = line.problems
    return problem.code, problem.column, problem.suggestion


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_people_send_is_read(encoding: str, separator: str, end: str) -> None:
    rows = [("N° SIRET", "Raison sociale", "Code Postal", "Ville"), (GOOD, "Café de l’Été", "57000", "Metz")]
    content = end.join(separator.join(row) for row in rows).encode(encoding)
    (line,) = lines(content)
    assert (line.problems, line.company.name, line.company.city) == ((), "Café de l’Été", "Metz")
    assert line.number == 2


def test_columns_may_be_named_by_hand() -> None:
    (line,) = lines(f"a;b;c\n57000;{GOOD};Martin\n", siret="B", name="c", postcode="a")
    assert (line.company.siret, line.company.postcode, line.problems) == (GOOD, "57000", ())


def test_missing_columns_are_named_with_what_was_found() -> None:
    with pytest.raises(ColumnsUnknown) as refused:
        lines("siret,ville\n")
    assert "name, postcode" in str(refused.value)
    assert "siret, ville" in str(refused.value)
    with pytest.raises(ColumnsUnknown):
        lines("siret,nom,cp\n", telephone="cp")
    with pytest.raises(ColumnsUnknown):
        lines("siret,nom,cp\n", siret="absent")


@pytest.mark.parametrize("content", [b"", b" \n", b"PK\x03\x04\x00", "siret".encode("utf-16"), b"a\x81b,c"])
def test_what_is_no_csv_is_refused(content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        lines(content)


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileTooLarge):
        lines(b"x" * (spreadsheet.FILE_MAXIMUM + 1))
    with pytest.raises(FileUnreadable, match="Line 2"):
        lines(f"siret,nom,cp\n{GOOD},{'x' * 20_000},57000\n")
    monkeypatch.setattr(spreadsheet, "LINES_MAXIMUM", 2)
    with pytest.raises(FileUnreadable, match="at most 2"):
        lines("siret,nom,cp\na,b,c\na,b,c\n")


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (",Martin,57000", ("siret_missing", "siret", None)),
        (f"{ZERO_LOST},Martin,57000", ("siret_zero_lost", "siret", f"0{ZERO_LOST}")),
        (f"{GOOD}.0,Martin,57000", ("siret_decimal", "siret", GOOD)),
        ("7.3282932E+13,Martin,57000", ("siret_rounded", "siret", None)),
        ("732829320,Martin,57000", ("siret_is_siren", "siret", None)),
        ("7328293200007x,Martin,57000", ("siret_not_digits", "siret", None)),
        ("732829320000745,Martin,57000", ("siret_length", "siret", None)),
        ("73282932000075,Martin,57000", ("siret_check_digit", "siret", None)),
        (f"{GOOD},Martin,", ("postcode_missing", "code postal", None)),
        (f"{GOOD},Martin,84200.0", ("postcode_decimal", "code postal", "84200")),
        (f"{GOOD},Martin,7400.0", ("postcode_decimal", "code postal", "07400")),
        (f"{GOOD},Martin,7400", ("postcode_zero_lost", "code postal", "07400")),
        (f"{GOOD},Martin,ABC", ("postcode_unreadable", "code postal", None)),
        (f"{GOOD},Martin,97400", ("postcode_overseas", "code postal", None)),
        (f"{GOOD},Martin,97400.0", ("postcode_overseas", "code postal", None)),
        (f"{GOOD}, ,57000", ("name_missing", "nom", None)),
        (f"{GOOD},{'x' * 251},57000", ("too_long", "nom", None)),
        (f"{GOOD},Caf\ufffd,57000", ("character_lost", "nom", None)),
        (f'{GOOD},"Martin\nx",57000', ("line_break", "nom", None)),
        (f"{GOOD},Martin,57000,more", ("too_many_cells", "code postal", None)),
    ],
)
def test_each_fault_is_said_with_its_column_and_a_suggestion(
    cells: str, problem: tuple[str, str, str | None]
) -> None:
    assert only_problem(cells) == problem


def test_a_siret_met_again_names_the_first_line() -> None:
    first, blank_apart, second = lines(f"siret,nom,cp\n{GOOD},A,57000\n\n,B,57000\n{GOOD},C,57000\n")
    assert not first.refused
    assert blank_apart.number == 4
    assert (second.problems[0].code, second.problems[0].detail, second.number) == ("siret_twice", "2", 5)


def test_suggestions_are_taken_only_when_accepted() -> None:
    text = f"siret,nom,cp\n{ZERO_LOST},Martin,7400.0\n"
    (asked,) = lines(text)
    assert [p.code for p in asked.problems] == ["siret_zero_lost", "postcode_decimal"]
    (repaired,) = lines(text, repair=True)
    assert (repaired.problems, repaired.company.siret, repaired.company.postcode) == (
        (), f"0{ZERO_LOST}", "07400",
    )  # fmt: skip
    assert [p.code for p in repaired.repairs] == ["siret_zero_lost", "postcode_decimal"]


def test_a_short_line_lacks_what_it_lacks() -> None:
    (line,) = lines(f"siret,nom,cp\n{GOOD}\n")
    assert [p.code for p in line.problems] == ["postcode_missing", "name_missing"]


def test_every_fault_has_its_sentences() -> None:
    (line,) = lines("siret,nom,cp\n,,\n") or lines("siret,nom,cp\nx,,\n")
    for problem in line.problems:
        assert all(sentences(problem))
    assert all("{" not in sentence.format(detail="1") for pair in SENTENCES.values() for sentence in pair)


def test_a_line_is_compared_with_what_is_known() -> None:
    (line,) = lines(f"siret,nom,cp\n{GOOD},Martin,57000\n")
    (refused,) = lines("siret,nom,cp\n,Martin,57000\n")
    known = replace(line.company, trade_name="Au bon pain", city="Metz")
    assert outcome_of(line, None) is Outcome.create
    assert outcome_of(line, known) is Outcome.unchanged
    assert outcome_of(line, replace(known, name="Duval")) is Outcome.update
    assert outcome_of(refused, known) is Outcome.refused
