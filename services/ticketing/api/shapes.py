"""From a ticket and its history to its HTTP shapes; its clocks are read at the instant of the answer."""

from datetime import datetime

from chassis.db import Tx
from contracts.booklet.hours import calendar_frozen_on
from services.ticketing.model.clocks import SupportedPlan, Terms, Verdict
from services.ticketing.model.heard import Asker, Suspension
from services.ticketing.model.histories import (
    ClockKind,
    ClockReading,
    ClockState,
    Story,
    WaitReading,
)
from services.ticketing.model.tickets import Channel, HistoryEntry, SupportPlan, Ticket
from services.ticketing.rules.handling import alternative_to
from services.ticketing.rules.history import readings_of, waits_of
from services.ticketing.rules.precedence import applied
from services.ticketing.rules.promising import Openings, week_of
from services.ticketing.rules.registration import hours_of
from services.ticketing.rules.stories import story_of
from services.ticketing.schemas import tickets as schemas
from services.ticketing.store.history import list_history
from services.ticketing.terms import terms_of

_CLAUSES = {
    ClockKind.take_charge: "13.2-e",
    ClockKind.corrective_plan: "13.3-b",
    ClockKind.correction: "13.3-c",
}
_TOLD = {"description", "contact", "left_out", "set_apart", "terms", "clocks", "waits", "read_at"}
_AS_KEPT = tuple(name for name in schemas.StaffTicket.model_fields if name not in _TOLD)
"""What is shown as the row has it; the rest is told."""


async def ticket_shown(tx: Tx, ticket: Ticket, now: datetime) -> schemas.TicketShown:
    """A ticket as its customer sees it at `now`."""
    whole = await staff_ticket(tx, ticket, now)
    return schemas.TicketShown.model_construct(
        **{name: getattr(whole, name) for name in schemas.TicketShown.model_fields}
    )


async def staff_ticket(tx: Tx, ticket: Ticket, now: datetime) -> schemas.StaffTicket:
    """A ticket as the publisher's staff sees it at `now`."""
    lines = await list_history(tx, ticket.customer_id, ticket.ticket_id)
    return staff_ticket_of(ticket, lines, now)


def staff_ticket_of(ticket: Ticket, lines: list[HistoryEntry], now: datetime) -> schemas.StaffTicket:
    """The same, from a history at hand."""
    story, read_at = story_of(lines), max(now, lines[-1].at)
    readings, waits = _read(story, ticket.terms, read_at)
    return schemas.StaffTicket(
        **{name: getattr(ticket, name) for name in _AS_KEPT},
        description=_description(ticket),
        contact=schemas.Contact.model_construct(
            name=ticket.contact.name, email=ticket.contact.email, phone=ticket.contact.phone
        ),
        left_out=_left_out(story),
        set_apart=_set_apart(story),
        terms=_terms(ticket, ticket.terms) if ticket.terms else None,
        clocks=[clock_shown(reading) for reading in readings],
        waits=[_wait(wait) for wait in waits],
        read_at=read_at,
    )


def _read(
    story: Story, terms: Terms | None, at: datetime
) -> tuple[tuple[ClockReading, ...], tuple[WaitReading, ...]]:
    if terms is None:
        return (), ()
    return readings_of(story, terms, at), waits_of(story, terms, at)


def ticket_listed(ticket: Ticket) -> schemas.TicketListed:
    """A ticket in a list."""
    kept = {name: getattr(ticket, name) for name in schemas.TicketListed.model_fields if name != "subject"}
    return schemas.TicketListed(**kept, subject=ticket.description.subject)


def clock_shown(reading: ClockReading) -> schemas.ClockShown:
    """One clock as it reads."""
    row = reading.row
    return schemas.ClockShown(
        number=row.number,
        kind=row.kind,
        clause=_CLAUSES[row.kind],
        state=ClockState.missed if reading.verdict is Verdict.missed else row.state,
        starts_at=row.starts_at,
        due_at=reading.due_at,
        ended_at=row.ended_at,
        limit_open_seconds=row.limit_seconds,
        elapsed_open_seconds=reading.elapsed_seconds,
        remaining_open_seconds=reading.remaining_seconds,
        net_open_seconds=reading.net_seconds,
    )


