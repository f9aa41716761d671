"""How an event log from elsewhere is read: its columns, its instants, and what its activities stand for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from contracts.booklet.hours import FIRST_YEAR, LAST_YEAR
from contracts.booklet.instants import InstantUnreadable, read_instant
from services.ticketing.model.replay import Deed, LogEvent

_SLASHED = re.compile(r"(\d{4})/(\d{2})/(\d{2})(?=[ T])")

HELPDESK: Mapping[str, Deed] = {
    "Insert ticket": Deed.register,
    "Take in charge ticket": Deed.take_in_charge,
    "Wait": Deed.begin_wait,
    "Closed": Deed.close,
}
"""The activities of a help desk's log that are acts of the contract. It says of no anomaly how grave it is,
so that resolving one stands for nothing by itself: it only ends a wait, as whatever happens next does."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the three columns that count."""

    case: str = "Case ID"
    activity: str = "Activity"
    time: str = "Complete Timestamp"


class LogUnreadable(ValueError):
    """Nothing of the log can be read; the message says why."""


class LineUnreadable(ValueError):
    """One line says no event; the message says why."""


class Reader:
    """The events of a log, line by line, in its own order."""

    def __init__(self, headings: Sequence[str], columns: Columns, zone: ZoneInfo) -> None:
        """Raises LogUnreadable for a log without one of the columns."""
        self._places = tuple(
            _place(headings, name) for name in (columns.case, columns.activity, columns.time)
        )
        self._zone = zone

    def event(self, number: int, cells: Sequence[str]) -> LogEvent:
        """The event of a line; an instant without an offset is local time. Raises LineUnreadable."""
        if len(cells) <= max(self._places):
            raise LineUnreadable(f"it has {len(cells)} cells")
        case, activity, time = (cells[place].strip() for place in self._places)
        if not case or not activity:
            raise LineUnreadable("it names no case, or no activity")
        try:
            at = read_instant(_SLASHED.sub(r"\1-\2-\3", time), self._zone)
        except InstantUnreadable as error:
            raise LineUnreadable(str(error)) from None
        if not FIRST_YEAR < at.year < LAST_YEAR:
            raise LineUnreadable(f"{time!r} lies outside the years between {FIRST_YEAR} and {LAST_YEAR}")
        return LogEvent(number, case, activity, at)


def _place(headings: Sequence[str], name: str) -> int:
    if name not in headings:
        raise LogUnreadable(f"the log has no column {name!r}; it has: {', '.join(headings)}")
    return headings.index(name)


def in_order(events: Iterable[LogEvent]) -> list[LogEvent]:
    """By time; those of one instant as the log has them."""
    return sorted(events, key=lambda event: event.at)


def ends_wait(deed: Deed) -> bool:
    """Whatever happens to a case that waited for its customer shows that it waits no longer; another wait, or
    a wait's own end, does not.
    """
    return deed not in (Deed.begin_wait, Deed.end_wait)
