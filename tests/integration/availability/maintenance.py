"""What operations do to maintenance, as tests do it over HTTP; they begin on a Tuesday of March at ten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.integration.availability.portal import Portal
from tests.support.callers import once

PATH = "/v1/maintenance"
MATCH_ANY = {"If-Match": "*"}
THURSDAY = {"starts_at": "2026-03-12T22:00:00+01:00", "ends_at": "2026-03-13T04:00:00+01:00"}
"""Sixty hours ahead."""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026, in Paris, before the clocks change."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


def planned(**changes: Any) -> dict[str, Any]:
    """Thursday night, from ten to four."""
    return {"title": "New disks", "description": "Storage is renewed."} | THURSDAY | changes


async def announce(portal: Portal, **changes: Any) -> dict[str, Any]:
    """Operations announce planned maintenance that fits."""
    answer = await portal.operations.post(PATH, json=planned(**changes), headers=once())
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def change(portal: Portal, maintenance_id: str, **changes: Any) -> httpx.Response:
    """Operations announce it otherwise."""
    sent = planned(reason="The supplier asks for it.", **changes)
    return await portal.operations.put(f"{PATH}/{maintenance_id}", json=sent, headers=MATCH_ANY)


async def do(portal: Portal, maintenance_id: str, deed: str, **body: Any) -> httpx.Response:
    """Operations start, end or cancel what they have just seen."""
    return await portal.operations.post(f"{PATH}/{maintenance_id}/{deed}", json=body, headers=MATCH_ANY)


async def history(portal: Portal, maintenance_id: str) -> list[dict[str, Any]]:
    """What was announced when, and what came of it."""
    found: list[dict[str, Any]] = (await portal.operations.get(f"{PATH}/{maintenance_id}/history")).json()[
        "items"
    ]
    return found


async def exclusion_of(portal: Portal, maintenance_id: str) -> dict[str, Any]:
    """What urgent maintenance leaves out."""
    asked = "/v1/record/exclusions?kind=urgent_maintenance&limit=200"
    items = (await portal.operations.get(asked)).json()["items"]
    (found,) = [each for each in items if each["maintenance_id"] == maintenance_id]
    return dict(found)