def history_line(entry: HistoryEntry) -> schemas.HistoryLine:
    """One line of a history, with what was told that everybody may read."""
    told = entry.told
    return schemas.HistoryLine(
        seq=entry.seq,
        at=entry.at,
        what=entry.what,
        by=entry.by,
        explanation=told.get("explanation"),
        given_to=told.get("to"),
        note=told.get("note") or None,
        reason=told.get("scope") or told.get("left_out") or told.get("reason") or told.get("set_apart"),
        criticality=told.get("criticality"),
        workaround=told.get("workaround"),
        essential=told.get("essential"),
        message_number=told.get("number"),
        attachments=told.get("attachments", []),
    )


def openings_shown(openings: Openings) -> list[schemas.Opening]:
    """A week of opening hours."""
    return [schemas.Opening(weekday=day, opens=opens, closes=closes) for day, opens, closes in openings]


def _description(ticket: Ticket) -> schemas.Description:
    told = ticket.description
    return schemas.Description.model_construct(
        subject=told.subject,
        context=told.context,
        error_message=told.error_message,
        menu_path=list(told.menu_path),
        feature=told.feature,
    )


def _left_out(story: Story) -> schemas.LeftOutShown | None:
    if story.left_out is None or story.left_out_at is None:
        return None
    return schemas.LeftOutShown(
        kind=story.left_out,
        scope=story.left_out_scope,
        explanation=story.left_out_reason or "",
        alternative=alternative_to(story.left_out_scope) if story.left_out_scope else None,
        at=story.left_out_at,
    )


def _set_apart(story: Story) -> schemas.SetApartShown | None:
    if story.set_apart is None or story.set_apart_at is None:
        return None
    explanation = story.set_apart_reason or ""
    return schemas.SetApartShown(kind=story.set_apart, explanation=explanation, at=story.set_apart_at)


def _terms(ticket: Ticket, terms: Terms) -> schemas.TermsShown:
    hours = calendar_frozen_on(terms.calendar, terms.frozen_on)
    return schemas.TermsShown(
        applied=applied(ticket.stricter_terms, ticket.booklet, terms.frozen_on),
        frozen_on=terms.frozen_on,
        calendar=terms.calendar,
        hours=openings_shown(week_of(hours, terms.frozen_on)),
        take_charge_open_seconds=terms.take_charge_seconds,
        corrective_plan_open_seconds=terms.plan_seconds,
        correction_business_days=terms.correction_days,
        net_time_decides=terms.net_decides,
    )


def _wait(wait: WaitReading) -> schemas.WaitShown:
    return schemas.WaitShown(
        number=wait.number, since=wait.since, until=wait.until, open_seconds=wait.open_seconds
    )


def suspension_shown(suspension: Suspension) -> schemas.SuspensionShown:
    """A suspension of support."""
    return schemas.SuspensionShown(
        suspension_id=suspension.suspension_id,
        reason=suspension.reason,
        explanation=suspension.explanation,
        since=suspension.since,
        until=suspension.until,
    )


def support_shown(asker: Asker, now: datetime) -> schemas.SupportShown:
    """A customer's support as it stands at `now`; `connect` sees when customer service is reached."""
    hours = hours_of(asker.plan)
    has_support = asker.plan is not SupportPlan.connect
    terms = terms_of(SupportedPlan(asker.plan.value), now) if has_support else None
    return schemas.SupportShown(
        plan=asker.plan,
        has_support=has_support,
        channels=[Channel.portal, Channel.telephone, Channel.email, Channel.api],
        hours=openings_shown(week_of(hours, now.astimezone(hours.zone).date())),
        open_now=hours.is_open(now),
        next_opening_at=hours.next_opening(now),
        take_charge_open_seconds=terms.take_charge_seconds if terms else None,
        corrective_plan_open_seconds=terms.plan_seconds if terms else None,
        correction_business_days=terms.correction_days if terms else None,
        suspension=suspension_shown(asker.suspension) if asker.suspension else None,
    )
