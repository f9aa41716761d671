"""Sessions are new each time, end of themselves, and can be seen and ended."""

from datetime import timedelta

import httpx
from sqlalchemy import text

from chassis.clock import system_now
from chassis.db import Scope
from chassis.edge import COOKIE
from services.tenancy.commands import sessions
from tests.integration.tenancy.portal import PASSWORD, Firm, Portal, session_of, slug_of


def cookie(session: str) -> dict[str, str]:
    """The header with which a browser brings its session."""
    return {"Cookie": f"{COOKIE}={session}"}


async def shown(client: httpx.AsyncClient, session: str | None = None) -> list[dict[str, object]]:
    """The caller's own sessions."""
    answer = await client.get("/v1/me/sessions", headers=cookie(session) if session else {})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["items"]
    return found


async def unused_since(portal: Portal, firm: Firm, ago: timedelta) -> None:
    """All sessions of a firm were used that long ago for the last time."""
    async with portal.db.transaction(Scope.customer(firm.customer_id)) as tx:
        statement = text("UPDATE session SET last_used_at = :at, started_at = :at")
        await tx.execute(statement, {"at": system_now() - ago})


async def test_a_session_brought_along_is_never_taken_over(portal: Portal) -> None:
    firm = await portal.new_firm()
    fixed = "fixed-by-somebody-else-000000000000000000000"
    sent = {"portal": firm.slug, "identifier": "claire", "password": PASSWORD}
    answer = await portal.client().post("/v1/sessions", json=sent, headers=cookie(fixed))
    assert answer.status_code == 201
    assert session_of(answer) != fixed
    assert (await portal.exchange(fixed)).status_code == 401
    again = await portal.client().post("/v1/sessions", json=sent, headers=cookie(session_of(answer)))
    assert session_of(again) != session_of(answer)


async def test_own_sessions_are_listed_with_where_from_and_which_is_this_one(portal: Portal) -> None:
    firm = await portal.new_firm()
    sent = {"portal": firm.slug, "identifier": "claire", "password": PASSWORD}
    one = await portal.client(address="203.0.113.5").post(
        "/v1/sessions", json=sent, headers={"User-Agent": "Lynx/2.9 " + "x" * 400}
    )
    items = await shown(firm.admin, session_of(one))
    assert [item["current"] for item in items] == [True, False]
    assert items[0]["address"] == "203.0.113.5"
    assert str(items[0]["user_agent"]).startswith("Lynx/2.9 ")
    assert len(str(items[0]["user_agent"])) == 300
    assert [item["current"] for item in await shown(firm.admin)] == [False, False]
    assert await shown(await firm.new_person("firm_collaborator")) != items


async def test_one_ends_a_session_of_ones_own_and_no_others(portal: Portal) -> None:
    firm, other = await portal.new_firm(), await portal.new_firm()
    session = session_of(await portal.log_in(firm.slug, "claire", PASSWORD))
    (mine, _) = await shown(firm.admin)
    path = f"/v1/me/sessions/{mine['session_id']}"
    for stranger in (other.admin, await firm.new_person("firm_admin"), portal.publisher):
        assert slug_of(await stranger.delete(path)) == "session-unknown"
    assert (await portal.exchange(session)).status_code == 200
    assert (await firm.admin.delete(path)).status_code == 204
    assert (await portal.exchange(session)).status_code == 401
    assert slug_of(await firm.admin.delete(path)) == "session-unknown"


async def test_all_others_are_ended_and_this_one_stays(portal: Portal) -> None:
    firm = await portal.new_firm()
    here, there = [session_of(await portal.log_in(firm.slug, "claire", PASSWORD)) for _ in range(2)]
    answer = await firm.admin.delete("/v1/me/sessions", headers=cookie(here))
    assert answer.json() == {"ended": 2}
    assert (await portal.exchange(there)).status_code == 401
    assert (await portal.exchange(here)).status_code == 200


async def test_an_administrator_ends_all_sessions_of_a_credential(portal: Portal) -> None:
    firm, other = await portal.new_firm(), await portal.new_firm()
    client = await firm.new_person("firm_collaborator")
    credential = (await client.get("/v1/me")).json()["credential_id"]
    path = f"/v1/credentials/{credential}/sessions"
    assert slug_of(await other.admin.delete(path)) == "credential-unknown"
    assert slug_of(await client.delete(path)) == "not-allowed"
    assert (await firm.admin.delete(path)).json() == {"ended": 1}
    assert (await firm.admin.delete(path)).json() == {"ended": 0}


async def test_the_publisher_ends_those_of_its_staff(portal: Portal) -> None:
    firm = await portal.new_firm()
    publisher = await portal.enter_publisher()
    own = (await publisher.get("/v1/me")).json()["credential_id"]
    theirs = (await firm.admin.get("/v1/me")).json()["credential_id"]
    refused = await publisher.delete(f"/v1/staff/credentials/{theirs}/sessions")
    assert slug_of(refused) == "credential-unknown"
    ended = await publisher.delete(f"/v1/staff/credentials/{own}/sessions")
    assert ended.json()["ended"] >= 1


async def test_a_session_that_is_not_used_ends_of_itself(portal: Portal) -> None:
    firm = await portal.new_firm()
    session = session_of(await portal.log_in(firm.slug, "claire", PASSWORD))
    await unused_since(portal, firm, sessions.IDLE - timedelta(minutes=1))
    assert (await portal.exchange(session)).status_code == 200
    await unused_since(portal, firm, sessions.IDLE + timedelta(minutes=1))
    assert slug_of(await portal.exchange(session)) == "session-over"
    assert await shown(firm.admin) == []


async def test_its_use_is_noted_to_some_minutes(portal: Portal) -> None:
    firm = await portal.new_firm()
    session = session_of(await portal.log_in(firm.slug, "claire", PASSWORD))
    before = (await shown(firm.admin, session))[0]["last_used_at"]
    await portal.exchange(session)
    assert (await shown(firm.admin, session))[0]["last_used_at"] == before
    await unused_since(portal, firm, sessions.TOUCHED_EVERY + timedelta(minutes=1))
    await portal.exchange(session)
    noted = next(item for item in await shown(firm.admin, session) if item["current"])
    assert str(noted["last_used_at"]) > str(before)


async def test_a_session_in_use_ends_after_twelve_hours(portal: Portal) -> None:
    firm = await portal.new_firm()
    session = session_of(await portal.log_in(firm.slug, "claire", PASSWORD))
    async with portal.db.transaction(Scope.customer(firm.customer_id)) as tx:
        row = await tx.fetch_one(text("SELECT max(expires_at - started_at) AS lives FROM session"))
        assert row is not None
        assert row.lives == sessions.SESSION_LIVES
        await tx.execute(text("UPDATE session SET expires_at = :at"), {"at": system_now()})
    assert slug_of(await portal.exchange(session)) == "session-over"


async def test_a_session_is_of_no_use_after_logout(portal: Portal) -> None:
    firm = await portal.new_firm()
    session = session_of(await portal.log_in(firm.slug, "claire", PASSWORD))
    out = await portal.client().delete("/v1/sessions/current", headers=cookie(session))
    assert out.status_code == 204
    assert slug_of(await portal.exchange(session)) == "session-over"
    assert (await portal.client().delete("/v1/sessions/current", headers=cookie(session))).status_code == 204
