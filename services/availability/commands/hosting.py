"""The hosting register is kept: commitments are described, evidence recorded, operations reminded."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID, uuid4

from chassis import mail
from chassis.db import Tx
from services.availability.hosting_words import reminder_of
from services.availability.model.hosting import Commitment, Entry, Evidence
from services.availability.refusals.hosting import EvidenceUnknown
from services.availability.rules import hosting as rules
from services.availability.rules.reference import local_day
from services.availability.store import hosting as store
from services.availability.terms import hosting_terms_on


async def find_to_describe(tx: Tx, name: str, today: date) -> Entry:
    """The entry, kept from being described by others, so that its revision can be compared."""
    await store.lock_commitment(tx, name)
    return await store.load_entry(tx, name, today)


async def describe(tx: Tx, entry: Entry, description: str) -> Entry:
    """Says how a commitment is held."""
    described = Commitment(entry.commitment.name, description, entry.commitment.revision + 1)
    await store.save_commitment(tx, described)
    return replace(entry, commitment=described)


async def record_evidence(
    tx: Tx, name: str, document: str, sha256: str | None, span: tuple[date, date], by: UUID, now: datetime
) -> Evidence:
    """7-a: puts on record that a commitment is held, from the one day through the other."""
    today = local_day(now)
    terms = hosting_terms_on(today)
    evidence = Evidence(uuid4(), name, document, *span, recorded_at=now, recorded_by=by, sha256=sha256)
    rules.may_record(evidence, today, terms)
    await store.save_evidence(tx, evidence, rules.reminders_of(evidence, terms))
    return evidence


async def withdraw_evidence(tx: Tx, evidence_id: UUID, reason: str, by: UUID, now: datetime) -> Evidence:
    """7-a: evidence that turned out wrong counts no more. Raises EvidenceUnknown."""
    evidence = await store.lock_evidence(tx, evidence_id)
    if evidence is None:
        raise EvidenceUnknown
    withdrawn = rules.withdraw(evidence, reason, by, now)
    await store.save_withdrawal(tx, withdrawn)
    for entry in await store.load_entries(tx, local_day(now)):
        if entry.commitment.name == withdrawn.commitment and entry.evidence is not None:
            await store.reopen_reminders(tx, entry.evidence.evidence_id)
    return withdrawn


async def remind(tx: Tx, to: str, now: datetime) -> int:
    """7-a: tells operations of what ends soon or has ended, each once; returns how many mails that made."""
    sent = 0
    today = local_day(now)
    counting = {each.commitment.name: each.evidence for each in await store.load_entries(tx, today)}
    while claimed := await store.claim_reminder(tx, now):
        reminder, name = claimed
        in_force = counting.get(name)
        if in_force is not None and rules.is_worth_saying(reminder, in_force, today):
            subject, text = reminder_of(in_force, reminder.kind)
            key = f"hosting/{reminder.evidence_id}/{reminder.kind}"
            await mail.send(tx, key=key, to=to, subject=subject, text=text)
            await store.settle_reminder(tx, reminder, now, sent=True)
            sent += 1
        else:
            await store.settle_reminder(tx, reminder, now, sent=False)
    return sent
