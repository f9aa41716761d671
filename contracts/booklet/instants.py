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
    found = INSTANT.fullmatch(text)
    if found is None:
        raise InstantUnreadable(
            f"{_shown(text)} is not an ISO 8601 instant; write a date and a time, as 2026-03-27T16:00"
        )
    try:
        instant = datetime.fromisoformat(f"{found['day']}T{found['time']}{found['offset'] or ''}".upper())
    except ValueError as error:
        raise InstantUnreadable(f"{_shown(text)} is not an instant: {error}") from None
    exact = instant if instant.tzinfo else _local(instant, zone)
    if not FIRST <= exact < LAST:
        raise InstantUnreadable(f"{_shown(text)} is not an instant: its year is beyond all calendars")
    return exact


def read_exact_instant(text: str) -> datetime:
    """The aware datetime that `text` names by its own offset. Raises InstantUnreadable, also without one."""
    found = INSTANT.fullmatch(text)
    if found is not None and found["offset"] is None:
        raise InstantUnreadable(f"{_shown(text)} has no offset; write one, as 2026-03-27T16:00:00+01:00")
    return read_instant(text, UTC)


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
