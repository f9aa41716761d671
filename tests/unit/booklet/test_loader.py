"""A booklet's file: read whole, another publisher's too, or refused with what is wrong, where, what to do."""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from contracts.booklet import hours
from contracts.booklet.loader import OWN, load_booklet
from contracts.booklet.model import NotInForce, Status
from contracts.booklet.reading import BookletUnreadable

MAIN = "booklet.yaml"
ARTICLES_1_TO_6 = "clauses/01-06.yaml"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The booklet's directory, copied as another publisher would."""
    return Path(shutil.copytree(OWN.parent, tmp_path / "booklet"))


def changed(directory: Path, file: str, old: str, new: str) -> Path:
    """The booklet with one text of one of its files replaced."""
    path = directory / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return directory / MAIN


def test_the_booklet_holds_every_clause_of_its_seventeen_articles_and_every_ruling() -> None:
    booklet = load_booklet()

    assert len(booklet.clauses) == 89
    assert {int(clause.article.split(".")[0]) for clause in booklet.clauses.values()} == set(range(1, 18))
    assert list(booklet.rulings) == [f"R{number}" for number in range(1, 15)]


def test_a_clause_is_decided_by_a_rule_or_open() -> None:
    booklet = load_booklet()

    assert booklet.clause("4-a").status is Status.kept
    assert booklet.clause("9-a").status is Status.open
    assert all((clause.status is Status.kept) == bool(clause.rules) for clause in booklet.clauses.values())


def test_figures_have_their_units() -> None:
    booklet = load_booklet()

    take_charge = booklet.clause("13.2-e").parameter("take_charge_private")
    assert (take_charge.unit, take_charge.on(date(2026, 3, 27))) == ("business hours", 4)
    assert booklet.clause("6-a").parameter("committed_rate").on(date(2026, 1, 1)) == 99
    with pytest.raises(LookupError, match=r"13\.2-e has no parameter"):
        booklet.clause("13.2-e").parameter("speed")
    with pytest.raises(LookupError, match="no clause 99-a"):
        booklet.clause("99-a")


