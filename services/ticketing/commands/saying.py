"""What ticketing says of what happened to a ticket: the same when it happens and when it is said again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.events import Event
from contracts.events.ticketing import (
    AnomalyQualified,
    CorrectivePlanProvided,
    FixProvided,
    LeavingOutWithdrawn,
    TicketAcknowledged,
    TicketClosed,
    TicketLeftOut,
    TicketRegistered,
    TicketTakenInCharge,
)
from services.ticketing.model.clocks import Criticality
from services.ticketing.model.histories import ClockReading, ClockState
from services.ticketing.model.tickets import Happening, HistoryEntry, Ticket

NOBODY = UUID(int=0)
"""Stands for who did something where no person is known."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One thing that happened to a ticket: what it was before and after, and its clocks at that instant."""

    before: Ticket
    ticket: Ticket
    entry: HistoryEntry
    clocks: tuple[ClockReading, ...]


def is_said(what: Happening) -> bool:
    """Whether others are told of what happened."""
    return what in _SAYS


def said_of(recorded: Recorded) -> list[Event]:
    """The event of it; none where others need not know."""
    say = _SAYS.get(recorded.entry.what)
    return [] if say is None else [say(recorded)]


def _registered(recorded: Recorded) -> Event:
    ticket, clocks = recorded.ticket, recorded.clocks
    return TicketRegistered(
        **_named(ticket),
        kind=ticket.kind.value,
        channel=ticket.channel.value,
        plan=ticket.plan.value,
        product=ticket.product,
        company_id=ticket.company_id,
        registered_at=ticket.registered_at,
        take_charge_due_at=clocks[0].due_at if clocks else None,
    )


def _acknowledged(recorded: Recorded) -> Event:
    return TicketAcknowledged(**_named(recorded.ticket), acknowledged_at=recorded.entry.at)


def _taken(recorded: Recorded) -> Event:
    return TicketTakenInCharge(
        **_named(recorded.ticket),
        taken_by=recorded.entry.by or NOBODY,
        taken_in_charge_at=recorded.entry.at,
        **_judged(recorded.clocks[0] if recorded.clocks else None),
    )


def _qualified(recorded: Recorded) -> Event:
    return AnomalyQualified(
        **_named(recorded.ticket),
        criticality=recorded.entry.told["criticality"],
        qualified_at=recorded.entry.at,
        requalified=recorded.entry.what is Happening.requalified,
        correction_due_at=_owed_at(recorded),
    )


def _owed_at(recorded: Recorded) -> datetime | None:
    """When the answer is due; None before the anomaly is reproduced, and for criticality 3."""
    last = recorded.clocks[-1]
    owed = recorded.ticket.reproduced_at is not None and recorded.ticket.criticality != Criticality.three
    return last.due_at if owed else None


def _plan_provided(recorded: Recorded) -> Event:
    clock = recorded.clocks[-1]
    return CorrectivePlanProvided(
        **_named(recorded.ticket),
        provided_at=recorded.entry.at,
        elapsed_open_seconds=clock.elapsed_seconds,
        kept=clock.row.state is ClockState.kept,
    )


def _fix_provided(recorded: Recorded) -> Event:
    """No clock of criticality 3 is there to end, nor where the plan was the answer."""
    before = recorded.before
    ended = before.criticality is not Criticality.three and before.provided_at is None
    return FixProvided(
        **_named(recorded.ticket),
        workaround=recorded.entry.told["workaround"],
        provided_at=recorded.entry.at,
        **_judged(recorded.clocks[-1] if ended else None),
    )


def _left_out(recorded: Recorded) -> Event:
    return TicketLeftOut(
        **_named(recorded.ticket), reason=recorded.entry.told["left_out"], left_out_at=recorded.entry.at
    )


def _leaving_out_withdrawn(recorded: Recorded) -> Event:
    return LeavingOutWithdrawn(**_named(recorded.ticket), withdrawn_at=recorded.entry.at)


def _closed(recorded: Recorded) -> Event:
    return TicketClosed(**_named(recorded.ticket), closed_at=recorded.entry.at)


def _judged(clock: ClockReading | None) -> dict[str, Any]:
    if clock is None:
        return {"elapsed_open_seconds": None, "kept": None}
    return {
        "elapsed_open_seconds": clock.elapsed_seconds,
        "kept": clock.row.state is ClockState.kept,
    }


def _named(ticket: Ticket) -> dict[str, Any]:
    return {
        "customer_id": ticket.customer_id,
        "ticket_id": ticket.ticket_id,
        "reference": ticket.reference,
    }


_SAYS: Mapping[Happening, Callable[[Recorded], Event]] = {
    Happening.registered: _registered,
    Happening.acknowledged: _acknowledged,
    Happening.taken_in_charge: _taken,
    Happening.qualified: _qualified,
    Happening.requalified: _qualified,
    Happening.plan_provided: _plan_provided,
    Happening.fix_provided: _fix_provided,
    Happening.left_out: _left_out,
    Happening.leaving_out_withdrawn: _leaving_out_withdrawn,
    Happening.closed: _closed,
}
