"""Whether remote assistance may be booked, when it can be, and what becomes of a booking (13.7-a)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import groupby, islice
from uuid import UUID

from contracts.booklet.hours import Calendar
from services.ticketing.model.assistance import Booking, BookingState, Matter, Slot, TechnicianTime
from services.ticketing.model.heard import Asker
from services.ticketing.model.tickets import SupportPlan, Ticket, TicketKind, TicketState
from services.ticketing.refusals.assistance import (
    AssistanceBegun,
    AssistanceNotBegun,
    BookingOver,
    HoursMalformed,
    OutsideAssistanceHours,
    OutsideAssistanceScope,
    SlotMalformed,
    SlotPast,
    SystemNotMaintained,
)
from services.ticketing.refusals.tickets import SupportOver
from services.ticketing.rules.registration import has_support, hours_of

QUARTER = timedelta(minutes=15)
LONGEST = timedelta(hours=4)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
AHEAD = timedelta(days=60)
"""How far free times are looked for."""
NEXT = 3
"""How many free times a refusal names."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Span = tuple[datetime, datetime]


def may_book(asker: Asker, matter: Matter, slot: Slot, now: datetime) -> None:
    """13.7-a: an open ticket within scope, and a time within the opening hours of the customer's plan.

    The hours are those in force on that day; the whole of the time lies in one stretch of them. Raises what
    `has_support` does for plan, contract and suspension, and the refusal of the first that fails.
    """
    has_support(asker, now)
    within_scope(matter)
    well_formed(slot, now)
    within_contract(asker, slot)
    within_hours(asker.plan, slot)


def within_scope(matter: Matter) -> None:
    """13.7-a, 13.2-b: support tickets that are open and were not left out, on systems that are maintained."""
    if matter.kind is not TicketKind.support:
        raise OutsideAssistanceScope(detail="A request to customer service is no support ticket.")
    if matter.left_out is not None:
        raise OutsideAssistanceScope(detail=f"This ticket was left out: {matter.left_out}.")
    if matter.state is TicketState.closed:
        raise OutsideAssistanceScope(detail="This ticket is closed: what is new is another ticket.")
    if not matter.system_maintained:
        raise SystemNotMaintained


def well_formed(slot: Slot, now: datetime) -> None:
    """A time that can be offered at all: whole quarters, not too long, to come."""
    if not _on_quarters(slot) or not QUARTER <= slot.ends_at - slot.starts_at <= LONGEST:
        raise SlotMalformed
    if slot.starts_at < now:
        raise SlotPast


def within_contract(asker: Asker, slot: Slot) -> None:
    """16-a: no assistance after the contract's last day."""
    day = slot.starts_at.astimezone(hours_of(asker.plan).zone).date()
    if asker.contract_last_day is not None and asker.contract_last_day < day:
        raise SupportOver(detail=f"Its last day is {asker.contract_last_day.isoformat()}.")


def within_hours(plan: SupportPlan, slot: Slot) -> None:
    """13.7-a: the whole of it in one stretch of the plan's hours, which a lunch break ends."""
    window = hours_of(plan).window_of(slot.starts_at)
    if window is None or slot.ends_at > window[1]:
        raise OutsideAssistanceHours


def free_slots(
    plan: SupportPlan,
    hours: Collection[TechnicianTime],
    busy: Collection[TechnicianTime],
    length: timedelta,
    since: datetime,
) -> Iterator[Slot]:
    """13.7-a: every time of that length, from `since` on, at which a technician is there and free, in order.

    It does not say who: one who is booked meanwhile leaves the time to another.
    """
    calendar = hours_of(plan)
    starts = (
        _starts(calendar, spans, _of(busy, technician), length, since)
        for technician, spans in _by_technician(hours)
    )
    for start, _ in groupby(merge(*starts)):
        yield Slot(start, start + length)


def next_slots(
    plan: SupportPlan,
    hours: Collection[TechnicianTime],
    busy: Collection[TechnicianTime],
    length: timedelta,
    since: datetime,
) -> list[Slot]:
    """The first free times, for who is refused another. A length that nobody can have has none."""
    if not QUARTER <= length <= LONGEST:
        return []
    return list(islice(free_slots(plan, hours, busy, length, since), NEXT))


def technician_for(
    slot: Slot,
    hours: Collection[TechnicianTime],
    busy: Collection[TechnicianTime],
    preferred: UUID | None = None,
) -> UUID | None:
    """13.7-a: a technician who is there for the whole time and has nothing else: never two at once.

    The preferred one if it can, else the one whose known time is least taken; None where nobody can.
    """
    able = [
        technician
        for technician, spans in _by_technician(hours)
        if any(first <= slot.starts_at and slot.ends_at <= last for first, last in spans)
        and not any(_meet(taken, slot) for taken in busy if taken.technician_id == technician)
    ]
    if preferred in able:
        return preferred
    return min(able, key=lambda technician: (_taken(busy, technician), technician), default=None)


