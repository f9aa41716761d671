"""Reads the time part of a booklet: time zone, holidays and calendars. Strict: what is unclear is refused."""

import re
from collections.abc import Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from contracts.booklet.model import (
    WEEKDAYS,
    CalendarTerms,
    HolidayTerms,
    Span,
    Timetable,
    Validity,
    WeekVersion,
)
from contracts.booklet.reading import Fields, Node

CLAUSE_ID = r"[0-9]{1,2}(\.[0-9]{1,2})?-[a-z]"
CLAUSE_REMEDY = "write an article and a letter, as 13.2-f"
DAY_SECONDS = 86_400
CHANGING_HOUR = (2 * 3600, 3 * 3600)
WINDOW = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)


def read_timetable(timezone: Node, holidays: Node, calendars: Node) -> Timetable:
    """The timetable of three parts of a booklet. Raises BookletUnreadable."""
    return Timetable(
        timezone=_timezone(timezone),
        holidays=_holidays(holidays),
        calendars={name: _calendar(name, node) for name, node in calendars.children().items()},
    )


def read_validity(fields: Fields) -> Validity:
    """The days on which a version holds; each bound may be left out."""
    start, end = fields.find("valid_from"), fields.find("valid_to")
    validity = Validity(start.day() if start else None, end.day() if end else None)
    if start and end and end.value <= start.value:
        end.refuse(
            f"{end.value} is not after valid_from", "valid_to is the first day on which it no longer holds"
        )
    return validity


def check_succession(validities: Sequence[Validity], node: Node) -> None:
    """Refuses versions that leave days out between them, or overlap."""
    for earlier, later in pairwise(validities):
        if earlier.valid_to is None or earlier.valid_to != later.valid_from:
            node.refuse(
                f"a version until {earlier.valid_to} is followed by one from {later.valid_from}",
                "write them in order, each valid_from the valid_to before it",
            )


def _timezone(node: Node) -> str:
    name = node.text()
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        node.refuse(f"{name!r} is no time zone", "write one of the IANA database, as Europe/Paris")
    return name


def _holidays(node: Node) -> HolidayTerms:
    fields = node.fields("country", "days_after_easter")
    country = fields["country"].text(r"[A-Z]{2}", "write an ISO 3166 code, as FR")
    # Loaded only here: most of a booklet can be read without this package.
    from holidays import country_holidays

    try:
        country_holidays(country)
    except NotImplementedError:
        fields["country"].refuse(f"no holidays are known for {country}", "write another ISO 3166 code")
    added = fields.find("days_after_easter")
    return HolidayTerms(country, tuple(_days(item) for item in added.items()) if added else ())


def _days(node: Node) -> int:
    number = node.number()
    if not isinstance(number, int) or not -100 <= number <= 100:
        node.refuse(f"{number} is not a distance from Easter", "write whole days between -100 and 100")
    return number


def _calendar(name: str, node: Node) -> CalendarTerms:
    fields = node.fields("clause counts_days versions")
    nodes = fields["versions"].items()
    versions = tuple(_week(item) for item in nodes)
    bounds = [version.validity for version in versions]
    check_succession(bounds, fields["versions"])
    if not bounds or bounds[0].valid_from or bounds[-1].valid_to:
        fields["versions"].refuse(
            "does not say what holds on every day",
            "let the first have no valid_from and the last no valid_to",
        )
    clause = fields["clause"].text(CLAUSE_ID, CLAUSE_REMEDY)
    return CalendarTerms(name, clause, fields["counts_days"].flag(), versions)


def _week(node: Node) -> WeekVersion:
    fields = node.fields("public_holiday", f"{' '.join(WEEKDAYS)} valid_from valid_to")
    holiday = fields["public_holiday"]
    return WeekVersion(
        validity=read_validity(fields),
        weekdays=tuple(_spans(fields.find(day)) for day in WEEKDAYS),
        holiday=None if holiday.value == "as_usual" else _spans(holiday),
    )


def _spans(node: Node | None) -> tuple[Span, ...]:
    return tuple(_span(item) for item in node.items()) if node else ()


def _span(node: Node) -> Span:
    found = WINDOW.fullmatch(node.text())
    if not found:
        node.refuse(f"{node.value!r} is not a window", 'write opening and closing, as "09:00-12:30"')
    hours, minutes, to_hours, to_minutes = map(int, found.groups())
    opens, closes = hours * 3600 + minutes * 60, to_hours * 3600 + to_minutes * 60
    if closes > DAY_SECONDS or opens == closes:
        node.refuse(f"{node.value!r} has no clear length", 'a whole day is "00:00-24:00"')
    low, high = CHANGING_HOUR
    if low < opens < high or low < closes < high:
        node.refuse(
            f"{node.value!r} opens or closes in an hour that a clock change leaves out or repeats",
            "choose 02:00 or 03:00, or an edge outside",
        )
    return Span(opens, closes if closes > opens else closes + DAY_SECONDS)
