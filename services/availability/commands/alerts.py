"""What Alertmanager tells is taken down, and what a route says is one becomes an outage (R5)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import Clock
from chassis.db import Tx
from services.availability.commands.outages import add_evidence, end_outage, open_outage, require_known
from services.availability.model.alerts import (
    AlertRoute,
    AlertRouteText,
    Concerns,
    Deed,
    Episode,
    Told,
)
from services.availability.model.records import NewEvidence, NewOutage, OutageSource
from services.availability.rules.alerts import begins_at, concerns, deed_of, may_match
from services.availability.store import alerts as store
from services.availability.store import heard, outages

SECOND = timedelta(seconds=1)
MAX_TITLE, MAX_DESCRIPTION = 200, 5_000


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a notification's alerts."""

    began: int = 0
    ended: int = 0
    unmatched: int = 0


async def take_alerts(tx: Tx, receiver: str, told: Sequence[Told], clock: Clock) -> Delivered:
    """Takes down alerts, each once however often it is told, and opens and ends the outages that they are."""
    await store.take_turns(tx, [one.fingerprint for one in told])
    routes = await store.list_routes(tx)
    delivered = Delivered()
    for one in told:
        about = await _known(tx, concerns(one.labels, routes))
        deed = await _take(tx, receiver, one, about, clock)
        delivered = Delivered(
            delivered.began + (deed in (Deed.begin, Deed.begin_and_end)),
            delivered.ended + (deed in (Deed.end, Deed.begin_and_end)),
            delivered.unmatched + (about is None),
        )
    return delivered


async def _known(tx: Tx, about: Concerns | None) -> Concerns | None:
    """A label may name what is no service: such an alert is kept, and nothing is put on record of it."""
    if about is not None and about.offering_code is not None:
        return about if await heard.has_offering(tx, about.offering_code) else None
    return about


async def _take(tx: Tx, receiver: str, told: Told, about: Concerns | None, clock: Clock) -> Deed:
    now = clock.system_now()
    known = await store.find_last(tx, told.fingerprint)
    last = None if known is None else Episode(known.starts_at, known.ends_at, known.told_at)
    deed = deed_of(told, last, now)
    episode = _episode(told, last, deed, now)
    outage_id = known.outage_id if known is not None and known.starts_at == episode.starts_at else None
    if about is not None and outage_id is None and (deed is not Deed.nothing or episode.ends_at is None):
        outage_id = await _open(tx, episode, about, clock)
    if outage_id is not None and episode.ends_at is not None and deed is not Deed.nothing:
        await _end(tx, episode, clock)
    await store.save_told(tx, episode, receiver, about, outage_id, now)
    return deed


def _episode(told: Told, last: Episode | None, deed: Deed, now: datetime) -> Told:
    """The episode that is told of, as it is known from now on; what ends before it begins has no length."""
    if deed is Deed.begin:
        return replace(told, starts_at=begins_at(told, last, now) or told.starts_at)
    if deed is Deed.end and last is not None:
        return replace(told, starts_at=last.starts_at)
    if deed is Deed.nothing and last is not None:
        return replace(told, starts_at=last.starts_at, ends_at=last.ends_at)
    if told.ends_at is not None and told.ends_at < told.starts_at:
        return replace(told, ends_at=told.starts_at)
    return told


async def _open(tx: Tx, episode: Told, about: Concerns, clock: Clock) -> UUID:
    """R5: an outage with the alert's own start; evidence is the alert as it was told."""
    now = clock.business_now()
    labels, annotations = episode.labels, episode.annotations
    named = (annotations.get("summary", ""), labels.get("alertname", ""), episode.fingerprint)
    title = next((words for each in named if (words := " ".join(each.split()))), "?")
    new = NewOutage(
        title=title[:MAX_TITLE],
        source=OutageSource.alert,
        starts_at=min(clock.business_at(episode.starts_at), now - SECOND),
        description=annotations.get("description", "")[:MAX_DESCRIPTION],
        offering_code=about.offering_code,
        environment=about.environment,
        source_key=episode.fingerprint,
        evidence=(NewEvidence("alert", _told(episode, about)),),
    )
    outage = await open_outage(tx, new, now)
    return outage.outage_id


async def _end(tx: Tx, episode: Told, clock: Clock) -> None:
    """R5: the outage ends when the alert did, unless somebody has ended or withdrawn it."""
    open_now = await outages.find_open(tx, OutageSource.alert, episode.fingerprint)
    if open_now is None or episode.ends_at is None:
        return
    now = clock.business_now()
    ended_at = max(clock.business_at(episode.ends_at), open_now.starts_at + SECOND)
    content = {"fingerprint": episode.fingerprint, "ends_at": _text_of(episode.ends_at)}
    await add_evidence(tx, open_now.outage_id, "alert", content, now)
    await end_outage(tx, open_now.outage_id, min(ended_at, now), None, now)


def _told(episode: Told, about: Concerns) -> dict[str, Any]:
    bounds = {"starts_at": episode.starts_at.isoformat(), "ends_at": _text_of(episode.ends_at)}
    return asdict(episode) | bounds | {"route_id": str(about.route_id)}


def _text_of(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


async def add_route(tx: Tx, told: AlertRouteText) -> AlertRoute:
    """Routes alerts like these from now on."""
    await _require_fit(tx, told)
    route = AlertRoute(uuid4(), told, revision=1)
    await store.save_route(tx, route)
    return route


async def change_route(tx: Tx, before: AlertRoute, told: AlertRouteText) -> AlertRoute:
    """Routes them otherwise, by a route that was locked; what fires is looked at when it is told again."""
    await _require_fit(tx, told)
    route = AlertRoute(before.route_id, told, before.revision + 1)
    await store.save_route(tx, route)
    return route


async def remove_route(tx: Tx, route: AlertRoute) -> None:
    """Routes them no more; outages that it opened are still ended by their alerts."""
    await store.remove_route(tx, route.route_id)


async def _require_fit(tx: Tx, told: AlertRouteText) -> None:
    for matcher in told.matchers:
        may_match(matcher)
    await require_known(tx, told.offering_code, None)


async def forget_old(tx: Tx, kept: timedelta, now: datetime) -> int:
    """Forgets alerts that were over longer ago than they are kept."""
    return await store.purge(tx, now - kept)
