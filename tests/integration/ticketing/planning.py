"""Steps that the tests of remote assistance, web sessions and interventions share."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from chassis.auth import Role
from chassis.db import Scope
from tests.integration.ticketing.portal import Portal
from tests.support.callers import once

DAY = ("2026-03-11T08:00:00+01:00", "2026-03-11T19:00:00+01:00")
"""A Wednesday, the day after NOW."""
AT_TEN = "2026-03-11T10:00:00+01:00"


async def technician(portal: Portal, starts: str, ends: str) -> UUID:
    """A technician nobody else is, who can be booked between these instants."""
    technician_id = uuid4()
    await publish(portal, technician_id, starts, ends)
    return technician_id


async def publish(portal: Portal, technician_id: UUID, starts: str, ends: str) -> dict[str, Any]:
    """That technician's hours, said by an administrator."""
    sent = {"technician_id": str(technician_id), "starts_at": starts, "ends_at": ends}
    admin = portal.of(Role.publisher_admin)
    answer = await admin.post("/v1/technicians/hours", json=sent, headers=once())
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def serve_nobody_else(portal: Portal) -> None:
    """Every technician of the tests before is gone."""
    async with portal.db.transaction(Scope.portal()) as tx:
        await tx.execute(text("DELETE FROM technician_hours"))


async def book(
    portal: Portal, ticket: dict[str, Any], starts: str, minutes: int = 60, **changes: Any
) -> httpx.Response:
    """The ticket's customer books a time for it; the answer as it is."""
    sent = {"starts_at": starts, "minutes": minutes, "system_maintained": True} | changes
    firm = portal.firm(UUID(ticket["customer_id"]))
    return await firm.post(f"/v1/tickets/{ticket['ticket_id']}/assistance", json=sent, headers=once())


async def mails(portal: Portal, to: str) -> list[dict[str, Any]]:
    """The mails asked for to this address, in order."""
    async with portal.db.transaction(Scope.machine()) as tx:
        rows = await tx.fetch_all(
            text("SELECT payload FROM effect WHERE kind = 'mail' AND payload->>'to' = :to ORDER BY id"),
            {"to": to},
        )
    return [row.payload for row in rows]


def instants(starts: str, minutes: int = 60) -> tuple[datetime, datetime]:
    """A slot's beginning and end."""
    first = datetime.fromisoformat(starts)
    return first, first + timedelta(minutes=minutes)


def seen(answer: httpx.Response) -> dict[str, str]:
    """What an edit of what was just answered sends."""
    return {"If-Match": answer.headers["ETag"]}


async def asking(portal: Portal, plan: str = "open", **changes: Any) -> dict[str, Any]:
    """A ticket of a new customer of that plan."""
    return await portal.register(await portal.new_customer(plan), **changes)


async def booked(portal: Portal, ticket: dict[str, Any], starts: str, minutes: int = 60) -> httpx.Response:
    """The answer to a booking that succeeds."""
    answer = await book(portal, ticket, starts, minutes)
    assert answer.status_code == 201, answer.text
    return answer
