"""A place, which is a program of the publisher's, is handed what it watches, and tells what it found."""

import hashlib
from collections.abc import Iterable

from fastapi import APIRouter, Response

from chassis.auth import Caller
from chassis.db import Tx
from chassis.preconditions import IfNoneMatch, etag_of, show_etag
from chassis.unit import Read, Work
from services.availability.api.permissions import Prober
from services.availability.api.targets import PlaceInPath, Sealing
from services.availability.commands import targets as targets_commands
from services.availability.commands.probes import take_report
from services.availability.model.probes import (
    SCRIPT,
    Assignment,
    Health,
    ProbeResult,
    Report,
    StepResult,
)
from services.availability.refusals.probes import PlaceOfAnother
from services.availability.schemas import probes as schemas
from services.availability.schemas.targets import Script
from services.availability.store import places

router = APIRouter(tags=["probes"])
ROUTERS = [router]


@router.get(
    "/places/{place}/assignments",
    response_model=schemas.Assignments,
    responses={304: {"description": "Nothing has changed."}},
)
async def read_assignments(
    place: PlaceInPath, work: Read, caller: Prober, known: IfNoneMatch, sealer: Sealing, response: Response
) -> schemas.Assignments | Response:
    """All that a place watches, with the secrets that its scripts need."""
    await _require_own(work.tx, place, caller)
    found = await targets_commands.assignments(work.tx, place, sealer)
    version = _version_of(found)
    if known.holds(version):
        return Response(status_code=304, headers={"ETag": etag_of(version)})
    show_etag(response, version)
    return schemas.Assignments(place=place, items=[_shown(one) for one in found])


@router.post("/places/{place}/reports")
async def report_probes(
    place: PlaceInPath, sent: schemas.ReportSent, work: Work, caller: Prober
) -> schemas.ReportTaken:
    """What a place found, each run once however often it is told; it tells also when it found nothing."""
    taken = await take_report(work.tx, _report_of(place, sent), caller.person_id, work.clock)
    return schemas.ReportTaken(new=taken.new, outdated=list(taken.outdated))


async def _require_own(tx: Tx, code: str, caller: Caller) -> None:
    place = await places.load_place(tx, code)
    if place.program_id not in (None, caller.person_id):
        raise PlaceOfAnother


def _version_of(found: Iterable[Assignment]) -> str:
    """Of all assignments together: another as soon as one of them is another."""
    digest = hashlib.sha256()
    for one in found:
        digest.update(f"{one.target_id}/{one.revision} ".encode())
    return digest.hexdigest()[:32]


def _shown(one: Assignment) -> schemas.AssignmentShown:
    return schemas.AssignmentShown(
        target_id=one.target_id,
        revision=one.revision,
        interval_seconds=one.interval_seconds,
        script=Script.model_validate(SCRIPT.dump_python(one.script, mode="json")),
        secrets=dict(one.secrets),
        paused=one.paused,
    )


def _report_of(place: str, sent: schemas.ReportSent) -> Report:
    results = tuple(
        ProbeResult(
            one.target_id,
            one.revision,
            one.planned_at,
            one.started_at,
            one.outcome,
            tuple(StepResult(**step.model_dump()) for step in one.steps),
            one.fault,
        )
        for one in sent.results
    )
    health = Health(**sent.health.model_dump())
    return Report(place, sent.sent_at, sent.told_until, results, health)
