"""The publisher's staff acts for a customer: explicitly, for a time, in its sight; never on its access."""

from datetime import timedelta
from typing import Any

import httpx
import jwt
from sqlalchemy import text

from chassis.clock import system_now
from chassis.db import Scope
from tests.integration.tenancy.portal import Firm, Portal, company, slug_of
from tests.support.callers import once

REASON = "Ticket 42: the import does not end."


async def begun(portal: Portal, firm: Firm, minutes: int = 30) -> dict[str, Any]:
    """The publisher's administrator has begun to act for the firm."""
    asked = {"customer_id": str(firm.customer_id), "reason": REASON, "minutes": minutes}
    answer = await portal.publisher.post("/v1/representations", json=asked, headers=once())
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def path_of(firm: Firm, representation: dict[str, Any], verb: str) -> str:
    """What the staff asks of a representation."""
    return f"/v1/customers/{firm.customer_id}/representations/{representation['representation_id']}/{verb}"


async def acting(portal: Portal, firm: Firm, representation: dict[str, Any]) -> httpx.AsyncClient:
    """A client with a token to act with."""
    given = await portal.publisher.post(path_of(firm, representation, "token"))
    assert given.status_code == 200, given.text
    assert given.json()["expires_in"] <= 60
    return portal.client(given.json()["access_token"])


async def moved(portal: Portal, firm: Firm, by: timedelta) -> None:
    """All representations of a firm began that much earlier."""
    async with portal.db.transaction(Scope.customer(firm.customer_id)) as tx:
        await tx.execute(
            text(
                "UPDATE representation SET started_at = started_at - CAST(:by AS interval),"
                " ends_at = ends_at - CAST(:by AS interval)"
            ),
            {"by": by},
        )


async def test_it_acts_with_a_collaborators_rights_and_the_trail_says_for_whom(portal: Portal) -> None:
    firm, other = await portal.new_firm(), await portal.new_firm()
    representation = await begun(portal, firm)
    client = await acting(portal, firm, representation)
    me = (await client.get("/v1/me")).json()
    assert (me["role"], me["customer_id"]) == ("firm_collaborator", str(firm.customer_id))
    assert (me["name"], me["representation_id"]) == ("Administrator", representation["representation_id"])
    made = await client.post("/v1/companies", json=company(), headers=once())
    assert made.status_code == 201
    elsewhere = await other.new_company()
    assert slug_of(await client.get(f"/v1/companies/{elsewhere}")) == "company-unknown"
    async with portal.db.transaction(Scope.customer(firm.customer_id)) as tx:
        lines = await tx.fetch_all(
            text("SELECT action, person_id, on_behalf_of FROM audit_trail WHERE on_behalf_of IS NOT NULL")
        )
    assert [line.action for line in lines] == ["register_company"]
    assert str(lines[0].on_behalf_of) == representation["representation_id"]
    assert str(lines[0].person_id) == (await portal.publisher.get("/v1/me")).json()["person_id"]


async def test_it_gives_and_takes_no_access_and_changes_nobodys_own(portal: Portal) -> None:
    firm = await portal.new_firm()
    client = await acting(portal, firm, await begun(portal, firm))
    credential = (await firm.admin.get("/v1/me")).json()["credential_id"]
    person = {"name": "P", "role": "firm_collaborator"}
    for answer in (
        await client.post("/v1/people", json=person, headers=once()),
        await client.post(f"/v1/credentials/{credential}/disablement", json={"reason": "x"}),
        await client.delete(f"/v1/credentials/{credential}/sessions"),
        await client.post("/v1/representations", json={}, headers=once()),
    ):
        assert (answer.status_code, slug_of(answer)) == (403, "not-allowed")
    for answer in (
        await client.put("/v1/me/password", json={"current": "x", "new": "another sentence of words"}),
        await client.post("/v1/me/second-factor/removal", json={"password": "x", "code": "000000"}),
        await client.get("/v1/me/sessions"),
        await client.delete("/v1/me/sessions"),
        await client.delete(f"/v1/me/sessions/{credential}"),
    ):
        assert (answer.status_code, slug_of(answer)) == (403, "not-while-representing")


