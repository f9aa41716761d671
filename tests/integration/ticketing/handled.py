"""Tickets that technicians have begun with, for the tests of what they do next."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.integration.ticketing.portal import NOW, Portal

ONE = {"departs": True, "reproducible": True, "essential": True, "inoperative": True, "workaround": False}
TWO = ONE | {"workaround": True}
THREE = ONE | {"inoperative": False}
HOUR = timedelta(hours=1)


async def taken(portal: Portal, plan: str = "open", **changes: Any) -> dict[str, Any]:
    """A ticket registered at NOW and taken in charge at once."""
    await portal.set_time(NOW)
    ticket = await portal.register(await portal.new_customer(plan), **changes)
    answer = await portal.act(ticket, "take-charge")
    assert answer.status_code == 200, answer.text
    return ticket


async def anomaly(portal: Portal, facts: dict[str, Any], plan: str = "open") -> dict[str, Any]:
    """A ticket qualified so and reproduced at NOW."""
    ticket = await taken(portal, plan)
    assert (await portal.act(ticket, "qualification", **facts)).status_code == 200
    assert (await portal.act(ticket, "reproduction")).status_code == 200
    return ticket


async def clocks(portal: Portal, ticket: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Kind, state and elapsed open seconds of each clock."""
    shown = await portal.read(ticket)
    return [(each["kind"], each["state"], each["elapsed_open_seconds"]) for each in shown["clocks"]]


def customer_of(ticket: dict[str, Any]) -> UUID:
    """Whose ticket it is."""
    return UUID(ticket["customer_id"])