def test_another_publisher_has_its_own_hours_and_figures_by_date(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(copy, MAIN, 'monday: ["09:00-12:30", "14:30-17:30"]', 'monday: ["08:00-12:30", "14:30-17:30"]')
    path = changed(
        copy,
        ARTICLES_1_TO_6,
        "versions: [{value: 99}]",
        "versions: [{value: 99, valid_to: 2027-01-01}, {value: 99.5, valid_from: 2027-01-01}]",
    )
    monkeypatch.setenv("LIVRET_BOOKLET", str(path))

    rate = load_booklet().clause("6-a").parameter("committed_rate")
    monday = hours.calendar("support.open").terms.versions[0].weekdays[0]

    assert [rate.on(date(2026, 12, 31)), rate.on(date(2027, 1, 1))] == [99, Decimal("99.5")]
    assert monday[0].opens == 8 * 3600


def test_a_figure_that_is_not_in_force_is_not_guessed(copy: Path) -> None:
    path = changed(
        copy, ARTICLES_1_TO_6, "versions: [{value: 99}]", "versions: [{value: 99, valid_from: 2020-01-01}]"
    )

    with pytest.raises(NotInForce, match="2019-12-31"):
        load_booklet(path).clause("6-a").parameter("committed_rate").on(date(2019, 12, 31))


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (MAIN, "country: FR", "country: XQ", "holidays.country: no holidays are known for XQ"),
        (MAIN, "Europe/Paris", "Europe/Pari", "timezone: 'Europe/Pari' is no time zone"),
        (
            MAIN,
            '"09:00-12:30"',
            '"9-12"',
            "calendars.support.open.versions[0].monday[0]: '9-12' is not a window",
        ),
        (MAIN, '"09:00-12:30"', '"09:00-09:00"', "has no clear length"),
        (MAIN, '"09:00-12:30"', '"02:30-12:30"', "a clock change leaves out or repeats"),
        (MAIN, "        public_holiday: []\n", "", "lacks public_holiday; add it"),
        (MAIN, "clause: 13.2-f", "clause: 13.2-z", "clause 13.2-z, which is not there"),
        (
            MAIN,
            "counts_days: true",
            "counts_days: 1",
            "calendars.support.open.counts_days: 1 is neither true",
        ),
        (MAIN, "publisher:", "publischer:", "publischer: is not known here"),
        (MAIN, "publisher: Portal publisher", "publisher: a\npublisher: b", "'publisher' stands here twice"),
        (MAIN, "      - monday", "      - valid_from: 2026-01-01\n        monday", "what holds on every day"),
        (MAIN, "cases: cases", "cases: nowhere", "is no directory"),
        (MAIN, "clauses/01-06.yaml", "clauses/01-99.yaml", "cannot be read"),
        (MAIN, "rulings: rulings.yaml", "rulings: 5", "5 is not a list"),
        (MAIN, "timezone", "timezone: [", "is not readable YAML"),
        (ARTICLES_1_TO_6, "- id: 1-b", "- id: 1-a", "clause 1-a stands twice"),
        (
            ARTICLES_1_TO_6,
            "- id: 1-b",
            "- id: one",
            "[1].id: 'one' does not fit; write an article and a letter",
        ),
        (ARTICLES_1_TO_6, "status: open", "status: later", "'later' is no status; write kept or open"),
        (ARTICLES_1_TO_6, "status: open", "status: kept", "3-c is kept and lacks rules"),
        (ARTICLES_1_TO_6, "rulings: [R4, R14]", "rulings: [R4, R15]", "there is no ruling 'R15'"),
        (ARTICLES_1_TO_6, "[maintenance_window]", "[maintenance]", "there is no calendar 'maintenance'"),
        (ARTICLES_1_TO_6, "{value: 99}", "{value: 101}", "101 is no percentage"),
        (ARTICLES_1_TO_6, "{value: 48}", "{value: -1}", "-1 is no count"),
        (
            ARTICLES_1_TO_6,
            "unit: percent, versions: [{value: 99}]",
            "unit: local time, versions: [{value: 22:00}]",
            "write a local time in quotes",
        ),
        (ARTICLES_1_TO_6, "unit: percent", "unit: per cent", "'per cent' is no unit; the units are"),
        (
            ARTICLES_1_TO_6,
            "[{value: 99}]",
            "[{value: 99, valid_to: 2026-01-01}, {value: 98, valid_from: 2026-02-01}]",
            "a version until 2026-01-01 is followed by one from 2026-02-01",
        ),
        (ARTICLES_1_TO_6, "[{value: 99}]", "[{value: 99, valid_to: 2026}]", "2026 is not a date"),
        ("cases/17-a.yaml", "clause: 17-a", "clause: 3-c", "no clause 3-c with a rule"),
        ("cases/17-a.yaml", "verdict: kept", "verdict: fine", "'fine' is no verdict"),
        ("cases/17-a.yaml", "refused: t", "returns: 1\n    refused: t", "expects a refusal and a value"),
        ("cases/17-a.yaml", "verdict: kept", "verdict: kept\n    rule: a:b", "'a:b' is no rule of 17-a"),
        ("rulings.yaml", "- id: R2", "- id: R1", "ruling R1 stands twice"),
    ],
)
def test_a_bad_booklet_is_refused_with_what_and_where(
    copy: Path, file: str, old: str, new: str, told: str
) -> None:
    path = changed(copy, file, old, new)

    with pytest.raises(BookletUnreadable) as refused:
        load_booklet(path)

    assert told in str(refused.value)
    assert str(copy) in str(refused.value)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe")

    for path, told in ((tmp_path / "none.yaml", "LIVRET_BOOKLET"), (binary, "UTF-8"), (tmp_path, "read")):
        with pytest.raises(BookletUnreadable, match=told):
            load_booklet(path)
