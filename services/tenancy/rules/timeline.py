"""Every date of a contract, past and to come, as one list (article 16): computed, never stored."""

from collections.abc import Iterator, Sequence
from datetime import date

from services.tenancy.contract_model import Contract, Dated, DateKind, NoticeTerms, Period
from services.tenancy.contract_refusals import BeyondTheCalendar
from services.tenancy.rules.contracts import last_day_of
from services.tenancy.rules.terms import last_notice_day, last_price_revision_day, months_later, period

_PLACE = {kind: place for place, kind in enumerate(DateKind)}


def timeline(contract: Contract, terms: Sequence[NoticeTerms], until: date) -> list[Dated]:
    """16-a, 16-b, 16-c: the contract's dates through `until`, in order; after a standing notice's end, none.

    Periods with the days by which notice is posted, notices, price revisions and where they take effect, the
    ends of the demonstration and of promotional prices.
    """
    stop = last_day_of(contract)
    found = [
        dated
        for source in (_periods(contract, terms, until), _notices(contract), _prices(contract, stop))
        for dated in source
        if dated.on <= until
    ]
    return sorted(found, key=lambda dated: (dated.on, _PLACE[dated.kind]))


def horizon(today: date, months: int) -> date:
    """The day so many months ahead, the calendar's last where it would lie beyond."""
    try:
        return months_later(today, months)
    except BeyondTheCalendar:
        return date.max


def _periods(contract: Contract, terms: Sequence[NoticeTerms], until: date) -> Iterator[Dated]:
    stop = last_day_of(contract)
    for each in _through(contract, until if stop is None else min(until, stop)):
        first = DateKind.contract_start if each.number == 1 else DateKind.renewal
        yield Dated(each.starts_on, first, each.number)
        yield Dated(last_notice_day(contract.term, each, terms), DateKind.last_notice_day, each.number)
        if each.last_day == stop:
            yield Dated(each.last_day, DateKind.contract_end, each.number)
            return
        yield Dated(last_price_revision_day(each, terms), DateKind.last_price_revision_day, each.number)
        yield Dated(each.last_day, DateKind.period_end, each.number)


def _through(contract: Contract, day: date) -> Iterator[Period]:
    """The periods that have begun by that day, as far as a calendar goes."""
    number = 1
    while True:
        try:
            found = period(contract.term, number)
        except BeyondTheCalendar:
            return
        if found.starts_on > day:
            return
        yield found
        number += 1


def _notices(contract: Contract) -> Iterator[Dated]:
    for notice in contract.notices:
        yield Dated(notice.posted_on, DateKind.non_renewal_posted, of=notice.notice_id, party=notice.party)
        if notice.withdrawn_on is not None:
            yield Dated(
                notice.withdrawn_on, DateKind.non_renewal_withdrawn, of=notice.notice_id, party=notice.party
            )


def _prices(contract: Contract, stop: date | None) -> Iterator[Dated]:
    if contract.trial_ended_on is not None:
        yield Dated(contract.trial_ended_on, DateKind.trial_end)
    for held in contract.promotions:
        yield Dated(held.starts_on, DateKind.promotion_start, of=held.promotion_id)
        yield Dated(held.last_day, DateKind.promotion_end, of=held.promotion_id)
    for each in contract.revisions:
        yield Dated(each.notified_on, DateKind.price_revision_notified, of=each.revision_id)
        if stop is None or each.effective_on <= stop:
            yield Dated(each.effective_on, DateKind.price_revised, of=each.revision_id)
