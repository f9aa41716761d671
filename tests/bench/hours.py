"""Business time against `businesstimedelta`, in one run: `python -m tests.bench.hours`.

Both answer the same questions about the support hours of plan `open`, and must agree before they are timed. A
figure is the best of several rounds, the two taken in turn, so that a busy machine disturbs the ratio little.
The calendar's decades are loaded beforehand, as in a process that runs; that cost is printed by itself.
"""

import sys
import time
import timeit
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from functools import partial
from operator import add
from typing import Any

import businesstimedelta
import pytz
from holidays import country_holidays

from contracts.booklet.hours import Calendar, calendar
from contracts.booklet.loader import load_timetable

ROUNDS = 9
START = datetime(2026, 3, 27, 15, tzinfo=UTC)
YEAR = timedelta(days=365)
LIMITS = (8, 12)
"""The contract's limits to take charge and to plan a correction (13.2-e, 13.3-b)."""
DEADLINE_AIM, ELAPSED_AIM = 500, 50_000
SPANS = {"1 hour": timedelta(hours=1), "1 day": timedelta(days=1), "1 month": timedelta(days=30),
         "1 year": YEAR, "10 years": 10 * YEAR}  # fmt: skip


def reference_rules() -> Any:
    """The same hours, as `businesstimedelta` has them."""
    paris = pytz.timezone("Europe/Paris")
    days = country_holidays("FR", years=range(2026, 2038))
    windows = [
        ((9, 0), (12, 30), [0, 1, 2, 3, 4]),
        ((14, 30), (17, 30), [0, 1, 2, 3]),
        ((14, 30), (17, 0), [4]),
    ]
    return businesstimedelta.Rules(
        [
            businesstimedelta.WorkDayRule(
                start_time=clock_time(*opens), end_time=clock_time(*closes), working_days=weekdays, tz=paris
            )
            for opens, closes, weekdays in windows
        ]
        + [businesstimedelta.HolidayRule(days, tz=paris)]
    )


def best_of(call: Callable[[], object], batches: int = 40, seconds: float = 0.005) -> float:
    """Seconds that one call takes in the fastest of many short batches."""
    timer = timeit.Timer(call)
    number = max(1, int(seconds / max(timer.timeit(1), 1e-7)))
    return min(timer.timeit(number) for _ in range(batches)) / number


def in_turn(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """The best time of each, measured in turn."""
    pairs = [(best_of(ours, 10), best_of(theirs, 3)) for _ in range(ROUNDS)]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


def comparison(name: str, aim: int, ours: Callable[[], object], theirs: Callable[[], object]) -> str:
    """A line with both times, their ratio and what was aimed at."""
    mine, other = in_turn(ours, theirs)
    return (
        f"{name:<28} {mine * 1e6:>10.2f} µs {other * 1e6:>14.1f} µs {other / mine:>10,.0f} x  (aim {aim:,} x)"
    )


def compared(support: Calendar) -> Iterator[str]:
    """Deadline and one-year elapsed against `businesstimedelta`."""
    rules = reference_rules()
    start, end = (instant.astimezone(pytz.timezone("Europe/Paris")) for instant in (START, START + YEAR))
    elapsed = rules.difference(start, end)
    if elapsed.hours * 3600 + elapsed.seconds != support.open_seconds_between(START, START + YEAR):
        raise AssertionError("the two do not agree on the elapsed time")
    yield f"{'':<28} {'livret':>13} {'businesstimedelta':>17} {'ratio':>11}"
    for limit in LIMITS:
        hours = businesstimedelta.BusinessTimeDelta(rules, hours=limit)
        if start + hours != support.instant_after(START, limit * 3600):
            raise AssertionError("the two do not agree on the deadline")
        yield comparison(
            f"deadline, {limit} business hours",
            DEADLINE_AIM,
            partial(support.instant_after, START, limit * 3600),
            partial(add, start, hours),
        )
    yield comparison(
        "elapsed, one year",
        ELAPSED_AIM,
        partial(support.open_seconds_between, START, START + YEAR),
        partial(rules.difference, start, end),
    )


def flatness(support: Calendar) -> Iterator[str]:
    """The cost of both questions from an hour to ten years."""
    yield f"{'span':<28} {'deadline':>13} {'elapsed':>17}"
    deadlines, elapsed = [], []
    for name, span in SPANS.items():
        end = START + span
        open_seconds = support.open_seconds_between(START, end)
        deadlines.append(best_of(partial(support.instant_after, START, open_seconds)))
        elapsed.append(best_of(partial(support.open_seconds_between, START, end)))
        yield f"{name:<28} {deadlines[-1] * 1e6:>10.2f} µs {elapsed[-1] * 1e6:>14.2f} µs"
    deadline_growth, elapsed_growth = deadlines[-1] / deadlines[0], elapsed[-1] / elapsed[0]
    yield f"{'10 years / 1 hour':<28} {deadline_growth:>10.2f} x  {elapsed_growth:>14.2f} x"


def loading() -> Iterator[str]:
    """What the first question of a process pays once."""
    timetable = load_timetable()
    begun = time.perf_counter()
    Calendar(timetable.calendars["support.open"], timetable).instant_after(START, 8 * 3600)
    yield f"{'first question, its decade':<28} {(time.perf_counter() - begun) * 1e3:>10.1f} ms"


def main() -> int:
    """Prints the figures."""
    first = list(loading())
    support = calendar("support.open")
    support.open_seconds_between(START, START + 10 * YEAR)
    for lines in (compared(support), flatness(support), first):
        for line in lines:
            sys.stdout.write(f"{line}\n")
        sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
