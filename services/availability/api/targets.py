"""Operations say what is watched, how, and from where; the publisher's staff sees how it stands."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.sealing import Sealer
from chassis.unit import Read, Work
from services.availability.api.permissions import Operations, StaffReader
from services.availability.commands import targets as commands
from services.availability.model.probes import SCRIPT, Outcome, Place, Target, TargetText, Watch
from services.availability.schemas import probes as probe_schemas
from services.availability.schemas import targets as schemas
from services.availability.store import places, probes
from services.availability.store import targets as store

creating = APIRouter(tags=["what is watched"], route_class=IdempotentRoute)
router = APIRouter(tags=["what is watched"])
ROUTERS = [creating, router]

START = UUID(int=0)
LATEST = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
PlaceInPath = Annotated[schemas.PlaceCode, Path(examples=["paris"])]


async def sealer_of(request: Request) -> Sealer:
    """What seals the secrets of targets. Raises SealingKeysMissing."""
    return Sealer.of(getattr(request.app.state.settings, "sealing_keys", ""))


Sealing = Annotated[Sealer, Depends(sealer_of)]


def _text_of(sent: schemas.TargetText) -> TargetText:
    script = SCRIPT.validate_python(schemas.as_sent(sent.script))
    watch = Watch(tuple(sent.places), sent.interval_seconds, sent.places_needed, sent.in_a_row)
    return TargetText(sent.name, script, watch, sent.offering_code, sent.environment, sent.paused)


def _shown(target: Target) -> schemas.TargetShown:
    told, watch = target.text, target.text.watch
    return schemas.TargetShown(
        target_id=target.target_id,
        name=told.name,
        offering_code=told.offering_code,
        environment=told.environment,
        script=schemas.Script.model_validate(SCRIPT.dump_python(told.script, mode="json")),
        places=list(watch.places),
        interval_seconds=watch.interval_seconds,
        places_needed=watch.places_needed,
        in_a_row=watch.in_a_row,
        paused=told.paused,
        secret_names=list(target.secrets),
        revision=target.revision,
    )


@creating.post("/targets", status_code=201)
async def add_target(
    sent: schemas.TargetSent, work: Work, _caller: Operations, sealer: Sealing, response: Response
) -> schemas.TargetShown:
    """Watches another target. What counts is watched by logging in (6-b); its secrets are never shown."""
    now = work.clock.system_now()
    target = await commands.add_target(work.tx, _text_of(sent), sent.secrets, sealer, now)
    await work.audit("add_target", subject=target.target_id, after=_told(target))
    show_etag(response, target.revision)
    return _shown(target)


@router.get("/targets")
async def list_targets(work: Read, _caller: StaffReader, paging: Paging) -> Page[schemas.TargetStanding]:
    """What is watched, and how it stands."""
    after = paging.after(UUID) or (START,)
    rows = await store.list_targets(work.tx, after[0], paging.rows)
    return page_of(
        rows,
        paging,
        lambda row: schemas.TargetStanding(
            target=_shown(row.target),
            seen_at=row.seen_at,
            down_since=row.down_since,
            outage_id=row.outage_id,
        ),
        lambda row: [row.target.target_id],
    )


@router.get("/targets/{target_id}")
async def read_target(
    target_id: UUID, work: Read, _caller: StaffReader, response: Response
) -> schemas.TargetShown:
    """One target with its script, and the names of its secrets."""
    target = await store.load_target(work.tx, target_id)
    show_etag(response, target.revision)
    return _shown(target)


@router.put("/targets/{target_id}")
async def change_target(
    target_id: UUID,
    sent: schemas.TargetSent,
    work: Work,
    _caller: Operations,
    seen: IfMatch,
    sealer: Sealing,
    response: Response,
) -> schemas.TargetShown:
    """Watches it otherwise. Secrets that are not sent stay as they are."""
    before = await store.lock_target(work.tx, target_id)
    seen.require(before.revision)
    now = work.clock.system_now()
    target = await commands.change_target(work.tx, before, _text_of(sent), sent.secrets, sealer, now)
    renewed = {"secrets_renewed": sorted(sent.secrets)}
    await work.audit(
        "change_target", subject=target_id, before=_told(before), after=_told(target), details=renewed
    )
    show_etag(response, target.revision)
    return _shown(target)


@router.delete("/targets/{target_id}", status_code=204)
async def remove_target(target_id: UUID, work: Work, _caller: Operations, seen: IfMatch) -> None:
    """Watches it no more; refused while its outage is open."""
    target = await store.lock_target(work.tx, target_id)
    seen.require(target.revision)
    await commands.remove_target(work.tx, target, work.clock.system_now())
    await work.audit("remove_target", subject=target_id, before=_told(target))


@router.get("/targets/{target_id}/results")
async def list_probe_results(
    target_id: UUID,
    work: Read,
    _caller: StaffReader,
    paging: Paging,
    outcome: Annotated[Outcome | None, Query(description="Only these.")] = None,
) -> Page[probe_schemas.ResultShown]:
    """What was found of a target, the latest first."""
    await store.load_target(work.tx, target_id)
    after = paging.after(datetime, str)
    before = (after[0], after[1]) if after else (LATEST, "")
    rows = await probes.list_results(work.tx, target_id, before, outcome, paging.rows)
    return page_of(rows, paging, _result_shown, lambda row: [row.result.planned_at, row.place])


@router.get("/places")
async def list_places(work: Read, _caller: StaffReader, paging: Paging) -> Page[schemas.PlaceShown]:
    """From where targets are watched, and when each place was last heard."""
    after = paging.after(str) or ("",)
    rows = await places.list_places(work.tx, after[0], paging.rows)
    return page_of(rows, paging, _place_shown, lambda place: [place.code])


@router.put("/places/{place}")
async def define_place(
    place: PlaceInPath, sent: schemas.PlaceText, work: Work, _caller: Operations
) -> schemas.PlaceShown:
    """A place from where targets are watched: a new one, or one that there is in other words."""
    before = await places.find_place(work.tx, place, locked=True)
    told = Place(place, sent.name, sent.silent_after_seconds, sent.program_id)
    after = await commands.define_place(work.tx, told)
    was = None if before is None else _words(before)
    await work.audit("define_place", subject=place, before=was, after=_words(after))
    return _place_shown(after)


def _told(target: Target) -> dict[str, object]:
    return {**asdict(target.text), "secrets": list(target.secrets)}


def _words(place: Place) -> dict[str, object]:
    program_id = None if place.program_id is None else str(place.program_id)
    return {
        "name": place.name,
        "silent_after_seconds": place.silent_after_seconds,
        "program_id": program_id,
    }


def _place_shown(place: Place) -> schemas.PlaceShown:
    return schemas.PlaceShown.model_validate({**asdict(place), **asdict(place.health)})


def _result_shown(found: probes.ResultShown) -> probe_schemas.ResultShown:
    result = found.result
    return probe_schemas.ResultShown(
        place=found.place,
        planned_at=result.planned_at,
        started_at=result.started_at,
        received_at=found.received_at,
        revision=result.revision,
        outcome=result.outcome,
        fault=result.fault,
        took_ms=found.took_ms,
        steps=[probe_schemas.StepTold(**asdict(step)) for step in result.steps],
    )
