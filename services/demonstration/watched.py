"""What is watched: the portal itself, by reaching it and logging in to it from this machine (6-b)."""

import json
from typing import Any

from chassis.edge import COOKIE
from services.cli.entrance import entered
from services.demonstration.asking import post
from services.demonstration.logins import FIRM_PORTAL, PASSWORD, code
from services.tenancy.model import PUBLISHER_PORTAL

PLACE = "local"
_PATH = "/api/availability/v1"


async def make_watched(origin: str) -> None:
    """The place of this machine's prober and the portal as its target, unless anything is watched already."""
    async with entered(origin, PUBLISHER_PORTAL, "operations", PASSWORD, code()) as operations:
        known = await operations.request("GET", f"{_PATH}/targets", params={"limit": 1})
        if not known["items"]:
            await operations.request("PUT", f"{_PATH}/places/{PLACE}", json={"name": "This machine"})
            await post(operations, f"{_PATH}/targets", _portal(origin))


def _portal(origin: str) -> dict[str, Any]:
    """Somebody of the firm reaches the portal, logs in, and logs out again. Over plain HTTP the cookie, which
    is for HTTPS alone, is carried by hand.
    """
    sessions = f"{origin}/api/tenancy/v1/sessions"
    presented = {"portal": FIRM_PORTAL, "identifier": "paul", "password": "{{secret:password}}"}
    ours = {"Origin": origin}
    cookie = {"variable": "session", "header": "Set-Cookie", "after": f"{COOKIE}=", "before": ";"}
    log_in = {
        "name": "log in",
        "method": "POST",
        "url": sessions,
        "headers": ours,
        "json": json.dumps(presented),
        "expect": {"status": [200, 201]},
        "extract": [cookie],
        "logs_in": True,
    }
    log_out = {
        "name": "log out",
        "method": "DELETE",
        "url": f"{sessions}/current",
        "headers": {**ours, "Cookie": f"{COOKIE}={{{{session}}}}"},
        "expect": {"status": [200, 204]},
    }
    return {
        "name": "The portal: reach it and log in",
        "script": {"steps": [{"name": "reach", "url": f"{origin}/readyz"}, log_in, log_out]},
        "places": [PLACE],
        "interval_seconds": 30,
        "in_a_row": 2,
        "secrets": {"password": PASSWORD},
    }
