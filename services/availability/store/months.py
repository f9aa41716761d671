"""Months of customers: whose turn it is, what was closed in which revision, what could no longer be met."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, text

from chassis.db import Tx
from services.availability.model.months import Change, Contract, Evidence

_EVIDENCE: TypeAdapter[Evidence] = TypeAdapter(Evidence)
_CHANGES: TypeAdapter[tuple[Change, ...]] = TypeAdapter(tuple[Change, ...])

_SAVE_EVIDENCE = text("""
    INSERT INTO month_evidence (digest, content)
    SELECT digest, CAST(content AS jsonb)
    FROM unnest(CAST(:digests AS text[]), CAST(:contents AS text[])) AS made (digest, content)
    ORDER BY digest ON CONFLICT (digest) DO NOTHING
""")
_SAVE = text("""
    INSERT INTO month_close (customer_id, month, revision, closed_at, reference_seconds, unavailable_seconds,
                             allowed_seconds, shown, kept, explanation, changes, evidence)
    SELECT customer_id, :month, revision, :closed_at, reference_seconds, unavailable_seconds,
           allowed_seconds, shown, kept, explanation, CAST(changes AS jsonb), evidence
    FROM unnest(CAST(:customers AS uuid[]), CAST(:revisions AS int[]), CAST(:reference AS int[]),
                CAST(:unavailable AS int[]), CAST(:allowed AS int[]), CAST(:shown AS text[]),
                CAST(:kept AS boolean[]), CAST(:explanations AS text[]), CAST(:changes AS text[]),
                CAST(:evidence AS text[]))
         AS made (customer_id, revision, reference_seconds, unavailable_seconds, allowed_seconds, shown, kept,
                  explanation, changes, evidence)
""")
_LAST_OF_MONTH = text("""
    SELECT DISTINCT ON (customer_id) customer_id, revision, evidence, contract_starts_on, contract_last_day
    FROM month_close JOIN customer USING (customer_id)
    WHERE month = :month
      AND (CAST(:customers AS uuid[]) IS NULL OR customer_id = ANY(CAST(:customers AS uuid[])))
    ORDER BY customer_id, revision DESC
""")
_FIGURES_OF_MONTH = text("""
    SELECT DISTINCT ON (customer_id) customer_id, revision, reference_seconds, unavailable_seconds,
           allowed_seconds, shown, kept
    FROM month_close WHERE month = :month ORDER BY customer_id, revision DESC
""")
_FIGURES_OF_CUSTOMER = text("""
    SELECT DISTINCT ON (month) month, revision, reference_seconds, unavailable_seconds, allowed_seconds,
           shown, kept
    FROM month_close WHERE customer_id = :customer_id AND month BETWEEN :first AND :last
    ORDER BY month, revision DESC
""")
_EVIDENCES = text("SELECT digest, content FROM month_evidence WHERE digest = ANY(CAST(:digests AS text[]))")
_LAST = text("""
    SELECT revision FROM month_close WHERE customer_id = :customer_id AND month = :month
    ORDER BY revision DESC LIMIT 1
""")
_ONE = text("""
    SELECT customer_id, month, revision, closed_at, explanation, changes, content
    FROM month_close JOIN month_evidence ON digest = evidence
    WHERE customer_id = :customer_id AND month = :month AND revision = :revision
""")
_REVISIONS = text("""
    SELECT customer_id, month, revision, closed_at, reference_seconds, unavailable_seconds, shown, kept,
           explanation, changes
    FROM month_close WHERE customer_id = :customer_id AND month = :month AND revision > :after
    ORDER BY revision LIMIT :limit
""")
_LAST_AFTER = text("""
    SELECT DISTINCT ON (customer_id, month) customer_id, month, revision, closed_at, reference_seconds,
           unavailable_seconds, shown, kept, explanation
    FROM month_close WHERE (customer_id, month) > (:customer_id, :month)
    ORDER BY customer_id, month, revision DESC LIMIT :limit
""")
_CLOSED = text("""
    SELECT DISTINCT ON (month) customer_id, month, revision, closed_at, reference_seconds,
           unavailable_seconds, shown, kept, explanation, changes
    FROM month_close WHERE customer_id = :customer_id AND month < :before
    ORDER BY month DESC, revision DESC LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Closing:
    """One revision of a customer's month, to be written."""

    customer_id: UUID
    revision: int
    evidence: Evidence
    explanation: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Last:
    """A closed month's last revision, and the customer's contract as it is now."""

    customer_id: UUID
    revision: int
    digest: str
    contract: Contract


@dataclass(frozen=True, slots=True)
class Frozen:
    """A revision of a closed month, as it is read."""

    customer_id: UUID
    month: str
    revision: int
    closed_at: datetime
    explanation: str
    changes: tuple[Change, ...]
    evidence: Evidence


