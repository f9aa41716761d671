"""Terms as somebody with a wall calendar would work them out: day by day, nothing computed (article 16, R12).

The oracle for `services.tenancy.rules`: slow, obvious, and sharing no code with it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

ONE = timedelta(days=1)


def periods_through(start: date, months: int, through: date) -> list[tuple[date, date]]:
    """First and last day of every period that has ended by that day: walked from the start."""
    starts, probe = [start], start
    while probe <= through:
        probe += ONE
        passed = (probe.year - start.year) * 12 + probe.month - start.month
        ends_its_month = (probe + ONE).month != probe.month
        anniversary = probe.day == start.day or (ends_its_month and probe.day < start.day)
        if passed % months == 0 and anniversary:
            starts.append(probe)
    return [(first, after - ONE) for first, after in pairwise(starts)]


def months_back(last: date, months: int) -> date:
    """Back over so many ends of a month, then to the same day, or that month's last."""
    probe, crossed = last, 0
    while crossed < months:
        probe -= ONE
        crossed += (probe + ONE).month != probe.month
    while probe.day > last.day:
        probe -= ONE
    return probe


def days_run_in_full(posted: date, last: date, days: int) -> bool:
    """Whether so many whole days lie after the day of posting, the period's last among them."""
    return sum(1 for _ in range((last - posted).days)) >= days if last > posted else days == 0


@dataclass
class Wall:
    """One contract on the wall: its periods, who gave notice when, what prices were announced for."""

    start: date
    months: int
    through: date
    notices: dict[str, date] = field(default_factory=dict)
    """By party, the day on which its standing letter was posted."""
    announced: set[date] = field(default_factory=set)
    promotions: list[tuple[date, date]] = field(default_factory=list)
    trial_ended_on: date | None = None
    periods: list[tuple[date, date]] = field(init=False)

    def __post_init__(self) -> None:
        self.periods = periods_through(self.start, self.months, self.through)

    def in_time(self, posted: date, last: date) -> bool:
        """Whether a letter of that day stops the renewal after the period that ends so."""
        if self.months >= 12:
            return posted <= months_back(last, 6)
        return days_run_in_full(posted, last, 30)

    def number_on(self, day: date) -> int:
        """The period that holds the day, the first before all."""
        return next((n for n, (first, last) in enumerate(self.periods) if first <= day <= last), 0)

    def reached(self, posted: date) -> int:
        """The first period, from the one it is posted in, that a letter of that day ends."""
        number = self.number_on(posted)
        while not self.in_time(posted, self.periods[number][1]):
            number += 1
        return number

    def last_day(self) -> date | None:
        """With which day it ends: at each period's end somebody looks whether a letter stops the renewal."""
        letters = [(posted, self.number_on(posted)) for posted in self.notices.values()]
        for number, (_, last) in enumerate(self.periods):
            if any(number >= since and self.in_time(posted, last) for posted, since in letters):
                return last
        return None

    def over(self, today: date) -> bool:
        """Whether its last day has passed."""
        last = self.last_day()
        return last is not None and last < today

    def renewed(self, today: date) -> int:
        """How many renewals there were by today."""
        stop = self.last_day()
        begun = [first for first, _ in self.periods[1:] if first <= today]
        return sum(1 for first in begun if stop is None or first <= stop)

    def price_refused(self, notified: date, effective: date | None) -> str | None:
        """Which refusal a price revision meets, if any."""
        target = self.periods[self.number_on(notified) + 1][0] if effective is None else effective
        firsts = [first for first, _ in self.periods]
        if target not in firsts[1:]:
            return "not-a-renewal"
        _, last = self.periods[firsts.index(target) - 1]
        if not days_run_in_full(notified, last, 30):
            return "price-revision-too-late"
        stop = self.last_day()
        if stop is not None and target > stop:
            return "no-such-renewal"
        if self.trial_ended_on is None or notified < self.trial_ended_on:
            return "price-revision-in-trial"
        if any(first <= day <= last for first, last in self.promotions for day in (notified, target)):
            return "price-revision-in-promotion"
        return "price-revised-already" if target in self.announced else None

    def price_since(self, number: int) -> date | None:
        """From when the price of a period holds; None for the first price."""
        return max((day for day in self.announced if day <= self.periods[number][0]), default=None)
