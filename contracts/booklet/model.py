"""The booklet's frozen values: parameters with their validity, calendars, clauses and worked cases.

Nothing here reads a file (`loader.py`) or counts time (`hours.py`).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class NotInForce(LookupError):
    """No version of a parameter or calendar holds on that day."""


@dataclass(frozen=True, slots=True)
class Validity:
    """The days [valid_from, valid_to) on which a version holds; None is without bound."""

    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether `day` lies within."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class ParameterVersion:
    """One value of a parameter and the days on which it holds."""

    value: Any
    validity: Validity


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure or a list of a clause, in `unit`; its versions follow each other without overlap."""

    name: str
    unit: str
    versions: tuple[ParameterVersion, ...]

    def on(self, day: date) -> Any:
        """The value in force on `day`. Raises NotInForce."""
        for version in self.versions:
            if version.validity.holds_on(day):
                return version.value
        raise NotInForce(f"parameter {self.name} has no value on {day.isoformat()}")


class Status(StrEnum):
    """`kept`: a rule decides the clause. `open`: the service that will keep it is not there yet."""

    kept = "kept"
    open = "open"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the contract's text leaves open, and how the product settles it."""

    id: str
    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause. `rules` are `module:function` names, imported by whoever runs the cases, never here."""

    id: str
    article: str
    title: str
    sentence: str
    services: tuple[str, ...]
    status: Status
    rules: tuple[str, ...] = ()
    rulings: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    calendars: tuple[str, ...] = ()

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name. Raises LookupError."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise LookupError(f"clause {self.id} has no parameter {name}")


class Verdict(StrEnum):
    """Whether the case respects its clause or breaks it."""

    kept = "kept"
    broken = "broken"


@dataclass(frozen=True, slots=True)
class Case:
    """A worked case: `rule` called with `arguments` gives `returns`, or raises the refusal `refused`.

    `file` and `name` tell a reader where it stands. `expects_value` tells a returned None from no
    expectation.
    """

    clause: str
    name: str
    verdict: Verdict
    rule: str
    arguments: dict[str, Any]
    file: str
    refused: str | None = None
    returns: Any = None
    expects_value: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Local opening and closing, in seconds from the day's midnight; past 86,400 it is the next day."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class WeekVersion:
    """The windows that begin on each weekday (Monday first), those of a holiday, and when this holds.

    `holiday` None: a public holiday is a day like any other.
    """

    validity: Validity
    weekdays: tuple[tuple[Span, ...], ...]
    holiday: tuple[Span, ...] | None

    def spans(self, weekday: int, on_holiday: bool) -> tuple[Span, ...]:
        """The windows that begin on such a day."""
        if on_holiday and self.holiday is not None:
            return self.holiday
        return self.weekdays[weekday]


@dataclass(frozen=True, slots=True)
class CalendarTerms:
    """What a calendar opens. `counts_days` tells whether its days may be counted (the nth business day)."""

    name: str
    clause: str
    counts_days: bool
    versions: tuple[WeekVersion, ...]

    def on(self, day: date) -> WeekVersion:
        """The version in force on `day`; the loader has seen to it that there is one for every day."""
        for version in self.versions:
            if version.validity.holds_on(day):
                return version
        raise NotInForce(f"calendar {self.name} says nothing of {day.isoformat()}")


@dataclass(frozen=True, slots=True)
class HolidayTerms:
    """Whose public holidays count: a country's, and those named by their distance from Easter Sunday."""

    country: str
    days_after_easter: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Timetable:
    """All that business time needs of a booklet."""

    timezone: str
    holidays: HolidayTerms
    calendars: dict[str, CalendarTerms]


@dataclass(frozen=True, slots=True)
class Booklet:
    """A publisher's whole booklet."""

    publisher: str
    timetable: Timetable
    clauses: dict[str, Clause]
    rulings: dict[str, Ruling]
    cases: tuple[Case, ...]

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id. Raises LookupError."""
        if clause_id not in self.clauses:
            raise LookupError(f"the booklet has no clause {clause_id}")
        return self.clauses[clause_id]