def text_of(evidence: Evidence) -> tuple[str, str]:
    """An evidence as it is kept, and the digest it is kept under."""
    content = _EVIDENCE.dump_json(evidence)
    return sha256(content).hexdigest(), content.decode()


async def save_closings(tx: Tx, month: str, made: Sequence[Closing], now: datetime) -> None:
    """New revisions of a month, and the evidence they stand on; what many share is written once."""
    shared = {id(each.evidence): each.evidence for each in made}
    texts = {place: text_of(evidence) for place, evidence in shared.items()}
    contents = dict(texts.values())
    await tx.execute(_SAVE_EVIDENCE, {"digests": list(contents), "contents": list(contents.values())})
    found = [each.evidence for each in made]
    await tx.execute(
        _SAVE,
        {
            "month": month,
            "closed_at": now,
            "customers": [each.customer_id for each in made],
            "revisions": [each.revision for each in made],
            "reference": [each.reference_seconds for each in found],
            "unavailable": [each.unavailable_seconds for each in found],
            "allowed": [each.allowed_seconds for each in found],
            "shown": [each.shown for each in found],
            "kept": [each.kept for each in found],
            "explanations": [each.explanation for each in made],
            "changes": [_CHANGES.dump_json(each.changes).decode() for each in made],
            "evidence": [texts[id(each.evidence)][0] for each in made],
        },
    )


async def list_last(tx: Tx, month: str, customers: Iterable[UUID] | None = None) -> list[Last]:
    """The last revision of a month, of these customers or of all who have one."""
    wanted = None if customers is None else list(customers)
    rows = await tx.fetch_all(_LAST_OF_MONTH, {"month": month, "customers": wanted})
    return [
        Last(
            row.customer_id,
            row.revision,
            row.evidence,
            Contract(row.contract_starts_on, row.contract_last_day),
        )
        for row in rows
    ]


async def list_figures(tx: Tx, month: str) -> Sequence[Row[Any]]:
    """The figures of every customer whose month is closed, of its last revision. In the portal's scope."""
    return await tx.fetch_all(_FIGURES_OF_MONTH, {"month": month})


async def list_figures_of(tx: Tx, customer_id: UUID, first: str, last: str) -> Sequence[Row[Any]]:
    """The figures of a customer's closed months, from the first to the last, each of its last revision."""
    return await tx.fetch_all(
        _FIGURES_OF_CUSTOMER, {"customer_id": customer_id, "first": first, "last": last}
    )


async def list_last_after(tx: Tx, after: tuple[UUID, str], limit: int) -> Sequence[Row[Any]]:
    """At most `limit` closed months in their last revision, by customer and month, for a resync."""
    customer_id, month = after
    return await tx.fetch_all(_LAST_AFTER, {"customer_id": customer_id, "month": month, "limit": limit})


async def load_evidences(tx: Tx, digests: Iterable[str]) -> dict[str, Evidence]:
    """Evidence by digest."""
    rows = await tx.fetch_all(_EVIDENCES, {"digests": sorted(set(digests))})
    return {row.digest: _EVIDENCE.validate_python(row.content) for row in rows}


async def find_last_revision(tx: Tx, customer_id: UUID, month: str) -> int | None:
    """The last revision of a customer's month; None while it is not closed."""
    row = await tx.fetch_one(_LAST, {"customer_id": customer_id, "month": month})
    return row.revision if row else None


async def load_frozen(tx: Tx, customer_id: UUID, month: str, revision: int) -> Frozen:
    """A revision that exists, with its evidence."""
    row = await tx.fetch_one(_ONE, {"customer_id": customer_id, "month": month, "revision": revision})
    if row is None:
        raise LookupError(f"{customer_id} has no revision {revision} of {month}")
    return Frozen(
        row.customer_id,
        row.month,
        row.revision,
        row.closed_at,
        row.explanation,
        _CHANGES.validate_python(row.changes),
        _EVIDENCE.validate_python(row.content),
    )


async def list_revisions(tx: Tx, customer_id: UUID, month: str, after: int, limit: int) -> Sequence[Row[Any]]:
    """The revisions of a customer's month, without their evidence."""
    return await tx.fetch_all(
        _REVISIONS, {"customer_id": customer_id, "month": month, "after": after, "limit": limit}
    )


async def list_closed(tx: Tx, customer_id: UUID, before: str, limit: int) -> Sequence[Row[Any]]:
    """A customer's closed months, the latest first, each in its last revision."""
    return await tx.fetch_all(_CLOSED, {"customer_id": customer_id, "before": before, "limit": limit})
