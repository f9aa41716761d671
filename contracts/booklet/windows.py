"""From a calendar's terms to its open windows on the time line, in epoch seconds.

Local times become epoch seconds here and nowhere else, so that a clock change lengthens or shortens the
window in which it falls and disturbs nothing after it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from contracts.booklet.holiday_dates import public_holidays
from contracts.booklet.model import CalendarTerms, HolidayTerms, Span, Timetable

DAY_SECONDS = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = EPOCH.toordinal()
SECOND = timedelta(seconds=1)

Window = tuple[int, int]
"""Opening and closing instants, epoch seconds, the closing one excluded."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some years of a calendar: its windows by opening, and the open days with their closing instants."""

    windows: list[Window]
    days: list[int]
    closings: list[int]


@lru_cache(maxsize=64)
def holidays_of(terms: HolidayTerms, first: int, last: int) -> frozenset[date]:
    """The public holidays of the years `first` to `last`, both included."""
    return public_holidays(terms, range(first, last + 1))


def days_of(first: int, last: int) -> Iterator[date]:
    """Every day of the years `first` to `last`, both included."""
    start = date(first, 1, 1).toordinal()
    return map(date.fromordinal, range(start, date(last, 12, 31).toordinal() + 1))


@lru_cache(maxsize=64)
def midnights(timezone: str, first: int, last: int) -> list[int]:
    """The epoch second of each local midnight of those years, and of the two that follow."""
    zone = ZoneInfo(timezone)
    days = [*days_of(first, last), *list(days_of(last + 1, last + 1))[:2]]
    return [local_second(day, zone) for day in days]


def local_second(day: date, zone: ZoneInfo, seconds: int = 0) -> int:
    """The epoch second of a local time of `day`, `seconds` after midnight by the clock on the wall."""
    local = datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)  # noqa: DTZ001 - gets its zone
    return (local.replace(tzinfo=zone) - EPOCH) // SECOND


def stretch(terms: CalendarTerms, timetable: Timetable, first: int, last: int) -> Stretch:
    """The windows that begin in the years `first` to `last`, both included."""
    dates = holidays_of(timetable.holidays, first, last)
    zone = ZoneInfo(timetable.timezone)
    starts = midnights(timetable.timezone, first, last)
    result = Stretch([], [], [])
    version = terms.versions[0]
    for index, day in enumerate(days_of(first, last)):
        if not version.validity.holds_on(day):
            version = terms.on(day)
        spans = version.spans(day.weekday(), day in dates)
        if not spans:
            continue
        changes = starts[index + 2] - starts[index] != 2 * DAY_SECONDS
        windows = [window(span, day, starts[index], zone if changes else None) for span in spans]
        result.windows.extend(windows)
        result.days.append(day.toordinal())
        result.closings.append(max(closes for _, closes in windows))
    return result


def window(span: Span, day: date, midnight: int, zone: ZoneInfo | None) -> Window:
    """One window of `day`; `zone` is given when the clocks change on it or on the next day."""
    if zone is None:
        return midnight + span.opens, midnight + span.closes
    return local_second(day, zone, span.opens), local_second(day, zone, span.closes)


def merged(windows: Iterable[Window]) -> list[Window]:
    """The windows in order, those that overlap made one; those that only touch stay two."""
    result: list[Window] = []
    for opens, closes in sorted(windows):
        if result and opens < result[-1][1]:
            result[-1] = (result[-1][0], max(closes, result[-1][1]))
        else:
            result.append((opens, closes))
    return result
