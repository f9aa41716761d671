"""The business-time engine: how long a calendar was open, and when it will have been open long enough.

A calendar is a sorted table of open windows with the open seconds through each, searched by bisection: a
deadline or an elapsed time costs the same over an hour or ten years. The table grows by decades as it is
asked for, from 1982 (the first year of the eleven holidays) to 2100. All is computed on epoch seconds, never
on wall-clock differences. An instant is an aware datetime; a fraction of a second counts as the second it
falls in; answers are in UTC, where adding and comparing hold over clock changes. Windows are half-open: at
its closing time a calendar is closed.
"""

from bisect import bisect_left, bisect_right
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from contracts.booklet.loader import booklet_path, load_timetable
from contracts.booklet.model import CalendarTerms, Timetable, Validity, WeekVersion
from contracts.booklet.windows import (
    DAY_SECONDS,
    EPOCH,
    SECOND,
    Stretch,
    Window,
    local_second,
    merged,
    stretch,
)

FIRST_YEAR = 1982
LAST_YEAR = 2100
DECADE = 10
NEAR = 32
UNREACHED = 10**18
"""Follows the last window, so that a bisection may look NEAR windows ahead of any."""
_from_timestamp = datetime.fromtimestamp
NEVER: Window = (-(10**12), -(10**12))
"""An empty window before all others, so that every instant has one at or before it."""


class OutsideCalendar(ValueError):
    """The instant asked for, or the answer, lies outside the years that calendars know."""

    def __init__(self) -> None:
        super().__init__(f"outside the years the calendars know, {FIRST_YEAR} to {LAST_YEAR}")


class DaysNotCounted(ValueError):
    """Days of this calendar are not counted: its windows belong to no working day."""


class Calendar:
    """One calendar of a booklet. Safe to share between threads: a table is replaced whole, never changed."""

    def __init__(self, terms: CalendarTerms, timetable: Timetable) -> None:
        self.terms = terms
        self.zone = ZoneInfo(timetable.timezone)
        self._timetable = timetable
        self._first = local_second(date(FIRST_YEAR, 1, 1), self.zone)
        self._last = local_second(date(LAST_YEAR + 1, 1, 1), self.zone)
        self._table = _Table({})

    def with_only(self, version: WeekVersion) -> "Calendar":
        """The same calendar, that version holding on every day."""
        terms = replace(self.terms, versions=(replace(version, validity=Validity()),))
        return Calendar(terms, self._timetable)

    def is_open(self, instant: datetime) -> bool:
        """Whether the instant lies in an open window."""
        return self.window_of(instant) is not None

    def window_of(self, instant: datetime) -> tuple[datetime, datetime] | None:
        """The open window [opening, closing) that holds the instant; None when closed then."""
        second = self.second(instant)
        table = self._covering(second)
        index = bisect_right(table.opens, second) - 1
        if second >= table.closes[index]:
            return None
        return self.instant(table.opens[index]), self.instant(table.closes[index])

    def next_opening(self, instant: datetime) -> datetime:
        """The first opening at or after the instant. Raises OutsideCalendar when there is none."""
        return self.instant(self._next_opening(self.second(instant)))

    def open_seconds_between(self, start: datetime, end: datetime) -> int:
        """Open seconds in [start, end). Raises ValueError when `end` comes before `start`."""
        to_start, to_end = start - EPOCH, end - EPOCH
        first = to_start.days * DAY_SECONDS + to_start.seconds
        last = to_end.days * DAY_SECONDS + to_end.seconds
        if last < first:
            raise ValueError("the end comes before the start")
        since, until, opens, closes, reached = self._table.search
        if first < since or last >= until:
            self._covering(first)
            _, _, opens, closes, reached = self._covering(last).search
        one = bisect_right(opens, first) - 1
        two = bisect_right(opens, last, one) - 1
        left_one, left_two = closes[one] - first, closes[two] - last
        elapsed = reached[two] - left_two if left_two > 0 else reached[two]
        return elapsed - (reached[one] - left_one if left_one > 0 else reached[one])

    def instant_after(self, start: datetime, open_seconds: int) -> datetime:
        """The earliest instant at which `open_seconds` have been open since `start`.

        A count that ends exactly at a closing time ends then, not at the next opening (R1). Zero gives
        `start` itself when open, else the next opening. Raises ValueError below zero, and OutsideCalendar.
        """
        since_epoch = start - EPOCH
        second = since_epoch.days * DAY_SECONDS + since_epoch.seconds
        if open_seconds <= 0:
            return self.instant(self._after_nothing(second, open_seconds))
        since, until, opens, closes, reached = self._table.search
        if not since <= second < until:
            _, _, opens, closes, reached = self._covering(second).search
        index = bisect_right(opens, second) - 1
        left = closes[index] - second
        target = reached[index] + open_seconds
        if left > 0:
            target -= left
        # Most deadlines are days away, where a bisection among few windows costs half of one among all.
        far = index + NEAR
        found = bisect_left(reached, target, index, far)
        if found == far:
            found = bisect_left(reached, target, far)
        try:
            closing = closes[found]
        except IndexError:
            self._grown(second)
            return self.instant_after(start, open_seconds)
        return _from_timestamp(closing - reached[found] + target, UTC)

    def nth_business_day(self, start: datetime, count: int) -> date:
        """The `count`th open day after the local day of `start`, which does not count, be it open or not.

        Raises ValueError when `count` < 1, DaysNotCounted, and OutsideCalendar.
        """
        table, index = self._nth(start, count)
        return date.fromordinal(table.days[index])

    def closing_of_nth_day(self, start: datetime, count: int) -> datetime:
        """The closing instant of that day (R2). Raises as `nth_business_day` does."""
        table, index = self._nth(start, count)
        return self.instant(table.closings[index])

    def second(self, instant: datetime) -> int:
        """The instant in whole epoch seconds. Raises TypeError when it has no offset."""
        return (instant - EPOCH) // SECOND

    def instant(self, second: int) -> datetime:
        """The epoch second as an instant."""
        return _from_timestamp(second, UTC)

    def _after_nothing(self, start: int, open_seconds: int) -> int:
        if open_seconds < 0:
            raise ValueError("a number of open seconds is not negative")
        table = self._covering(start)
        is_open = start < table.closes[bisect_right(table.opens, start) - 1]
        return start if is_open else self._next_opening(start)

    def _next_opening(self, second: int) -> int:
        table = self._covering(second)
        index = bisect_left(table.opens, second)
        while index == len(table.opens):
            table = self._grown(second)
            index = bisect_left(table.opens, second)
        return table.opens[index]

    def _nth(self, start: datetime, count: int) -> tuple["_Table", int]:
        if count < 1:
            raise ValueError("a number of business days is at least 1")
        if not self.terms.counts_days:
            raise DaysNotCounted(f"days are not counted on {self.terms.name}")
        second = self.second(start)
        table = self._covering(second)
        day = _from_timestamp(second, self.zone).toordinal()
        while (index := bisect_right(table.days, day) + count - 1) >= len(table.days):
            table = self._grown(second)
        return table, index

    def _covering(self, second: int) -> "_Table":
        """A table that holds the windows around that second, a year before and after it at least."""
        table = self._table
        if table.since <= second < table.until:
            return table
        if not self._first <= second < self._last:
            raise OutsideCalendar
        year = _from_timestamp(second, self.zone).year
        wanted = {_decade(year - 1), _decade(min(year + 1, LAST_YEAR))}
        return self._with(wanted)

    def _grown(self, second: int) -> "_Table":
        """A table a decade longer than the present one. Raises OutsideCalendar after the last."""
        following = max(self._covering(second).stretches) + DECADE
        if following > LAST_YEAR:
            raise OutsideCalendar
        return self._with({following})

    def _with(self, decades: set[int]) -> "_Table":
        known = self._table.stretches
        needed = decades | set(known)
        stretches = {
            start: known.get(start) or self._stretch(start)
            for start in range(min(needed), max(needed) + 1, DECADE)
        }
        since = max(self._first, local_second(date(min(stretches) + 1, 1, 1), self.zone))
        until = min(self._last, local_second(date(max(stretches) + DECADE - 1, 1, 1), self.zone))
        if max(stretches) + DECADE > LAST_YEAR:
            until = self._last
        self._table = _Table(stretches, since, until)
        return self._table

    def _stretch(self, start: int) -> Stretch:
        return stretch(self.terms, self._timetable, start, min(start + DECADE - 1, LAST_YEAR))


