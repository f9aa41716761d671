"""Business time the slow, obvious way: every step is looked at, from what the contract's prose says.

Written from the text alone: it shares neither data nor code with the engine it judges.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from dateutil.easter import easter  # type: ignore[import-untyped]

PARIS = ZoneInfo("Europe/Paris")
FIXED = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}


@cache
def is_holiday(day: date) -> bool:
    """New Year, Labour Day, 8 May, 14 July, Assumption, All Saints, 11 November, Christmas; Easter Monday,
    Ascension, Whit Monday.
    """
    return (day.month, day.day) in FIXED or (day - easter(day.year)).days in (1, 39, 50)


def is_business_day(day: date) -> bool:
    """Monday to Friday and no public holiday."""
    return day.weekday() <= 4 and not is_holiday(day)


def support_open(day: date, minute: int) -> bool:
    """Monday to Thursday 9:00-12:30 and 14:30-17:30, Friday until 17:00."""
    evening = 17 * 60 if day.weekday() == 4 else 17 * 60 + 30
    return is_business_day(day) and (540 <= minute < 750 or 870 <= minute < evening)


def support_private(day: date, minute: int) -> bool:
    """Monday to Thursday 9:00-18:00, Friday 9:00-17:00."""
    return is_business_day(day) and 540 <= minute < (1020 if day.weekday() == 4 else 1080)


def reference_period(day: date, minute: int) -> bool:
    """Monday to Friday 7:00-20:00, public holidays excluded."""
    return is_business_day(day) and 420 <= minute < 1200


def maintenance_window(day: date, minute: int) -> bool:
    """Every night 20:00-07:00, every Sunday, every public holiday."""
    return minute >= 1200 or minute < 420 or day.weekday() == 6 or is_holiday(day)


def planned_maintenance(day: date, minute: int) -> bool:
    """Between 20:00 and 07:00, and at any time on Saturdays, Sundays and public holidays."""
    return maintenance_window(day, minute) or day.weekday() == 5


def blocking_work(day: date, minute: int) -> bool:
    """As planned maintenance, on weekday evenings from 22:00 only."""
    weekend_or_holiday = day.weekday() >= 5 or is_holiday(day)
    return planned_maintenance(day, minute) and (weekend_or_holiday or not 1200 <= minute < 1320)


def business_days(day: date, minute: int) -> bool:
    """The whole of a business day."""
    return is_business_day(day)


def harmony_advisers(day: date, minute: int) -> bool:
    """Monday to Friday 9:00-18:00."""
    return day.weekday() <= 4 and 540 <= minute < 1080


OPEN: dict[str, Callable[[date, int], bool]] = {
    "support.open": support_open,
    "support.private": support_private,
    "reference_period": reference_period,
    "maintenance_window": maintenance_window,
    "planned_maintenance": planned_maintenance,
    "blocking_work": blocking_work,
    "business_days": business_days,
    "harmony_advisers": harmony_advisers,
}
CLOSING = {"reference_period": 20, "support.private": 18, "harmony_advisers": 18, "business_days": 24}


def is_open(name: str, second: int) -> bool:
    """Whether the calendar is open in that epoch second."""
    local = datetime.fromtimestamp(second, PARIS)
    return OPEN[name](local.date(), local.hour * 60 + local.minute)


def open_seconds(name: str, first: int, last: int, step: int = 1) -> int:
    """Open seconds in [first, last), looking every `step` seconds; both must be multiples of it."""
    return sum(step for second in range(first, last, step) if is_open(name, second))


def second_after(name: str, start: int, seconds: int, step: int = 1) -> int:
    """The earliest second at which `seconds` were open since `start`; of zero, the first open second."""
    second, counted = start, 0
    while counted < seconds or (seconds == 0 and not is_open(name, second)):
        counted += step if is_open(name, second) else 0
        second += step
    return second


def closing_of_nth_day(name: str, start: int, count: int) -> datetime:
    """The closing of the `count`th open day after the local day of `start`."""
    day = datetime.fromtimestamp(start, PARIS).date()
    while count:
        day += timedelta(days=1)
        opens = day.weekday() <= 4 if name == "harmony_advisers" else is_business_day(day)
        count -= opens
    return closing(name, day)


def closing(name: str, day: date) -> datetime:
    """When that day closes, local time."""
    if name == "support.open":
        hour, minute = (17, 0) if day.weekday() == 4 else (17, 30)
    else:
        hour, minute = CLOSING[name], 0
    if name == "support.private" and day.weekday() == 4:
        hour = 17
    if hour == 24:
        day, hour = day + timedelta(days=1), 0
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS).astimezone(UTC)