async def test_the_customers_administrators_see_it_and_are_told_by_mail(portal: Portal) -> None:
    firm, other = await portal.new_firm(), await portal.new_firm()
    sent = {"name": "Paule", "role": "firm_admin", "mail": "paule@cabinet.example"}
    person = await firm.admin.post("/v1/people", json=sent, headers=once())
    path = f"/v1/people/{person.json()['person_id']}/credentials"
    assert (await firm.admin.post(path, json={"identifier": "paule"})).status_code == 201
    first, second = await begun(portal, firm, 5), await begun(portal, firm)
    items = (await firm.admin.get("/v1/representations?limit=1")).json()
    assert [item["representation_id"] for item in items["items"]] == [second["representation_id"]]
    rest = (await firm.admin.get(f"/v1/representations?cursor={items['next_cursor']}")).json()
    assert [item["representation_id"] for item in rest["items"]] == [first["representation_id"]]
    assert (rest["items"][0]["name"], rest["items"][0]["reason"]) == ("Administrator", REASON)
    assert (await other.admin.get("/v1/representations")).json()["items"] == []
    seen = await portal.publisher.get(f"/v1/customers/{firm.customer_id}/representations")
    assert len(seen.json()["items"]) == 2
    async with portal.db.transaction(Scope.machine()) as tx:
        rows = await tx.fetch_all(
            text("SELECT payload FROM effect WHERE idempotency_key LIKE :key"),
            {"key": f"representation/{first['representation_id']}/%"},
        )
    assert [row.payload["to"] for row in rows] == ["paule@cabinet.example"]
    assert REASON in rows[0].payload["text"]


async def test_it_lasts_as_long_as_was_asked_and_no_token_outlives_it(portal: Portal) -> None:
    firm = await portal.new_firm()
    representation = await begun(portal, firm, 1)
    await moved(portal, firm, timedelta(seconds=30))
    token = (await portal.publisher.post(path_of(firm, representation, "token"))).json()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] <= int(system_now().timestamp()) + 31
    assert claims["obo"] == representation["representation_id"]
    await moved(portal, firm, timedelta(seconds=30))
    over = await portal.publisher.post(path_of(firm, representation, "token"))
    assert (over.status_code, slug_of(over)) == (409, "representation-over")
    asked = {"customer_id": str(firm.customer_id), "reason": REASON, "minutes": 61}
    longer = await portal.publisher.post("/v1/representations", json=asked, headers=once())
    assert longer.status_code == 422


async def test_the_customer_ends_it_and_so_does_the_publisher(portal: Portal) -> None:
    firm, other = await portal.new_firm(), await portal.new_firm()
    first, second = await begun(portal, firm), await begun(portal, firm)
    end = f"/v1/representations/{first['representation_id']}/end"
    assert slug_of(await other.admin.post(end)) == "representation-unknown"
    assert (await firm.admin.post(end)).status_code == 204
    assert slug_of(await firm.admin.post(end)) == "representation-over"
    assert (await portal.publisher.post(path_of(firm, second, "end"))).status_code == 204
    assert slug_of(await portal.publisher.post(path_of(other, second, "end"))) == "representation-unknown"
    for each in (first, second):
        refused = await portal.publisher.post(path_of(firm, each, "token"))
        assert slug_of(refused) == "representation-over"


async def test_only_who_began_it_acts_under_it(portal: Portal) -> None:
    firm = await portal.new_firm()
    representation = await begun(portal, firm)
    person = await portal.publisher.post(
        "/v1/staff", json={"name": "Bruno", "role": "support_agent"}, headers=once()
    )
    path = f"/v1/staff/{person.json()['person_id']}/credentials"
    given = (await portal.publisher.post(path, json={"identifier": "bruno-acts"})).json()
    _, confirmed = await portal.enrol("publisher", "bruno-acts", given["secret"], "un mot de passe à lui")
    session = confirmed.headers["set-cookie"].partition("=")[2].partition(";")[0]
    bruno = portal.client((await portal.exchange(session)).json()["access_token"])
    refused = await bruno.post(path_of(firm, representation, "token"))
    assert slug_of(refused) == "representation-unknown"


async def test_it_needs_a_customer_that_is_there(portal: Portal) -> None:
    asked = {"customer_id": "00000000-0000-4000-8000-000000000001", "reason": REASON}
    answer = await portal.publisher.post("/v1/representations", json=asked, headers=once())
    assert slug_of(answer) == "customer-unknown"
