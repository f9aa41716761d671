"""Alertmanager delivers its notifications; operations say which alerts are an outage, and of what."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.telemetry import get_logger
from chassis.unit import Read, Work
from services.availability.api.permissions import AlertSender, Operations, StaffReader
from services.availability.commands import alerts as commands
from services.availability.model.alerts import AlertRoute, AlertRouteText, Matcher, Told
from services.availability.schemas import alerts as schemas
from services.availability.store import alerts as store

creating = APIRouter(tags=["alerts"], route_class=IdempotentRoute)
router = APIRouter(tags=["alerts"])
ROUTERS = [creating, router]

_log = get_logger(__name__)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)


@router.post("/alerts")
async def deliver_alerts(
    sent: schemas.NotificationSent, work: Work, _caller: AlertSender
) -> schemas.NotificationTaken:
    """A notification of Alertmanager's webhook, version 4. It may come again, late, and in any order."""
    told = [_told(one, work.clock.system_now()) for one in sent.alerts]
    taken = await commands.take_alerts(work.tx, sent.receiver, told, work.clock)
    if sent.truncatedAlerts:
        _log.error("alerts_truncated", receiver=sent.receiver, count=sent.truncatedAlerts)
    counts = {"began": taken.began, "ended": taken.ended, "unmatched": taken.unmatched}
    return schemas.NotificationTaken(**counts, truncated=sent.truncatedAlerts)


def _told(sent: schemas.AlertSent, now: datetime) -> Told:
    """While it fires its end is nothing or a guess; one that is resolved without an end has ended now."""
    ended_at = sent.endsAt if sent.endsAt > sent.startsAt else now
    return Told(
        sent.fingerprint,
        sent.startsAt,
        ended_at if sent.status == "resolved" else None,
        _kept(sent.labels),
        _kept(sent.annotations),
        sent.generatorURL,
    )


def _kept(words: Mapping[str, str]) -> dict[str, str]:
    """Without the zero bytes, which the database holds in no text."""
    return {name.replace("\0", ""): value.replace("\0", "") for name, value in words.items()}


@router.get("/alerts")
async def list_alerts(
    work: Read,
    _caller: StaffReader,
    paging: Paging,
    matched: Annotated[bool | None, Query(description="Whether a route made an outage of them.")] = None,
    firing: Annotated[bool | None, Query(description="Whether they go on.")] = None,
) -> Page[schemas.AlertShown]:
    """Alerts as they were told, the one last told of first; those that no route matched too."""
    after = paging.after(datetime, str, datetime)
    before = (after[0], after[1], after[2]) if after else (LATEST, "", LATEST)
    rows = await store.list_alerts(work.tx, before, paging.rows, matched=matched, firing=firing)
    return page_of(
        rows,
        paging,
        schemas.AlertShown.model_validate,
        lambda row: [row.told_at, row.fingerprint, row.starts_at],
    )


@creating.post("/alert-routes", status_code=201)
async def add_alert_route(
    sent: schemas.AlertRouteText, work: Work, _caller: Operations, response: Response
) -> schemas.AlertRouteShown:
    """Another route: alerts like these are an outage of this from now on, or are none."""
    route = await commands.add_route(work.tx, _text_of(sent))
    shown = _shown(route)
    await work.audit("add_alert_route", subject=route.route_id, after=shown.model_dump(mode="json"))
    show_etag(response, route.revision)
    return shown


@router.get("/alert-routes")
async def list_alert_routes(
    work: Read, _caller: StaffReader, paging: Paging
) -> Page[schemas.AlertRouteShown]:
    """The routes in the order in which they are tried."""
    after = paging.after(int, UUID)
    place = (after[0], after[1]) if after else (-1, UUID(int=0))
    rows = await store.list_routes_after(work.tx, place, paging.rows)
    return page_of(rows, paging, _shown, lambda route: [route.text.position, route.route_id])


@router.put("/alert-routes/{route_id}")
async def change_alert_route(
    route_id: UUID,
    sent: schemas.AlertRouteText,
    work: Work,
    _caller: Operations,
    seen: IfMatch,
    response: Response,
) -> schemas.AlertRouteShown:
    """Routes alerts otherwise, from the next time they are told."""
    before = await store.lock_route(work.tx, route_id)
    seen.require(before.revision)
    route = await commands.change_route(work.tx, before, _text_of(sent))
    was, shown = _shown(before).model_dump(mode="json"), _shown(route)
    await work.audit("change_alert_route", subject=route_id, before=was, after=shown.model_dump(mode="json"))
    show_etag(response, route.revision)
    return shown


@router.delete("/alert-routes/{route_id}", status_code=204)
async def remove_alert_route(route_id: UUID, work: Work, _caller: Operations, seen: IfMatch) -> None:
    """Routes no more; what it opened is still ended by its alert."""
    route = await store.lock_route(work.tx, route_id)
    seen.require(route.revision)
    await commands.remove_route(work.tx, route)
    before = _shown(route).model_dump(mode="json")
    await work.audit("remove_alert_route", subject=route_id, before=before)


def _text_of(sent: schemas.AlertRouteText) -> AlertRouteText:
    return AlertRouteText(
        name=sent.name,
        position=sent.position,
        matchers=tuple(Matcher(one.label, one.comparison, one.value) for one in sent.matchers),
        offering_code=sent.offering_code,
        offering_label=sent.offering_label,
        environment=sent.environment,
        environment_label=sent.environment_label,
        opens=sent.opens,
    )


def _shown(route: AlertRoute) -> schemas.AlertRouteShown:
    told = route.text
    return schemas.AlertRouteShown(
        route_id=route.route_id,
        revision=route.revision,
        name=told.name,
        position=told.position,
        matchers=[
            schemas.MatcherSent(label=one.label, comparison=one.comparison, value=one.value)
            for one in told.matchers
        ],
        offering_code=told.offering_code,
        offering_label=told.offering_label,
        environment=told.environment,
        environment_label=told.environment_label,
        opens=told.opens,
    )
