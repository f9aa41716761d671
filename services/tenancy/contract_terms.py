"""What the booklet in force says of terms: how long before an end a notice is posted, in which time zone."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from contracts.booklet.loader import booklet_path, load_clauses, load_timetable
from contracts.booklet.model import Clause, Parameter
from contracts.booklet.reading import BookletUnreadable
from services.tenancy.contract_model import NoticeTerms

_PARAMETERS = (
    ("16-c", "long_term_from", "months"),
    ("16-c", "notice_long_term", "months"),
    ("16-c", "notice_short_term", "calendar days"),
    ("16-b", "notice", "calendar days"),
)


def notice_terms() -> tuple[NoticeTerms, ...]:
    """The notices of 16-b and 16-c, each version from its day on. Raises BookletUnreadable."""
    return _notice_terms(booklet_path())


def day_of(instant: datetime) -> date:
    """The calendar day of an instant, in the booklet's time zone."""
    return instant.astimezone(_zone(booklet_path())).date()


def begins_at(day: date) -> datetime:
    """The first instant of a calendar day in the booklet's time zone, in UTC."""
    return datetime.combine(day, time(), _zone(booklet_path())).astimezone(UTC)


@lru_cache(maxsize=8)
def _notice_terms(path: Path) -> tuple[NoticeTerms, ...]:
    clauses = load_clauses(path)
    found = [_parameter(clauses, path, *named) for named in _PARAMETERS]
    days = {version.validity.valid_from for each in found for version in each.versions}
    return tuple(_on(found, day) for day in sorted(days, key=lambda day: day or date.min))


def _parameter(clauses: dict[str, Clause], path: Path, clause: str, name: str, unit: str) -> Parameter:
    try:
        parameter = clauses[clause].parameter(name)
    except LookupError:
        raise BookletUnreadable(f"{path}: clause {clause} lacks the parameter {name}; add it") from None
    if parameter.unit != unit:
        raise BookletUnreadable(f"{path}: {clause} {name} is in {parameter.unit}; write it in {unit}")
    return parameter


def _on(parameters: list[Parameter], day: date | None) -> NoticeTerms:
    """The values of a day; of one before a parameter's first version, that version."""
    long_from, long_term, short_term, price = (_value(each, day or date.min) for each in parameters)
    return NoticeTerms(long_from, long_term, short_term, price, valid_from=day)


def _value(parameter: Parameter, day: date) -> int:
    first, *_ = parameter.versions
    begun = first.validity.valid_from is None or first.validity.valid_from <= day
    value: int = parameter.on(day) if begun else first.value
    return value


@lru_cache(maxsize=8)
def _zone(path: Path) -> ZoneInfo:
    return ZoneInfo(load_timetable(path).timezone)
