"""Who came to the door stands in the trail: who got in, who did not, who left."""

from typing import Any
from uuid import uuid4

from chassis.edge import COOKIE
from tests.integration.tenancy.portal import PASSWORD, Firm, Portal, session_of


async def lines(firm: Firm, action: str) -> list[dict[str, Any]]:
    """The lines of the firm's trail with this action, the newest first."""
    items: list[dict[str, Any]] = (await firm.admin.get("/v1/audit", params={"action": action})).json()[
        "items"
    ]
    return items


async def test_who_got_in_and_who_left(portal: Portal) -> None:
    firm = await portal.new_firm()
    opened = await portal.log_in(firm.slug, "claire", PASSWORD, address="203.0.113.9")
    assert opened.status_code == 201, opened.text
    entered = (await lines(firm, "log_in"))[0]
    assert (entered["role"], entered["origin"]) == ("firm_admin", "203.0.113.9")
    for _ in range(2):
        cookie = {"Cookie": f"{COOKIE}={session_of(opened)}"}
        await portal.client(address="203.0.113.9").delete("/v1/sessions/current", headers=cookie)
    (left,) = await lines(firm, "log_out")
    assert (left["person_id"], left["origin"]) == (entered["person_id"], "203.0.113.9")
    assert len(left["trace_id"]) == 32


async def test_who_did_not_get_in(portal: Portal) -> None:
    firm = await portal.new_firm()
    refused = await portal.log_in(firm.slug, "claire", "not at all her password", address="203.0.113.9")
    assert refused.status_code == 401
    (line,) = await lines(firm, "log_in_refused")
    assert (line["origin"], line["before"], line["details"]) == ("203.0.113.9", None, {})
    assert "not at all" not in str(line)


async def test_an_account_that_is_not_leaves_its_line_with_the_publisher(portal: Portal) -> None:
    firm, identifier = await portal.new_firm(), f"nobody-{uuid4().hex}"
    assert (await portal.log_in(firm.slug, identifier, "some password of theirs")).status_code == 401
    assert await lines(firm, "log_in_refused") == []
    found = await portal.publisher.get("/v1/audit", params={"action": "log_in_refused"})
    line = next(line for line in found.json()["items"] if line["details"].get("portal") == firm.slug)
    assert (line["customer_id"], line["person_id"]) == (None, None)
    assert identifier not in str(line)
