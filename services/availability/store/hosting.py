"""The hosting register: commitments, evidence and reminders. The publisher's own: no tenant's rows."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text, tuple_

from chassis.db import Tx
from services.availability.model.hosting import Commitment, Entry, Evidence, Reminder, ReminderKind
from services.availability.refusals.hosting import CommitmentUnknown
from services.availability.rules.hosting import entry_of
from services.availability.tables.hosting import HOSTING_EVIDENCE
from services.availability.terms import hosting_terms_on

_COMMITMENTS = text("SELECT commitment, description, revision FROM hosting_commitment")
_ORDERED = text("SELECT pg_advisory_xact_lock(hashtext('livret.availability.hosting.' || :commitment))")
_DESCRIBE = text("""
    INSERT INTO hosting_commitment (commitment, description, revision)
    VALUES (:commitment, :description, :revision)
    ON CONFLICT (commitment) DO UPDATE SET description = excluded.description, revision = excluded.revision
""")
_EVIDENCE = select(HOSTING_EVIDENCE)
_STANDING = _EVIDENCE.where(HOSTING_EVIDENCE.c.withdrawn_at.is_(None))
_ONE = _EVIDENCE.where(HOSTING_EVIDENCE.c.evidence_id == bindparam("evidence_id")).with_for_update()
_PLACE = tuple_(HOSTING_EVIDENCE.c.recorded_at, HOSTING_EVIDENCE.c.evidence_id)
_PAGE = (
    _EVIDENCE.where(HOSTING_EVIDENCE.c.commitment == bindparam("commitment"))
    .where(tuple_(bindparam("at"), bindparam("id")) > _PLACE)
    .order_by(HOSTING_EVIDENCE.c.recorded_at.desc(), HOSTING_EVIDENCE.c.evidence_id.desc())
    .limit(bindparam("limit"))
)
_EVERY = _EVIDENCE.order_by(
    HOSTING_EVIDENCE.c.commitment, HOSTING_EVIDENCE.c.recorded_at, HOSTING_EVIDENCE.c.evidence_id
).limit(bindparam("limit"))
_RECORD = text("""
    INSERT INTO hosting_evidence (evidence_id, commitment, document, sha256, dated_on, valid_until,
                                  recorded_at, recorded_by)
    VALUES (:evidence_id, :commitment, :document, :sha256, :dated_on, :valid_until,
            :recorded_at, :recorded_by)
""")
_WITHDRAW = text("""
    UPDATE hosting_evidence SET withdrawn_at = :at, withdrawn_by = :by, withdrawn_reason = :reason
    WHERE evidence_id = :evidence_id
""")
_REMIND = text("""
    INSERT INTO hosting_reminder (evidence_id, kind, due_at) VALUES (:evidence_id, :kind, :due_at)
""")
_DUE = text("""
    SELECT r.evidence_id, r.kind, r.due_at, e.commitment
    FROM hosting_reminder r JOIN hosting_evidence e ON e.evidence_id = r.evidence_id
    WHERE r.settled_at IS NULL AND r.due_at <= :now
    ORDER BY r.due_at, r.evidence_id LIMIT 1 FOR UPDATE OF r SKIP LOCKED
""")
_REOPEN = text("""
    UPDATE hosting_reminder SET settled_at = NULL, outcome = NULL
    WHERE evidence_id = :evidence_id AND outcome = 'superseded'
""")
_SETTLE = text("""
    UPDATE hosting_reminder SET settled_at = :now, outcome = :outcome
    WHERE evidence_id = :evidence_id AND kind = :kind
