"""A contract lived through, letters, withdrawals, prices and days in any order, beside a wall calendar."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chassis.refusals import Refusal
from services.tenancy.contract_model import (
    Contract,
    ContractState,
    Notice,
    NoticeTerms,
    Party,
    Period,
    PriceRevision,
    Promotion,
    Term,
)
from services.tenancy.rules import contracts as rules
from services.tenancy.rules.terms import last_notice_day, last_price_revision_day, period
from services.tenancy.rules.timeline import timeline
from tests.unit.tenancy.naive_terms import Wall

TERMS = (NoticeTerms(12, 6, 30, 30),)
PARTIES = st.sampled_from(list(Party))
YEARS = timedelta(days=366 * 4)
ROOM = timedelta(days=366 * 9)
"""The wall calendar goes so much further than the days that are lived: room for late notices."""


def refused(decide: Callable[[], object]) -> str | None:
    """The slug of the refusal that a rule raises; None when it lets it be."""
    try:
        decide()
    except Refusal as refusal:
        return refusal.slug
    return None


class Lived(RuleBasedStateMachine):
    """What the rules make of a contract, and what the wall says."""

    contract: Contract
    wall: Wall
    today: date
    said: list[int]

    @initialize(
        start=st.dates(date(1999, 1, 1), date(2030, 12, 31)),
        months=st.sampled_from([1, 2, 3, 6, 11, 12, 13, 24]),
        ahead=st.integers(0, 40),
        in_trial=st.booleans(),
    )
    def sign(self, start: date, months: int, ahead: int, in_trial: bool) -> None:
        """A contract begins today, or soon; with a demonstration or without."""
        tried = None if in_trial else start
        self.contract = Contract(Term(start, months), trial_ended_on=tried)
        self.wall = Wall(start, months, start + YEARS + ROOM, trial_ended_on=tried)
        self.today = start - timedelta(days=ahead)
        self.said = []

    @rule(days=st.integers(0, 60) | st.sampled_from([1, 28, 30, 31, 183, 365]), at_most=st.integers(1, 50))
    def wait(self, days: int, at_most: int) -> None:
        """Days pass; then the contract has its turns until nothing is due."""
        before = len(self.said)
        self.today = min(self.today + timedelta(days=days), self.wall.start + YEARS)
        while begun := rules.renewals_due(self.contract, self.today, at_most):
            self.said += [each.number for each in begun]
            self.contract = replace(self.contract, said=begun[-1].number)
        assert len(self.said) == max(before, self.wall.renewed(self.today))
        if rules.is_over(self.contract, self.today):
            self.contract = replace(self.contract, state=ContractState.ended)

    def _beside(self, last: Callable[[Period], date], beside: int) -> date:
        """The last day of something in the current period, or a day beside it; it is that day, or later."""
        current = rules.current_period(self.contract, max(self.today, self.wall.start))
        day = last(current) + timedelta(days=beside)
        self.wait(max((day - self.today).days, 0), 50)
        return min(day, self.today)

    @rule(party=PARTIES, ago=st.integers(0, 60) | st.integers(60, 500))
    def notify(self, party: Party, ago: int) -> None:
        """A party's letter is recorded, some days after it was posted."""
        self._notify(party, self.today - timedelta(days=ago))

    @rule(party=PARTIES, beside=st.sampled_from([-1, 0, 1]))
    def notify_on_the_last_day(self, party: Party, beside: int) -> None:
        """A party's letter is posted on the last day for it, or a day before or after."""
        self._notify(party, self._beside(lambda of: last_notice_day(self.contract.term, of, TERMS), beside))

    def _notify(self, party: Party, posted: date) -> None:
        stands = "non-renewal-notified-already" if party in self.wall.notices else None
        why = refused(lambda: rules.may_notify(self.contract, party, posted, self.today))
        assert why == ("contract-over" if self.wall.over(self.today) else stands)
        if why:
            return
        effect = rules.notice_effect(self.contract.term, posted, TERMS)
        reached = self.wall.reached(posted)
        assert effect.period == period(self.contract.term, reached + 1)
        assert effect.late == (reached > self.wall.number_on(posted))
        self.wall.notices[party] = posted
        notice = Notice(uuid4(), party, "1A", posted, effect.period.last_day, effect.late)
        self.contract = replace(self.contract, notices=(*self.contract.notices, notice))

    @precondition(lambda self: self.contract.notices)
    @rule(data=st.data(), by=PARTIES)
    def withdraw(self, data: st.DataObject, by: Party) -> None:
        """A notice is taken back: by the right party or the other, in time or not, once or again."""
        notice = data.draw(st.sampled_from(self.contract.notices))
        wrong = {
            "notice-of-the-other-party": by is not notice.party,
            "notice-withdrawn-already": not notice.stands,
            "notice-took-effect": self.wall.over(self.today),
        }
        why = refused(lambda: rules.may_withdraw(self.contract, notice, by, self.today))
        assert why in {slug for slug, holds in wrong.items() if holds} or (
            why is None and not any(wrong.values())
        )
        if why:
            return
        del self.wall.notices[by]
        gone = replace(notice, withdrawn_on=self.today)
        self.contract = replace(
            self.contract, notices=tuple(gone if each is notice else each for each in self.contract.notices)
        )

    @rule(ago=st.integers(0, 90), ahead=st.integers(0, 3), beside=st.sampled_from([0, 0, 0, 1]))
    def revise(self, ago: int, ahead: int, beside: int) -> None:
        """Notice of a price revision: for the next renewal, or a later one, or a day that is none."""
        self._revise(self.today - timedelta(days=ago), ahead, beside)

    @rule(ahead=st.integers(0, 1), beside=st.sampled_from([-1, 0, 1]))
    def revise_on_the_last_day(self, ahead: int, beside: int) -> None:
        """Notice of a price revision on the last day for it, or a day before or after."""
        self._revise(self._beside(lambda of: last_price_revision_day(of, TERMS), beside), ahead, 0)

    def _revise(self, notified: date, ahead: int, beside: int) -> None:
        firsts = [first for first, _ in self.wall.periods]
        target = (
            None if ahead == 0 else firsts[self.wall.number_on(notified) + ahead] + timedelta(days=beside)
        )
        over = self.wall.over(self.today)
        why = refused(lambda: rules.revised_from(self.contract, TERMS, notified, target, self.today))
        assert why == ("contract-over" if over else self.wall.price_refused(notified, target))
        if why:
            return
        first = rules.revised_from(self.contract, TERMS, notified, target, self.today)
        assert first.starts_on == target or target is None
        self.wall.announced.add(first.starts_on)
        made = PriceRevision(uuid4(), notified, first.starts_on)
        self.contract = replace(self.contract, revisions=(*self.contract.revisions, made))

    @precondition(lambda self: self.contract.trial_ended_on is None)
    @rule()
    def end_the_trial(self) -> None:
        """The demonstration ends today."""
        self.wall.trial_ended_on = self.today
        self.contract = replace(self.contract, trial_ended_on=self.today)

    @rule(ahead=st.integers(-60, 200), days=st.integers(-1, 120))
    def promote(self, ahead: int, days: int) -> None:
        """A promotional price is agreed on."""
        starts_on = self.today + timedelta(days=ahead)
        asked = Promotion(uuid4(), starts_on, starts_on + timedelta(days=days))
        wrong = {
            "promotion-backwards": days < 0,
            "contract-over": self.wall.over(self.today),
            "promotion-overlaps": any(
                first <= asked.last_day and starts_on <= last for first, last in self.wall.promotions
            ),
        }
        why = refused(lambda: rules.may_promote(self.contract, asked, self.today))
        assert why == next((slug for slug, holds in wrong.items() if holds), None)
        if why:
            return
        self.wall.promotions.append((asked.starts_on, asked.last_day))
        self.contract = replace(self.contract, promotions=(*self.contract.promotions, asked))

    @invariant()
    def it_ends_when_the_wall_says(self) -> None:
        assert rules.last_day_of(self.contract) == self.wall.last_day()
        assert rules.is_over(self.contract, self.today) == self.wall.over(self.today)

    @invariant()
    def every_renewal_was_said_once_and_in_order(self) -> None:
        assert self.said == list(range(2, len(self.said) + 2))

    @invariant()
    def the_price_of_each_period_is_the_walls(self) -> None:
        for number in range(min(self.wall.renewed(self.today) + 3, len(self.wall.periods))):
            price = rules.price_of(self.contract, number + 1)
            assert (price.effective_on if price else None) == self.wall.price_since(number)

    @invariant()
    def what_is_due_next_is_a_renewal_or_the_end(self) -> None:
        due, stop = rules.next_due_on(self.contract), self.wall.last_day()
        if self.contract.state is ContractState.ended:
            assert due is None
            return
        firsts = {first for first, _ in self.wall.periods}
        assert due in (firsts if stop is None else firsts | {stop + timedelta(days=1)})
        if self.said and len(self.said) == self.wall.renewed(self.today) and not self.wall.over(self.today):
            assert due is not None
            assert due > self.today

    @invariant()
    def the_timeline_tells_the_same(self) -> None:
        until = self.today + timedelta(days=400)
        dates = timeline(self.contract, TERMS, until)
        stop = self.wall.last_day()
        begun = [first for first, _ in self.wall.periods if first <= until]
        assert [each.on for each in dates if each.kind in ("contract_start", "renewal")] == [
            first for first in begun if stop is None or first <= stop
        ]
        ends = [each.on for each in dates if each.kind == "contract_end"]
        assert ends == ([stop] if stop is not None and stop <= until else [])
        assert [each.on for each in dates] == sorted(each.on for each in dates)


TestLived = Lived.TestCase
TestLived.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
