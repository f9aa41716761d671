"""What stops, renews and reprices a contract (article 16): notices, price revisions, what is due on a day."""

from collections.abc import Sequence
from datetime import date, timedelta

from services.tenancy.contract_model import (
    Contract,
    ContractState,
    Effect,
    Notice,
    NoticeTerms,
    Party,
    Period,
    PriceRevision,
    Promotion,
    Term,
)
from services.tenancy.contract_refusals import (
    BeyondTheCalendar,
    ContractOver,
    NonRenewalNotifiedAlready,
    NoSuchRenewal,
    NotARenewal,
    NoticeOfTheOtherParty,
    NoticeTookEffect,
    NoticeWithdrawnAlready,
    NotYetThere,
    PriceRevisedAlready,
    PriceRevisionInPromotion,
    PriceRevisionInTrial,
    PriceRevisionTooLate,
    PromotionBackwards,
    PromotionOverlaps,
)
from services.tenancy.rules.terms import begins_period, last_notice_day, last_price_revision_day, period
from services.tenancy.rules.terms import period_on as period_holding


def current_period(contract: Contract, day: date) -> Period:
    """16-a: the period that holds the day; the first before the contract begins, the last after its end."""
    stop = last_day_of(contract)
    held = day if stop is None else min(day, stop)
    return period_holding(contract.term, max(held, contract.term.starts_on))


def last_day_of(contract: Contract) -> date | None:
    """16-c: the day with which standing notices end the contract; None while it is to be renewed."""
    return min((notice.last_day for notice in contract.notices if notice.stands), default=None)


def is_over(contract: Contract, day: date) -> bool:
    """16-c: whether a notice has ended the contract before that day."""
    stop = last_day_of(contract)
    return contract.state is ContractState.ended or (stop is not None and stop < day)


def notice_effect(term: Term, posted_on: date, terms: Sequence[NoticeTerms]) -> Effect:
    """16-c: the end that a notice of non-renewal posted on a day reaches.

    One posted too late for the period it is posted in does not stop this renewal and counts for the next
    end (R12). Raises BeyondTheCalendar when there is no such end.
    """
    current = period_holding(term, max(posted_on, term.starts_on))
    reached = current
    while last_notice_day(term, reached, terms) < posted_on:
        reached = period(term, reached.number + 1)
    return Effect(reached, late=reached != current)


def may_notify(contract: Contract, party: Party, posted_on: date, today: date) -> None:
    """16-c: either party may give notice, once, of what it has posted, as long as the contract runs."""
    if posted_on > today:
        raise NotYetThere(f"Posted on {posted_on}, and today is {today}.")
    if is_over(contract, today):
        raise ContractOver
    for notice in contract.notices:
        if notice.stands and notice.party is party:
            raise NonRenewalNotifiedAlready(f"It ends the contract on {notice.last_day}.")


def may_withdraw(contract: Contract, notice: Notice, by: Party, today: date) -> None:
    """16-c: a notice is withdrawn by the party that gave it, before the end that it reaches."""
    if notice.party is not by:
        raise NoticeOfTheOtherParty
    if not notice.stands:
        raise NoticeWithdrawnAlready
    if is_over(contract, today):
        raise NoticeTookEffect


def first_renewal_reached(term: Term, notified_on: date, terms: Sequence[NoticeTerms]) -> Period:
    """16-b: the first period that may begin with a price noticed on a day.

    One noticed too late leaves the old price for the whole next period (R12). Raises BeyondTheCalendar.
    """
    before = period_holding(term, max(notified_on, term.starts_on))
    while last_price_revision_day(before, terms) < notified_on:
        before = period(term, before.number + 1)
    return period(term, before.number + 1)


def next_renewal(term: Term, day: date) -> Period:
    """16-a: the period that begins at the first renewal after a day. Raises BeyondTheCalendar."""
    return period(term, period_holding(term, max(day, term.starts_on)).number + 1)