""")


async def load_entries(tx: Tx, today: date) -> list[Entry]:
    """7-a: every commitment of the booklet in force, in its order, with how it stands."""
    terms = hosting_terms_on(today)
    written = {row.commitment: row for row in await tx.fetch_all(_COMMITMENTS)}
    standing: dict[str, list[Evidence]] = defaultdict(list)
    for row in await tx.fetch_all(_STANDING):
        standing[row.commitment].append(_evidence(row))
    commitments = (
        Commitment(name, written[name].description, written[name].revision)
        if name in written
        else Commitment(name)
        for name in terms.commitments
    )
    return [entry_of(each, standing[each.name], today, terms) for each in commitments]


async def load_entry(tx: Tx, name: str, today: date) -> Entry:
    """One of them. Raises CommitmentUnknown."""
    for entry in await load_entries(tx, today):
        if entry.commitment.name == name:
            return entry
    raise CommitmentUnknown(detail=name)


async def lock_commitment(tx: Tx, name: str) -> None:
    """What is written of one commitment is ordered, whether it has a row yet or not."""
    await tx.execute(_ORDERED, {"commitment": name})


async def save_commitment(tx: Tx, commitment: Commitment) -> None:
    """The commitment as it is now written."""
    await tx.execute(
        _DESCRIBE,
        {
            "commitment": commitment.name,
            "description": commitment.description,
            "revision": commitment.revision,
        },
    )


async def list_evidence(tx: Tx, commitment: str, before: tuple[datetime, UUID], limit: int) -> list[Evidence]:
    """Of one commitment, withdrawn ones too: at most `limit`, the latest first, those recorded before."""
    rows = await tx.fetch_all(
        _PAGE, {"commitment": commitment, "at": before[0], "id": before[1], "limit": limit}
    )
    return [_evidence(row) for row in rows]


async def list_every_evidence(tx: Tx, limit: int) -> list[Evidence]:
    """All of it, by commitment and then as it was recorded."""
    return [_evidence(row) for row in await tx.fetch_all(_EVERY, {"limit": limit})]


async def lock_evidence(tx: Tx, evidence_id: UUID) -> Evidence | None:
    """One piece of evidence, locked."""
    row = await tx.fetch_one(_ONE, {"evidence_id": evidence_id})
    return _evidence(row) if row else None


async def save_evidence(tx: Tx, evidence: Evidence, reminders: Sequence[Reminder]) -> None:
    """New evidence, and the instants at which its end is told."""
    await tx.execute(
        _RECORD,
        {
            "evidence_id": evidence.evidence_id,
            "commitment": evidence.commitment,
            "document": evidence.document,
            "sha256": evidence.sha256,
            "dated_on": evidence.dated_on,
            "valid_until": evidence.valid_until,
            "recorded_at": evidence.recorded_at,
            "recorded_by": evidence.recorded_by,
        },
    )
    await tx.execute(
        _REMIND,
        [{"evidence_id": each.evidence_id, "kind": each.kind, "due_at": each.due_at} for each in reminders],
    )


async def save_withdrawal(tx: Tx, evidence: Evidence) -> None:
    """It counts no more."""
    await tx.execute(
        _WITHDRAW,
        {
            "evidence_id": evidence.evidence_id,
            "at": evidence.withdrawn_at,
            "by": evidence.withdrawn_by,
            "reason": evidence.withdrawn_reason,
        },
    )


async def claim_reminder(tx: Tx, now: datetime) -> tuple[Reminder, str] | None:
    """One that is due and not settled, which nobody else is at, with its commitment."""
    row = await tx.fetch_one(_DUE, {"now": now})
    if row is None:
        return None
    return Reminder(row.evidence_id, ReminderKind(row.kind), row.due_at), row.commitment


async def settle_reminder(tx: Tx, reminder: Reminder, now: datetime, *, sent: bool) -> None:
    """It was sent, or newer evidence had overtaken it."""
    await tx.execute(
        _SETTLE,
        {
            "evidence_id": reminder.evidence_id,
            "kind": reminder.kind,
            "now": now,
            "outcome": "sent" if sent else "superseded",
        },
    )


async def reopen_reminders(tx: Tx, evidence_id: UUID) -> None:
    """This evidence counts again: what newer one had overtaken is to be said after all."""
    await tx.execute(_REOPEN, {"evidence_id": evidence_id})


def _evidence(row: Row[Any]) -> Evidence:
    return Evidence(**row._mapping)