class _Table:
    """The windows of some decades, joined; `reached` is the open seconds up to the end of each.

    Questions in [since, until) can be answered: at either end a year of windows lies beyond.
    """

    __slots__ = (
        "closes",
        "closings",
        "days",
        "opens",
        "search",
        "since",
        "stretches",
        "until",
    )  # fmt: skip

    def __init__(self, stretches: dict[int, Stretch], since: int = 0, until: int = 0) -> None:
        windows: list[Window] = [NEVER]
        windows += merged(window for start in sorted(stretches) for window in stretches[start].windows)
        self.stretches = stretches
        self.since, self.until = since, until
        self.opens = [opens for opens, _ in windows]
        self.closes = [closes for _, closes in windows]
        reached = list(accumulate(closes - opens for opens, closes in windows))
        self.search = (since, until, self.opens, self.closes, [*reached, *[UNREACHED] * NEAR])
        self.days = [day for start in sorted(stretches) for day in stretches[start].days]
        self.closings = [second for start in sorted(stretches) for second in stretches[start].closings]


def _decade(year: int) -> int:
    return year - year % DECADE


@lru_cache(maxsize=8)
def _calendars(path: str) -> dict[str, Calendar]:
    timetable = load_timetable(path)
    return {name: Calendar(terms, timetable) for name, terms in timetable.calendars.items()}


def calendar(name: str) -> Calendar:
    """The calendar of that name in the booklet in force. Raises LookupError, which names those there are."""
    calendars = _calendars(str(booklet_path()))
    if name not in calendars:
        raise LookupError(f"no calendar {name!r}; there are: {', '.join(calendars)}")
    return calendars[name]


def calendar_frozen_on(name: str, day: date) -> Calendar:
    """The calendar as if its hours of `day` held always: what was promised that day stays promised (R1).

    Raises LookupError, and NotInForce.
    """
    known = calendar(name)
    if len(known.terms.versions) == 1:
        return known
    return _frozen(known, known.terms.on(day))


@lru_cache(maxsize=64)
def _frozen(known: Calendar, version: WeekVersion) -> Calendar:
    return known.with_only(version)
