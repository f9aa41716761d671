"""Cron lines, in Paris time: `minute hour day-of-month month day-of-week`. Pure.

A field is `*`, a number, a list `1,15`, a range `1-5`, or a step `*/10`; Sunday is 0 or 7. As in cron, when
both days are restricted either of them is enough. A local time that the clock change leaves out is taken an
hour later; one that comes twice is taken once, the first time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_PART = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")
_HORIZON_DAYS = 4 * 366 + 1


@dataclass(frozen=True, slots=True)
class Cron:
    """When something is due, by the calendar."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    @classmethod
    def parse(cls, line: str) -> Self:
        """Reads a line of five fields. Raises ValueError."""
        fields = line.split()
        if len(fields) != len(_RANGES):
            raise ValueError(f"a cron line has five fields: {line!r}")
        minutes, hours, days, months, weekdays = (
            _values(field, low, high) for field, (low, high) in zip(fields, _RANGES, strict=True)
        )
        either = not fields[2].startswith("*") and not fields[4].startswith("*")
        return cls(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either)

    def next_after(self, instant: datetime) -> datetime:
        """The first due instant after `instant`, UTC. ValueError when there is none in four years."""
        first = instant.astimezone(PARIS).date()
        for days in range(_HORIZON_DAYS):
            if self._falls_on(day := first + timedelta(days=days)):
                for due in self._instants(day):
                    if due > instant:
                        return due
        raise ValueError("this cron line is never due")

    def _falls_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_month or by_week if self.either_day else by_month and by_week

    def _instants(self, day: date) -> list[datetime]:
        local = (
            datetime.combine(day, time(hour, minute), PARIS)
            for hour in sorted(self.hours)
            for minute in sorted(self.minutes)
        )
        return sorted({each.astimezone(UTC) for each in local})


def _values(field: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"not a field of a cron line: {field!r}")
        begin, end, step = match.groups()
        first = int(begin) if begin else low
        last = int(end) if end else (first if begin and not step else high)
        if not low <= first <= last <= high or (step and int(step) == 0):
            raise ValueError(f"{part!r} is not within {low}-{high}")
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)