def moved(booking: Booking, slot: Slot, technician_id: UUID, plan: SupportPlan, now: datetime) -> Booking:
    """The same booking at another time; its reminder is of the new one."""
    return replace(
        booking,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        technician_id=technician_id,
        plan=plan,
        remind_at=reminder_at(slot.starts_at, now),
        reminded_at=None,
        revision=booking.revision + 1,
    )


def may_change(booking: Booking, now: datetime, *, by_customer: bool) -> None:
    """Until it has begun for the customer, until it is over for a technician."""
    if booking.state is not BookingState.booked:
        raise BookingOver(detail=f"It is {booking.state}.")
    if by_customer and booking.starts_at <= now:
        raise AssistanceBegun


def cancelled(booking: Booking, reason: str, by: UUID | None, now: datetime, *, by_customer: bool) -> Booking:
    """It does not take place, and why; its time is free again."""
    may_change(booking, now, by_customer=by_customer)
    return _ended(booking, BookingState.cancelled, by, now, reason=reason)


def missed(booking: Booking, by: UUID, now: datetime) -> Booking:
    """The customer was not there."""
    _has_begun(booking, now)
    return _ended(booking, BookingState.no_show, by, now)


def done(booking: Booking, report: str, by: UUID, now: datetime) -> Booking:
    """It took place, and what came of it, in Markdown."""
    _has_begun(booking, now)
    return _ended(booking, BookingState.done, by, now, report=report)


def reminder_at(starts_at: datetime, now: datetime) -> datetime | None:
    """A day before; an hour before what was planned later than that; None where no time is left for it."""
    for before in (DAY, HOUR):
        if starts_at - before > now:
            return starts_at - before
    return None


def published_hours(slot: Slot, now: datetime) -> None:
    """Times at which a technician can be booked: on quarters, to come, within a day."""
    if not _on_quarters(slot) or not now <= slot.starts_at < slot.ends_at <= slot.starts_at + DAY:
        raise HoursMalformed


def matter_of(ticket: Ticket, *, system_maintained: bool = True) -> Matter:
    """What of a ticket remote assistance looks at."""
    return Matter(ticket.kind, ticket.state, ticket.left_out, system_maintained)


def _has_begun(booking: Booking, now: datetime) -> None:
    may_change(booking, now, by_customer=False)
    if now < booking.starts_at:
        raise AssistanceNotBegun


def _ended(
    booking: Booking,
    state: BookingState,
    by: UUID | None,
    now: datetime,
    *,
    reason: str | None = None,
    report: str | None = None,
) -> Booking:
    return replace(
        booking,
        state=state,
        ended_at=now,
        ended_by=by,
        reason=reason,
        report=report,
        remind_at=None,
        revision=booking.revision + 1,
    )


def _on_quarters(slot: Slot) -> bool:
    return all((instant - _EPOCH) % QUARTER == timedelta() for instant in (slot.starts_at, slot.ends_at))


def _by_technician(times: Collection[TechnicianTime]) -> list[tuple[UUID, list[Span]]]:
    """Each technician's times in order, those that follow on one another joined."""
    technicians = sorted({time.technician_id for time in times})
    return [(technician, _joined(_of(times, technician))) for technician in technicians]


def _of(times: Iterable[TechnicianTime], technician: UUID) -> list[Span]:
    return sorted((time.starts_at, time.ends_at) for time in times if time.technician_id == technician)


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for first, last in spans:
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _starts(
    calendar: Calendar, there: list[Span], busy: list[Span], length: timedelta, since: datetime
) -> Iterator[datetime]:
    """The quarters at which one technician can begin something of that length."""
    for first, last in there:
        for opens, closes in _open_within(calendar, max(first, since), last):
            for free_from, free_to in _without(busy, opens, closes):
                start = free_from + (_EPOCH - free_from) % QUARTER
                while start + length <= free_to:
                    yield start
                    start += QUARTER


def _open_within(calendar: Calendar, first: datetime, last: datetime) -> Iterator[Span]:
    while first < last:
        window = calendar.window_of(first)
        if window is None:
            first = calendar.next_opening(first)
            continue
        yield first, min(window[1], last)
        first = window[1]


def _without(busy: list[Span], first: datetime, last: datetime) -> Iterator[Span]:
    """What is left of [first, last) without the times that are taken, which are in order."""
    for taken_from, taken_to in busy:
        if taken_to <= first or taken_from >= last:
            continue
        if first < taken_from:
            yield first, taken_from
        first = taken_to
    if first < last:
        yield first, last


def _meet(time: TechnicianTime, slot: Slot) -> bool:
    return time.starts_at < slot.ends_at and slot.starts_at < time.ends_at


def _taken(busy: Collection[TechnicianTime], technician: UUID) -> timedelta:
    return sum((last - first for first, last in _of(busy, technician)), timedelta())
