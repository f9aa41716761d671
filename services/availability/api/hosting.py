"""The hosting register (7-a): operations keep it, the publisher's staff reads it, customers its summary."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.downloads import as_csv, csv_file
from chassis.idempotency import IdempotentRoute
from chassis.languages import language_of
from chassis.negotiation import AcceptLanguage
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.unit import Read, Work
from services.availability.api.permissions import CustomerReader, Operations, StaffReader
from services.availability.commands import hosting as commands
from services.availability.rules.reference import local_day
from services.availability.schemas import hosting as shapes
from services.availability.store import hosting as store

creating = APIRouter(tags=["hosting"], route_class=IdempotentRoute)
router = APIRouter(tags=["hosting"])
ROUTERS = [creating, router]

ONE = "/hosting/commitments/{commitment}"
LATEST = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))
MAX_EXPORTED = 100_000
HEADINGS = tuple(shapes.EvidenceShown.model_fields)
AS_CSV: dict[int | str, dict[str, Any]] = {200: as_csv(HEADINGS)}


@router.get("/hosting/commitments")
async def read_hosting_register(
    work: Read, _caller: StaffReader, accept_language: AcceptLanguage = None
) -> shapes.Register:
    """Every commitment of the booklet in force, how it is held, and the evidence that counts."""
    now, language = work.clock.business_now(), language_of(accept_language)
    entries = await store.load_entries(work.tx, local_day(now))
    return shapes.Register(as_of=now, items=[shapes.EntryShown.of(each, language) for each in entries])


@router.get("/hosting/summary")
async def read_hosting_summary(
    work: Read, _caller: CustomerReader, accept_language: AcceptLanguage = None
) -> shapes.HeldSummary:
    """Which commitments are held, and through which day that is evident."""
    now, language = work.clock.business_now(), language_of(accept_language)
    entries = await store.load_entries(work.tx, local_day(now))
    return shapes.HeldSummary(as_of=now, items=[shapes.Held.of(each, language) for each in entries])


@router.get(ONE)
async def read_hosting_commitment(
    commitment: shapes.CommitmentName,
    work: Read,
    _caller: StaffReader,
    response: Response,
    accept_language: AcceptLanguage = None,
) -> shapes.EntryShown:
    """One commitment."""
    entry = await store.load_entry(work.tx, commitment, local_day(work.clock.business_now()))
    show_etag(response, entry.commitment.revision)
    return shapes.EntryShown.of(entry, language_of(accept_language))


@router.put(ONE)
async def describe_hosting_commitment(
    commitment: shapes.CommitmentName,
    sent: shapes.NewDescription,
    work: Work,
    _caller: Operations,
    seen: IfMatch,
    response: Response,
    accept_language: AcceptLanguage = None,
) -> shapes.EntryShown:
    """Says how a commitment is held."""
    before = await commands.find_to_describe(work.tx, commitment, local_day(work.clock.business_now()))
    seen.require(before.commitment.revision)
    described = await commands.describe(work.tx, before, sent.description)
    await work.audit(
        "describe_hosting_commitment",
        subject=commitment,
        before={"description": before.commitment.description},
        after={"description": sent.description},
    )
    show_etag(response, described.commitment.revision)
    return shapes.EntryShown.of(described, language_of(accept_language))


@router.get(f"{ONE}/evidence")
async def list_hosting_evidence(
    commitment: shapes.CommitmentName, work: Read, _caller: StaffReader, paging: Paging
) -> Page[shapes.EvidenceShown]:
    """All evidence that was ever recorded for a commitment, the latest first; withdrawn ones stay."""
    after = paging.after(datetime, UUID) or LATEST
    rows = await store.list_evidence(work.tx, commitment, (after[0], after[1]), paging.rows)
    return page_of(rows, paging, shapes.EvidenceShown.of, lambda each: [each.recorded_at, each.evidence_id])


@creating.post(f"{ONE}/evidence", status_code=201)
async def record_hosting_evidence(
    commitment: shapes.CommitmentName, sent: shapes.NewEvidence, work: Work, caller: Operations
) -> shapes.EvidenceShown:
    """Records evidence that a commitment is held; operations are reminded before it ends."""
    evidence = await commands.record_evidence(
        work.tx,
        commitment,
        sent.document,
        sent.sha256,
        (sent.dated_on, sent.valid_until),
        caller.person_id,
        work.clock.business_now(),
    )
    told = {"evidence_id": str(evidence.evidence_id), **sent.model_dump(mode="json")}
    await work.audit("record_hosting_evidence", subject=commitment, details=told)
    return shapes.EvidenceShown.of(evidence)


@creating.post("/hosting/evidence/{evidence_id}/withdrawal", status_code=201)
async def withdraw_hosting_evidence(
    evidence_id: UUID, sent: shapes.EvidenceWithdrawal, work: Work, caller: Operations
) -> shapes.EvidenceShown:
    """Evidence that turned out wrong counts no more, and stays on record."""
    withdrawn = await commands.withdraw_evidence(
        work.tx, evidence_id, sent.reason, caller.person_id, work.clock.business_now()
    )
    told = {"evidence_id": str(evidence_id), "reason": sent.reason}
    await work.audit("withdraw_hosting_evidence", subject=withdrawn.commitment, details=told)
    return shapes.EvidenceShown.of(withdrawn)


@router.get("/hosting/export", response_class=Response, responses=AS_CSV)
async def export_hosting_register(work: Read, _caller: StaffReader) -> Response:
    """All evidence as CSV, by commitment and in the order in which it was recorded."""
    evidence = await store.list_every_evidence(work.tx, MAX_EXPORTED)
    shown = (shapes.EvidenceShown.of(each).model_dump(mode="json") for each in evidence)
    lines = [["" if told is None else str(told) for told in each.values()] for each in shown]
    return csv_file(HEADINGS, lines, "hosting.csv")
