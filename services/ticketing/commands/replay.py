"""A log's events run through the same commands as a person's acts, each at its own instant."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from chassis.db import Tx
from chassis.refusals import Refusal
from services.ticketing.commands import handling
from services.ticketing.commands.registration import register_ticket
from services.ticketing.model.handling import Leaving, Qualification
from services.ticketing.model.replay import Account, Case, Deed, LogEvent, Refused
from services.ticketing.model.tickets import (
    Channel,
    Description,
    LeftOut,
    NewTicket,
    ScopeReason,
    Ticket,
    TicketKind,
)
from services.ticketing.rules.event_log import ends_wait
from services.ticketing.rules.registration import hours_of
from services.ticketing.store import tickets

TECHNICIAN = uuid5(NAMESPACE_URL, "livret:replay")
"""Who acts, in the history of what is replayed."""
SATURDAY = 5
TOLD = "As the event log says."

Step = Callable[[Tx, UUID, UUID, datetime], Awaitable[Ticket]]


async def replay(tx: Tx, customer_id: UUID, events: Sequence[LogEvent], name: str, account: Account) -> None:
    """Runs events, in their order, and accounts for each. What a command refuses leaves nothing behind."""
    for event in events:
        account.events += 1
        await _replay(tx, customer_id, event, name, account)


async def _replay(tx: Tx, customer_id: UUID, event: LogEvent, name: str, account: Account) -> None:
    """The first event of a case registers it, whatever its name; then it is done itself, if it is an act."""
    deed = account.deeds.get(event.activity, Deed.nothing)
    is_first = event.case not in account.cases
    if is_first and not await _register(tx, customer_id, event, name, account):
        return
    case = account.cases[event.case]
    if case is None:
        account.unregistered += 1
    elif is_first and deed in (Deed.register, Deed.nothing):
        account.registering += 1
    else:
        await _go_on(tx, customer_id, event, deed, case, account)


async def _register(tx: Tx, customer_id: UUID, event: LogEvent, name: str, account: Account) -> bool:
    new = NewTicket(
        customer_id=customer_id,
        kind=TicketKind.support,
        channel=Channel.api,
        description=Description(subject=event.case[:200], context=f"{name}, line {event.line}"),
        registered_by=TECHNICIAN,
    )
    ticket = await _attempted(tx, event, Deed.register, lambda: register_ticket(tx, new, event.at), account)
    account.cases[event.case] = Case(ticket.ticket_id) if ticket else None
    if ticket is None:
        return False
    hours = hours_of(ticket.plan)
    account.closed_hours += not hours.is_open(event.at)
    account.weekend += event.at.astimezone(hours.zone).weekday() >= SATURDAY
    return True


async def _go_on(
    tx: Tx, customer_id: UUID, event: LogEvent, deed: Deed, case: Case, account: Account
) -> None:
    if case.waiting and ends_wait(deed):
        await _end_wait(tx, customer_id, case.ticket_id, event.at)
        case.waiting = False
        account.waits_ended += 1
    step = _STEPS.get(deed)
    if step is None:
        account.nothing[event.activity] += 1
        return
    ticket = await _attempted(
        tx, event, deed, lambda: step(tx, customer_id, case.ticket_id, event.at), account
    )
    if ticket is not None:
        account.done[deed] += 1
        case.waiting = ticket.waiting
        case.taken = ticket.taken_in_charge_at is not None
        case.closed = ticket.closed_at is not None


async def _attempted(
    tx: Tx, event: LogEvent, deed: Deed, act: Callable[[], Awaitable[Ticket]], account: Account
) -> Ticket | None:
    """The ticket after the act; None where it was refused, which is counted with its reason."""
    try:
        async with tx.connection.begin_nested():
            return await act()
    except Refusal as refusal:
        reason = Refused(deed, refusal.slug)
        account.refused[reason] += 1
        account.refused_first.setdefault(reason, (event.line, str(refusal)))
        return None


async def _take(tx: Tx, customer_id: UUID, ticket_id: UUID, at: datetime) -> Ticket:
    return await handling.take_in_charge(tx, customer_id, ticket_id, TECHNICIAN, at)


async def _begin_wait(tx: Tx, customer_id: UUID, ticket_id: UUID, at: datetime) -> Ticket:
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    return await handling.begin_wait(tx, ticket, TECHNICIAN, at)


async def _end_wait(tx: Tx, customer_id: UUID, ticket_id: UUID, at: datetime) -> Ticket:
    ticket = await tickets.lock_ticket(tx, customer_id, ticket_id)
    return await handling.end_wait(tx, ticket, TECHNICIAN, at)


async def _provide_plan(tx: Tx, customer_id: UUID, ticket_id: UUID, at: datetime) -> Ticket:
    return await handling.provide_plan(tx, customer_id, ticket_id, TOLD, TECHNICIAN, at)


async def _provide_fix(tx: Tx, customer_id: UUID, ticket_id: UUID, at: datetime) -> Ticket:
    return await handling.provide_fix(
        tx, customer_id, ticket_id, workaround=False, explanation=TOLD, by=TECHNICIAN, now=at
    )


async def _set_apart(tx: Tx, customer_id: UUID, ticket_id: UUID, at: datetime) -> Ticket:
    return await handling.set_apart(tx, customer_id, ticket_id, TOLD, TECHNICIAN, at)


async def _close(tx: Tx, customer_id: UUID, ticket_id: UUID, at: datetime) -> Ticket:
    return await handling.close(tx, customer_id, ticket_id, TECHNICIAN, at)


def _qualifying(*, inoperative: bool, workaround: bool) -> Step:
    """What a log calls an anomaly was seen: it is reproduced at once. Without a workaround it is of what is
    essential.
    """
    qualification = Qualification(
        departs=True,
        reproducible=True,
        inoperative=inoperative,
        workaround=workaround,
        essential=inoperative and not workaround,
    )

    async def qualify(tx: Tx, customer_id: UUID, ticket_id: UUID, at: datetime) -> Ticket:
        await handling.qualify(tx, customer_id, ticket_id, qualification, TECHNICIAN, at)
        return await handling.reproduce(tx, customer_id, ticket_id, TECHNICIAN, at)

    return qualify


def _leaving(leaving: Leaving) -> Step:
    async def leave_out(tx: Tx, customer_id: UUID, ticket_id: UUID, at: datetime) -> Ticket:
        return await handling.leave_out(tx, customer_id, ticket_id, leaving, TECHNICIAN, at)

    return leave_out


_STEPS: Mapping[Deed, Step] = {
    Deed.take_in_charge: _take,
    Deed.qualify_1: _qualifying(inoperative=True, workaround=False),
    Deed.qualify_2: _qualifying(inoperative=True, workaround=True),
    Deed.qualify_3: _qualifying(inoperative=False, workaround=False),
    Deed.provide_plan: _provide_plan,
    Deed.provide_fix: _provide_fix,
    Deed.begin_wait: _begin_wait,
    Deed.end_wait: _end_wait,
    Deed.out_of_scope: _leaving(Leaving(LeftOut.out_of_scope, TOLD, ScopeReason.extra_services)),
    Deed.not_reproducible: _leaving(Leaving(LeftOut.not_reproducible, TOLD)),
    Deed.as_documented: _leaving(Leaving(LeftOut.as_documented, TOLD)),
    Deed.duty_not_met: _set_apart,
    Deed.close: _close,
}
