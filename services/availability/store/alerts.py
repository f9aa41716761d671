"""Alerts as they were told, and the routes that say which of them is an outage."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.db import Tx
from services.availability.model.alerts import (
    AlertRoute,
    AlertRouteText,
    AlertShown,
    Comparison,
    Concerns,
    Matcher,
    Told,
)
from services.availability.refusals.probes import AlertRouteUnknown

_ORDERED = text("SELECT pg_advisory_xact_lock(hashtextextended('livret.alert/' || :fingerprint, 0))")
_EPISODE = """
    SELECT fingerprint, starts_at, ends_at, labels, annotations, generator, receiver, route_id, outage_id,
           told_at, times_told FROM alert
"""
_LAST = text(f"{_EPISODE} WHERE fingerprint = :fingerprint ORDER BY starts_at DESC LIMIT 1")
_PAGE = text(f"""
    {_EPISODE} WHERE (told_at, fingerprint, starts_at)
        < (CAST(:told_at AS timestamptz), CAST(:fingerprint AS text), CAST(:starts_at AS timestamptz))
    AND (CAST(:matched AS boolean) IS NULL OR (route_id IS NOT NULL) = :matched)
    AND (CAST(:firing AS boolean) IS NULL OR (ends_at IS NULL) = :firing)
    ORDER BY told_at DESC, fingerprint DESC, starts_at DESC LIMIT :limit
""")
_SAVE = text("""
    INSERT INTO alert (fingerprint, starts_at, ends_at, labels, annotations, generator, receiver, route_id,
                       outage_id, first_told_at, told_at, times_told)
    VALUES (:fingerprint, :starts_at, :ends_at, CAST(:labels AS jsonb), CAST(:annotations AS jsonb),
            :generator, :receiver, :route_id, :outage_id, :now, :now, 1)
    ON CONFLICT (fingerprint, starts_at) DO UPDATE
    SET ends_at = excluded.ends_at, annotations = excluded.annotations, told_at = excluded.told_at,
        route_id = coalesce(alert.route_id, excluded.route_id),
        outage_id = coalesce(alert.outage_id, excluded.outage_id),
        times_told = LEAST(alert.times_told + 1, 2000000000)
""")
_PURGE = text("DELETE FROM alert WHERE ends_at IS NOT NULL AND told_at < :before")
_ROUTE = "SELECT * FROM alert_route"
_ROUTES = text(f"{_ROUTE} ORDER BY position, route_id")
_ROUTE_PAGE = text(f"{_ROUTE} WHERE (position, route_id) > (:position, :route_id)"
                   " ORDER BY position, route_id LIMIT :limit")  # fmt: skip
_ROUTE_LOCKED = text(f"{_ROUTE} WHERE route_id = :route_id FOR UPDATE")
_PUT_ROUTE = text("""
    INSERT INTO alert_route (route_id, name, position, matchers, offering_code, offering_label, environment,
                             environment_label, opens, revision)
    VALUES (:route_id, :name, :position, CAST(:matchers AS jsonb), :offering_code, :offering_label,
            :environment, :environment_label, :opens, :revision)
    ON CONFLICT (route_id) DO UPDATE
    SET name = excluded.name, position = excluded.position, matchers = excluded.matchers,
        offering_code = excluded.offering_code, offering_label = excluded.offering_label,
        environment = excluded.environment, environment_label = excluded.environment_label,
        opens = excluded.opens, revision = excluded.revision
""")
_REMOVE_ROUTE = text("DELETE FROM alert_route WHERE route_id = :route_id")


def _alert(row: Row[Any]) -> AlertShown:
    return AlertShown(
        row.fingerprint,
        row.starts_at,
        row.ends_at,
        row.labels,
        row.annotations,
        row.generator,
        row.receiver,
        row.route_id,
        row.outage_id,
        row.told_at,
        row.times_told,
    )


def _route(row: Row[Any]) -> AlertRoute:
    matchers = tuple(
        Matcher(one["label"], Comparison(one["comparison"]), one["value"]) for one in row.matchers
    )
    told = AlertRouteText(
        row.name,
        row.position,
        matchers,
        row.offering_code,
        row.offering_label,
        row.environment,
        row.environment_label,
        row.opens,
    )
    return AlertRoute(row.route_id, told, row.revision)


async def take_turns(tx: Tx, fingerprints: Iterable[str]) -> None:
    """Waits until no other transaction works on any of these alerts. One order: none wait in a ring."""
    for fingerprint in sorted(set(fingerprints)):
        await tx.execute(_ORDERED, {"fingerprint": fingerprint})


async def find_last(tx: Tx, fingerprint: str) -> AlertShown | None:
    """The latest episode of an alert."""
    row = await tx.fetch_one(_LAST, {"fingerprint": fingerprint})
    return _alert(row) if row else None


async def save_told(
    tx: Tx,
    told: Told,
    receiver: str,
    concerns: Concerns | None,
    outage_id: UUID | None,
    now: datetime,
) -> None:
    """An episode as it is known now; one that is known already is told once more."""
    await tx.execute(
        _SAVE,
        {
            "fingerprint": told.fingerprint,
            "starts_at": told.starts_at,
            "ends_at": told.ends_at,
            "labels": orjson.dumps(dict(told.labels)).decode(),
            "annotations": orjson.dumps(dict(told.annotations)).decode(),
            "generator": told.generator,
            "receiver": receiver,
            "route_id": concerns.route_id if concerns else None,
            "outage_id": outage_id,
            "now": now,
        },
    )


async def list_alerts(
    tx: Tx,
    before: tuple[datetime, str, datetime],
    limit: int,
    *,
    matched: bool | None,
    firing: bool | None,
) -> list[AlertShown]:
    """At most `limit` alerts, the one told last first, those before a place in that order."""
    told_at, fingerprint, starts_at = before
    asked = {"told_at": told_at, "fingerprint": fingerprint, "starts_at": starts_at, "limit": limit}
    rows = await tx.fetch_all(_PAGE, asked | {"matched": matched, "firing": firing})
    return [_alert(row) for row in rows]


async def purge(tx: Tx, before: datetime) -> int:
    """Forgets alerts that are over and were last told of before an instant; returns how many."""
    return (await tx.execute(_PURGE, {"before": before})).rowcount


async def list_routes(tx: Tx) -> list[AlertRoute]:
    """All routes in their order."""
    return [_route(row) for row in await tx.fetch_all(_ROUTES)]


async def list_routes_after(tx: Tx, after: tuple[int, UUID], limit: int) -> list[AlertRoute]:
    """At most `limit` routes in their order, those after a position and id."""
    asked = {"position": after[0], "route_id": after[1], "limit": limit}
    return [_route(row) for row in await tx.fetch_all(_ROUTE_PAGE, asked)]


async def lock_route(tx: Tx, route_id: UUID) -> AlertRoute:
    """The route, locked. Raises AlertRouteUnknown."""
    row = await tx.fetch_one(_ROUTE_LOCKED, {"route_id": route_id})
    if row is None:
        raise AlertRouteUnknown
    return _route(row)


async def save_route(tx: Tx, route: AlertRoute) -> None:
    """A new route, or one that was locked, as it is to be."""
    matchers = [asdict(one) for one in route.text.matchers]
    row = asdict(route.text) | {"matchers": orjson.dumps(matchers).decode()}
    await tx.execute(_PUT_ROUTE, row | {"route_id": route.route_id, "revision": route.revision})


async def remove_route(tx: Tx, route_id: UUID) -> None:
    """It routes no more."""
    await tx.execute(_REMOVE_ROUTE, {"route_id": route_id})