def revised_from(
    contract: Contract,
    terms: Sequence[NoticeTerms],
    notified_on: date,
    effective_on: date | None,
    today: date,
) -> Period:
    """16-b: the period from which a raised price holds: that of the renewal asked for, else of the next one.

    At least 30 days' notice, by any means; never while the demonstration lasts, nor when a promotional price
    holds on the day of the notice or of the renewal. A notice that is too late is refused with the first
    renewal it reaches (R12).
    """
    if notified_on > today:
        raise NotYetThere(f"Notified on {notified_on}, and today is {today}.")
    if is_over(contract, today):
        raise ContractOver
    asked = _renewal(contract.term, effective_on or next_renewal(contract.term, notified_on).starts_on)
    reached = first_renewal_reached(contract.term, notified_on, terms)
    if asked.number < reached.number:
        raise PriceRevisionTooLate(f"The first renewal that it reaches is that of {reached.starts_on}.")
    stop = last_day_of(contract)
    if stop is not None and asked.starts_on > stop:
        raise NoSuchRenewal(f"It ends on {stop}.")
    _spared(contract, notified_on, asked.starts_on)
    if any(one.effective_on == asked.starts_on for one in contract.revisions):
        raise PriceRevisedAlready
    return asked


def _renewal(term: Term, day: date) -> Period:
    if day <= term.starts_on or not begins_period(term, day):
        raise NotARenewal
    return period_holding(term, day)


def _spared(contract: Contract, notified_on: date, effective_on: date) -> None:
    if contract.trial_ended_on is None or notified_on < contract.trial_ended_on:
        raise PriceRevisionInTrial
    for held in contract.promotions:
        for day in (notified_on, effective_on):
            if held.starts_on <= day <= held.last_day:
                raise PriceRevisionInPromotion(f"It holds from {held.starts_on} to {held.last_day}.")


def may_promote(contract: Contract, asked: Promotion, today: date) -> None:
    """16-b: promotional prices hold on whole days, one at a time, while the contract runs."""
    if asked.last_day < asked.starts_on:
        raise PromotionBackwards
    if is_over(contract, today):
        raise ContractOver
    for held in contract.promotions:
        if held.starts_on <= asked.last_day and asked.starts_on <= held.last_day:
            raise PromotionOverlaps(f"It holds from {held.starts_on} to {held.last_day}.")


def price_of(contract: Contract, number: int) -> PriceRevision | None:
    """16-b: the last revision that holds in a period; None while the first price does."""
    starts_on = period(contract.term, number).starts_on
    held = [one for one in contract.revisions if one.effective_on <= starts_on]
    return max(held, key=lambda one: one.effective_on, default=None)


def renewals_due(contract: Contract, today: date, at_most: int) -> tuple[Period, ...]:
    """16-a: the periods that have begun by tacit renewal and whose renewal was not said yet, in order.

    A standing notice stops them (16-c). At most so many; the others are due still.
    """
    stop, found = last_day_of(contract), list[Period]()
    while len(found) < at_most:
        begun = _renewal_after(contract, contract.said + len(found))
        if begun is None or begun.starts_on > today or (stop is not None and begun.starts_on > stop):
            break
        found.append(begun)
    return tuple(found)


def next_due_on(contract: Contract) -> date | None:
    """16-a, 16-c: the day on which the next renewal is to be said, or the end; None when neither comes."""
    if contract.state is ContractState.ended:
        return None
    stop, renewed = last_day_of(contract), _renewal_after(contract, contract.said)
    if stop is None:
        return renewed.starts_on if renewed else None
    if renewed is not None and renewed.starts_on <= stop:
        return renewed.starts_on
    return None if stop == date.max else stop + timedelta(days=1)


def _renewal_after(contract: Contract, number: int) -> Period | None:
    try:
        return period(contract.term, number + 1)
    except BeyondTheCalendar:
        return None
