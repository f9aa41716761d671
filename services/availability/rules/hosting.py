"""The hosting register (7-a): which evidence counts on a day, how a commitment stands, when to remind."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from contracts.booklet.hours import calendar
from services.availability.model.hosting import (
    Commitment,
    Entry,
    EntryState,
    Evidence,
    HostingTerms,
    Reminder,
    ReminderKind,
)
from services.availability.refusals.hosting import (
    CommitmentUnknown,
    EvidenceNotYetDated,
    EvidenceWithdrawnAlready,
    EvidenceWithoutValidity,
    WithdrawalUnexplained,
)


def entry_of(commitment: Commitment, evidence: Iterable[Evidence], today: date, terms: HostingTerms) -> Entry:
    """7-a: a commitment stands by the evidence that is valid longest of all that was not withdrawn; held
    through its last day, due soon within the days of the reminder before that.
    """
    counting = evidence_in_force(evidence)
    if counting is None:
        return Entry(commitment, EntryState.missing)
    return Entry(commitment, _state_of(counting, today, terms), counting)


def evidence_in_force(evidence: Iterable[Evidence]) -> Evidence | None:
    """7-a: of one commitment, what is valid longest; of several through one day, what was recorded last."""
    counting = (each for each in evidence if each.withdrawn_at is None)
    return max(counting, key=lambda each: (each.valid_until, each.recorded_at), default=None)


def may_record(evidence: Evidence, today: date, terms: HostingTerms) -> None:
    """7-a: evidence is of a commitment of the booklet in force, dated today or before, valid from then on."""
    if evidence.commitment not in terms.commitments:
        raise CommitmentUnknown(detail=evidence.commitment)
    if evidence.dated_on > today:
        raise EvidenceNotYetDated(detail=f"Today is {today.isoformat()}.")
    if evidence.valid_until < evidence.dated_on:
        raise EvidenceWithoutValidity


def withdraw(evidence: Evidence, reason: str, by: UUID, now: datetime) -> Evidence:
    """7-a: evidence that turns out wrong counts no more; it stays on record, with who withdrew it and why."""
    if evidence.withdrawn_at is not None:
        raise EvidenceWithdrawnAlready
    if not reason.strip():
        raise WithdrawalUnexplained
    return replace(evidence, withdrawn_at=now, withdrawn_by=by, withdrawn_reason=reason.strip())


def reminders_of(evidence: Evidence, terms: HostingTerms) -> tuple[Reminder, Reminder]:
    """7-a: reminders are due as a day begins: some days before the last one, and the day after it."""
    before = evidence.valid_until - timedelta(days=terms.reminder_days)
    after = evidence.valid_until + timedelta(days=1)
    return (
        Reminder(evidence.evidence_id, ReminderKind.due_soon, _beginning_of(before)),
        Reminder(evidence.evidence_id, ReminderKind.expired, _beginning_of(after)),
    )


def is_worth_saying(reminder: Reminder, in_force: Evidence | None, today: date) -> bool:
    """7-a: a reminder is of the evidence that counts; of what has ended none says that it will."""
    if in_force is None or in_force.evidence_id != reminder.evidence_id:
        return False
    return reminder.kind is ReminderKind.expired or today <= in_force.valid_until


def _state_of(evidence: Evidence, today: date, terms: HostingTerms) -> EntryState:
    if evidence.valid_until < today:
        return EntryState.expired
    is_near = today >= evidence.valid_until - timedelta(days=terms.reminder_days)
    return EntryState.due_soon if is_near else EntryState.held


def _beginning_of(day: date) -> datetime:
    return datetime.combine(day, time(), calendar("planned_maintenance").zone)
