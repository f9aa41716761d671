"""Terms in calendar months: known dates, the edges of the calendar, days that never drift (article 16)."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.booklet.loader import OWN
from contracts.booklet.reading import BookletUnreadable
from services.tenancy.contract_model import NoticeTerms, Period, Term
from services.tenancy.contract_refusals import BeforeTheContract, BeyondTheCalendar
from services.tenancy.contract_terms import notice_terms
from services.tenancy.refusals import TermTooShort
from services.tenancy.rules.terms import (
    begins_period,
    in_force,
    last_notice_day,
    last_price_revision_day,
    months_later,
    period,
    period_on,
)
from tests.unit.tenancy.naive_terms import periods_through

OURS = (NoticeTerms(12, 6, 30, 30),)


def day(text: str) -> date:
    """A day as it is written."""
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "months", "later"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("1900-01-31", 1, "1900-02-28"),
        ("2000-01-31", 1, "2000-02-29"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-08-31", -6, "2026-02-28"),
        ("2027-01-30", -6, "2026-07-30"),
        ("2026-03-31", -1, "2026-02-28"),
        ("9999-11-30", 1, "9999-12-30"),
        ("0001-02-01", -1, "0001-01-01"),
        ("2026-01-31", 0, "2026-01-31"),
    ],
)
def test_months_are_those_of_the_calendar(start: str, months: int, later: str) -> None:
    assert months_later(day(start), months) == day(later)


@pytest.mark.parametrize(("start", "months"), [("9999-12-01", 1), ("0001-01-31", -1), ("2026-01-01", 10**30)])
def test_a_day_that_no_calendar_has_is_refused(start: str, months: int) -> None:
    with pytest.raises(BeyondTheCalendar):
        months_later(day(start), months)


# start, months, day asked for: number, first day, last day, last day for notice, and for a price revision
KNOWN = [
    ("2026-01-31", 12, "2026-11-24", 1, "2026-01-31", "2027-01-30", "2026-07-30", "2026-12-31"),
    ("2026-01-31", 12, "2026-01-31", 1, "2026-01-31", "2027-01-30", "2026-07-30", "2026-12-31"),
    ("2026-01-31", 12, "2027-01-30", 1, "2026-01-31", "2027-01-30", "2026-07-30", "2026-12-31"),
    ("2026-01-31", 12, "2027-01-31", 2, "2027-01-31", "2028-01-30", "2027-07-30", "2027-12-31"),
    ("2026-01-31", 1, "2026-02-27", 1, "2026-01-31", "2026-02-27", "2026-01-28", "2026-01-28"),
    ("2026-01-31", 1, "2026-02-28", 2, "2026-02-28", "2026-03-30", "2026-02-28", "2026-02-28"),
    ("2026-01-31", 1, "2026-03-31", 3, "2026-03-31", "2026-04-29", "2026-03-30", "2026-03-30"),
    ("2024-02-29", 12, "2025-02-28", 2, "2025-02-28", "2026-02-27", "2025-08-27", "2026-01-28"),
    ("2024-02-29", 12, "2028-02-28", 4, "2027-02-28", "2028-02-28", "2027-08-28", "2028-01-29"),
    ("2024-02-29", 12, "2028-02-29", 5, "2028-02-29", "2029-02-27", "2028-08-27", "2029-01-28"),
    ("2026-09-01", 12, "2026-09-01", 1, "2026-09-01", "2027-08-31", "2027-02-28", "2027-08-01"),
    ("2027-03-01", 12, "2028-02-29", 1, "2027-03-01", "2028-02-29", "2027-08-29", "2028-01-30"),
    ("2026-02-01", 1, "2026-02-15", 1, "2026-02-01", "2026-02-28", "2026-01-29", "2026-01-29"),
    ("2026-01-01", 11, "2026-11-30", 1, "2026-01-01", "2026-11-30", "2026-10-31", "2026-10-31"),
    ("2026-01-01", 24, "2028-01-01", 2, "2028-01-01", "2029-12-31", "2029-06-30", "2029-12-01"),
    ("2026-01-31", 600, "2026-02-01", 1, "2026-01-31", "2076-01-30", "2075-07-30", "2075-12-31"),
    ("9999-01-01", 12, "9999-12-31", 1, "9999-01-01", "9999-12-31", "9999-06-30", "9999-12-01"),
    ("0001-01-01", 12, "0001-01-01", 1, "0001-01-01", "0001-12-31", "0001-06-30", "0001-12-01"),
]


@pytest.mark.parametrize(
    ("start", "months", "asked", "number", "starts_on", "last_day", "notice", "price"), KNOWN
)
def test_a_period_has_its_known_days(
    start: str, months: int, asked: str, number: int, starts_on: str, last_day: str, notice: str, price: str
) -> None:
    term = Term(day(start), months)
    held = period_on(term, day(asked))
    assert held == Period(number, day(starts_on), day(last_day))
    assert last_notice_day(term, held, OURS) == day(notice)
    assert last_price_revision_day(held, OURS) == day(price)


@pytest.mark.parametrize(
    ("start", "months", "asked", "refusal"),
    [
        ("2026-01-31", 12, "2026-01-30", BeforeTheContract),
        ("2026-01-31", 0, "2026-01-31", TermTooShort),
        ("2026-01-31", -12, "2026-01-31", TermTooShort),
        ("9999-01-02", 12, "9999-01-02", BeyondTheCalendar),
        ("2026-01-31", 10**40, "2026-01-31", BeyondTheCalendar),
        ("9998-12-31", 12, "9999-12-31", BeyondTheCalendar),
    ],
)
def test_what_has_no_period_is_refused(start: str, months: int, asked: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        period_on(Term(day(start), months), day(asked))


def test_a_period_with_no_day_for_notice_in_any_calendar_is_refused() -> None:
    term = Term(day("0001-01-01"), 1)
    with pytest.raises(BeyondTheCalendar):
        last_notice_day(term, period(term, 1), (NoticeTerms(12, 6, 31, 30),))


@given(
    st.dates(date(1990, 1, 1), date(2060, 12, 31)),
    st.integers(1, 15),
    st.integers(0, 1500),
)
def test_periods_are_those_that_days_counted_one_by_one_make(start: date, months: int, after: int) -> None:
    term = Term(start, months)
    for number, (first, last) in enumerate(periods_through(start, months, start + timedelta(days=after)), 1):
        assert period(term, number) == Period(number, first, last)
        for asked in (first, last):
            assert period_on(term, asked).number == number
            assert begins_period(term, asked) == (asked == first)


@given(st.dates(date(1, 1, 1), date(9000, 12, 31)), st.integers(1, 600), st.integers(1, 12))
def test_periods_follow_each_other_without_gap(start: date, months: int, number: int) -> None:
    term = Term(start, months)
    earlier, later = period(term, number), period(term, number + 1)
    assert earlier.last_day + timedelta(days=1) == later.starts_on
    assert later.starts_on.day in {start.day, months_later(start, number * months).day}


def test_the_booklets_own_terms() -> None:
    assert notice_terms() == OURS


class TestAnotherBooklet:
    """A publisher's own parameters, dated."""

    @pytest.fixture
    def clauses(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A booklet of one clause file, whose notices are to be written."""
        folder = tmp_path
        root = OWN.read_text("utf-8")
        named = [line for line in root.splitlines() if "clauses/" in line and "15-17" not in line]
        for line in named:
            root = root.replace(f"{line}\n", "")
        (folder / "booklet.yaml").write_text(root, "utf-8")
        (folder / "rulings.yaml").write_text((OWN.parent / "rulings.yaml").read_text("utf-8"), "utf-8")
        (folder / "clauses").mkdir()
        monkeypatch.setenv("LIVRET_BOOKLET", str(folder / "booklet.yaml"))
        return folder / "clauses" / "15-17.yaml"

    def test_each_version_holds_from_its_day(self, clauses: Path) -> None:
        text = (OWN.parent / "clauses/15-17.yaml").read_text("utf-8")
        old = "notice_long_term: {unit: months, versions: [{value: 6}]}"
        new = (
            "notice_long_term: {unit: months, versions: "
            "[{value: 6, valid_to: 2027-01-01}, {value: 3, valid_from: 2027-01-01}]}"
        )
        assert old in text
        clauses.write_text(text.replace(old, new), "utf-8")
        terms = notice_terms()
        assert terms == (OURS[0], NoticeTerms(12, 3, 30, 30, date(2027, 1, 1)))
        assert in_force(terms, date(2026, 12, 31)).long_term_months == 6
        assert in_force(terms, date(2027, 1, 1)).long_term_months == 3

    @pytest.mark.parametrize(
        ("new", "why"),
        [
            ("other: {unit: months, versions: [{value: 6}]}", "lacks the parameter notice_long_term"),
            ("notice_long_term: {unit: calendar days, versions: [{value: 6}]}", "write it in months"),
        ],
    )
    def test_one_that_cannot_be_used_says_why(self, clauses: Path, new: str, why: str) -> None:
        text = (OWN.parent / "clauses/15-17.yaml").read_text("utf-8")
        old = "notice_long_term: {unit: months, versions: [{value: 6}]}"
        clauses.write_text(text.replace(old, new), "utf-8")
        with pytest.raises(BookletUnreadable, match=why):
            notice_terms()


def test_before_the_first_version_the_first_one_holds() -> None:
    terms = (NoticeTerms(12, 6, 30, 30, date(2027, 1, 1)),)
    assert in_force(terms, date(2020, 1, 1)) == terms[0]
