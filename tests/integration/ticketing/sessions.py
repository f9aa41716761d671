"""Steps that the tests of web sessions share."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.integration.ticketing.planning import seen
from tests.integration.ticketing.portal import Portal
from tests.support.callers import once

START = datetime.fromisoformat("2026-03-17T10:00:00+01:00")
END = START + timedelta(hours=1)
LINK = "https://webinar.example/devis"
WORDS = {
    "title": "Quotes in version 5",
    "description": "What **version 5** brings.",
    "level": "open",
    "starts_at": START.isoformat(),
    "ends_at": END.isoformat(),
    "capacity": 2,
    "link": LINK,
}


async def planned(portal: Portal, **changes: Any) -> httpx.Response:
    """A session that was planned so."""
    answer = await portal.agent.post("/v1/web-sessions", json=WORDS | changes, headers=once())
    assert answer.status_code == 201, answer.text
    return answer


def place_of(session: httpx.Response) -> str:
    return f"/v1/web-sessions/{session.json()['session_id']}"


async def join(
    portal: Portal, session: httpx.Response, customer: UUID, mail: str | None = None
) -> httpx.Response:
    """One of a customer's people registers; the answer as it is."""
    sent = {"name": "Claire Durand", "mail": mail or f"{uuid4().hex}@cabinet.example"}
    firm = portal.firm(customer)
    return await firm.post(f"{place_of(session)}/registrations", json=sent, headers=once())


async def leave(portal: Portal, registration: httpx.Response) -> httpx.Response:
    """The same does not come."""
    shown = registration.json()
    firm = portal.firm(UUID(shown["customer_id"]))
    return await firm.post(f"/v1/web-session-registrations/{shown['registration_id']}/cancellation")


async def read(portal: Portal, registration: httpx.Response) -> dict[str, Any]:
    """A registration as its customer sees it now."""
    shown = registration.json()
    firm = portal.firm(UUID(shown["customer_id"]))
    answer: dict[str, Any] = (
        await firm.get(f"/v1/web-session-registrations/{shown['registration_id']}")
    ).json()
    return answer


async def after(portal: Portal, at: datetime, session: httpx.Response, deed: str, **body: Any) -> Any:
    """What an agent's deed answers at that instant, on the session as it is then."""
    await portal.set_time(at)
    now = await portal.agent.get(place_of(session))
    method = "PUT" if deed in ("", "replay") else "POST"
    path = f"{place_of(session)}/{deed}".rstrip("/")
    return await portal.agent.request(method, path, json=body, headers=seen(now))
