"""Instants as text: ISO 8601 in, with the booklet's local time where no offset is given."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

INSTANT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})[Tt ]"
    r"(?P<time>[0-2][0-9](:?[0-5][0-9](:?[0-5][0-9]([.,][0-9]{1,9})?)?)?)"
    r"(?P<offset>[Zz]|[+-][0-2][0-9](:?[0-5][0-9])?)?",
    re.ASCII,
)

UTC = ZoneInfo("UTC")
FIRST = datetime(1, 1, 2, tzinfo=UTC)
LAST = datetime(9999, 12, 31, tzinfo=UTC)
"""Between these an instant has a local time in every zone."""


class InstantUnreadable(ValueError):
    """The text names no instant, or two; the message says which and what to write."""


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """The aware datetime that `text` names; without an offset it is local time of `zone`.

    Raises InstantUnreadable, also for a local time that a clock change leaves out or repeats, and within a
    day of the first and of the last that there is.
    """
    instant = _named(text, zone)
    if not FIRST <= instant < LAST:
        raise InstantUnreadable(f"{_shown(text)} is not an instant: it is outside the years of all calendars")
    return instant


def read_exact_instant(text: str) -> datetime:
    """The aware datetime that `text` names by its own offset. Raises InstantUnreadable, also without one."""
    return read_instant(_with_offset(text), UTC)


def read_bound(text: str) -> datetime:
    """As `read_exact_instant`, for the bound of an interval: any instant that there is, one without a local
    time too, so that 9999-12-31T23:59:59Z may stand for no end.
    """
    return _named(_with_offset(text), UTC)


def _with_offset(text: str) -> str:
    found = INSTANT.fullmatch(text)
    if found is not None and found["offset"] is None:
        raise InstantUnreadable(f"{_shown(text)} has no offset; write one, as 2026-03-27T16:00:00+01:00")
    return text


def _named(text: str, zone: ZoneInfo) -> datetime:
    found = INSTANT.fullmatch(text)
    if found is None:
        raise InstantUnreadable(
            f"{_shown(text)} is not an ISO 8601 instant; write a date and a time, as 2026-03-27T16:00"
        )
    try:
        instant = datetime.fromisoformat(f"{found['day']}T{found['time']}{found['offset'] or ''}".upper())
    except ValueError as error:
        raise InstantUnreadable(f"{_shown(text)} is not an instant: {error}") from None
    return instant if instant.tzinfo else _local(instant, zone)


def _local(naive: datetime, zone: ZoneInfo) -> datetime:
    earlier, later = naive.replace(tzinfo=zone), naive.replace(tzinfo=zone, fold=1)
    before, after = earlier.utcoffset(), later.utcoffset()
    if before is None or after is None or before == after:
        return earlier
    if before > after:
        raise InstantUnreadable(
            f"{naive.isoformat()} is ambiguous in {zone.key}: the clocks go back and it comes twice; give an"
            f" offset, {earlier.isoformat()[-6:]} or {later.isoformat()[-6:]}"
        )
    raise InstantUnreadable(
        f"{naive.isoformat()} does not exist in {zone.key}: the clocks go forward over it; give an offset"
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
