"""What operations do to outages, as tests do it over HTTP."""

from datetime import timedelta
from typing import Any

import httpx

from tests.integration.availability.portal import NOW, Portal
from tests.support.callers import once

HOUR = timedelta(hours=1)
MATCH_ANY = {"If-Match": "*"}


def ago(minutes: int) -> str:
    """So many minutes before the tests' now."""
    return (NOW - timedelta(minutes=minutes)).isoformat()


def correction(of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The outage as it is, with changes, as a correction is sent."""
    names = ("title", "description", "starts_at", "ends_at", "offering_code", "environment")
    return {name: of[name] for name in names} | {"reason": "The log says so."} | changes


async def post(portal: Portal, outage_id: str, deed: str, **body: Any) -> httpx.Response:
    """Operations do something to an outage that they have just seen."""
    return await portal.operations.post(
        f"/v1/record/outages/{outage_id}/{deed}", json=body, headers=MATCH_ANY | once()
    )


async def put(portal: Portal, outage_id: str, body: dict[str, Any]) -> httpx.Response:
    """Operations correct an outage that they have just seen."""
    return await portal.operations.put(f"/v1/record/outages/{outage_id}", json=body, headers=MATCH_ANY)


async def lines(portal: Portal, outage_id: str, of: str = "history") -> list[dict[str, Any]]:
    """The history or the evidence of an outage."""
    answer = await portal.operations.get(f"/v1/record/outages/{outage_id}/{of}")
    found: list[dict[str, Any]] = answer.json()["items"]
    return found
