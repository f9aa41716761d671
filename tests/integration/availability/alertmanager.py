"""Alertmanager, as its tests need it: what its webhook posts, and what came of it."""

from datetime import timedelta
from typing import Any

import httpx

from chassis.auth import Role
from tests.integration.availability.watched import Watched
from tests.support.callers import once

NEVER = "0001-01-01T00:00:00Z"


def told(watched: Watched, seconds_ago: float) -> str:
    """An instant as Alertmanager writes it."""
    return (watched.began_at - timedelta(seconds=seconds_ago)).isoformat().replace("+00:00", "Z")


def alert(
    watched: Watched, word: str, since: float, until: float | None = None, **changes: Any
) -> dict[str, Any]:
    """One alert of a notification, its bounds in seconds before now; with an end it is resolved."""
    sent = {
        "status": "firing" if until is None else "resolved",
        "labels": {"alertname": "PortalDown", "severity": "critical", "service": word},
        "annotations": {"summary": "Nobody can log in", "description": "Logins fail with 503."},
        "startsAt": told(watched, since),
        "endsAt": NEVER if until is None else told(watched, until),
        "generatorURL": "http://prometheus.example/graph?g0.expr=up%3D%3D0",
        "fingerprint": word.rjust(16, "0")[-16:],
    }
    return sent | changes


async def deliver(watched: Watched, *alerts: dict[str, Any], **changes: Any) -> httpx.Response:
    """A notification as Alertmanager's webhook posts it, without any header of ours."""
    sent = {
        "receiver": "livret",
        "status": "firing" if any(one["status"] == "firing" for one in alerts) else "resolved",
        "alerts": list(alerts),
        "groupLabels": {"alertname": "PortalDown"},
        "commonLabels": {"alertname": "PortalDown"},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example:9093",
        "version": "4",
        "groupKey": '{}:{alertname="PortalDown"}',
        "truncatedAlerts": 0,
    }
    return await watched.of(Role.machine).post("/v1/alerts", json=sent | changes)


async def route(watched: Watched, word: str, **changes: Any) -> dict[str, Any]:
    """A route for the alerts of a test."""
    sent = {"name": word, "matchers": [{"label": "service", "comparison": "=", "value": word}]}
    answer = await watched.operations.post("/v1/alert-routes", json=sent | changes, headers=once())
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def bounds(watched: Watched, word: str) -> list[tuple[int | None, int | None]]:
    """The outages of an alert, in seconds before the story's end, the earliest first."""
    page = (await watched.operations.get("/v1/record/outages", params={"limit": 200})).json()
    key = word.rjust(16, "0")[-16:]
    rows = sorted(
        (row for row in page["items"] if row["source_key"] == key), key=lambda row: str(row["starts_at"])
    )
    return [(watched.ago(row["starts_at"]), watched.ago(row["ends_at"])) for row in rows]


async def alerts_of(watched: Watched, word: str, **asked: bool) -> list[dict[str, Any]]:
    """An alert as staff reads it, what was told of it last first."""
    params: dict[str, str | int | bool] = {"limit": 200, **asked}
    page = (await watched.of(Role.support_agent).get("/v1/alerts", params=params)).json()
    key = word.rjust(16, "0")[-16:]
    return [item for item in page["items"] if item["fingerprint"] == key]
