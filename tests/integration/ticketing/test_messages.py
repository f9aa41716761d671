"""Customer and support write to each other; notes stay among technicians; answers are one mail thread."""

from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from chassis import mail
from chassis.db import Scope
from contracts.events.ticketing import TicketTakenInCharge
from services.ticketing.rules.quoting import MARKER
from tests.integration.ticketing.portal import CONTACT, Portal, problem
from tests.support.callers import once


async def answer(portal: Portal, ticket: dict[str, Any], words: str, **told: Any) -> httpx.Response:
    """A technician writes about a ticket."""
    path = f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}/messages"
    return await portal.agent.post(path, json={"text": words} | told, headers=once())


async def write(portal: Portal, ticket: dict[str, Any], words: str) -> httpx.Response:
    """The customer writes about its ticket."""
    firm = portal.firm(UUID(ticket["customer_id"]))
    return await firm.post(
        f"/v1/tickets/{ticket['ticket_id']}/messages", json={"text": words}, headers=once()
    )


async def mails(portal: Portal, key: str) -> list[dict[str, Any]]:
    """What the mails with this key are to say."""
    async with portal.db.transaction(Scope.machine()) as tx:
        rows = await tx.fetch_all(
            text("SELECT payload FROM effect WHERE idempotency_key = :key"), {"key": key}
        )
    return [dict(row.payload) for row in rows]


async def test_each_side_reads_what_the_other_wrote_in_its_order(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    for step in (
        await write(portal, ticket, "It happens with every quote."),
        await answer(portal, ticket, "Which version do you use?"),
        await write(portal, ticket, "12.3."),
    ):
        assert step.status_code == 201, step.text
    firm = portal.firm(UUID(ticket["customer_id"]))
    first = (await firm.get(f"/v1/tickets/{ticket['ticket_id']}/messages", params={"limit": 2})).json()
    rest = (
        await firm.get(f"/v1/tickets/{ticket['ticket_id']}/messages", params={"cursor": first["next_cursor"]})
    ).json()
    told = [(item["number"], item["side"], item["text"]) for item in first["items"] + rest["items"]]
    assert told == [
        (1, "customer", "It happens with every quote."),
        (2, "support", "Which version do you use?"),
        (3, "customer", "12.3."),
    ]


async def test_a_note_is_read_by_technicians_alone(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    noted = await answer(portal, ticket, "Looks like the old E-1207.", internal=True)
    assert noted.json()["internal"]
    firm = portal.firm(UUID(ticket["customer_id"]))
    for part in ("messages", "history"):
        seen = await firm.get(f"/v1/tickets/{ticket['ticket_id']}/{part}")
        assert "note_added" not in seen.text
        assert "E-1207." not in seen.text
    path = f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}/messages"
    assert [item["internal"] for item in (await portal.agent.get(path)).json()["items"]] == [True]
    assert await mails(portal, f"message/{noted.json()['message_id']}") == []
    assert (await portal.read(ticket))["state"] == "registered"


async def test_an_immediate_answer_by_a_technician_is_the_take_charge(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    await answer(portal, ticket, "Update to 12.4 and try again.")
    await answer(portal, ticket, "Does it work now?")
    read = await portal.read(ticket)
    assert (read["state"], read["clocks"][0]["state"]) == ("in_charge", "kept")
    said = await portal.said(UUID(ticket["customer_id"]))
    assert len([event for event in said if isinstance(event, TicketTakenInCharge)]) == 1


async def test_a_question_makes_the_ticket_wait_and_the_customers_answer_ends_it(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    await answer(portal, ticket, "Please send us the quote.", wait_for_customer=True)
    assert (await portal.read(ticket))["waiting"]
    again = await answer(portal, ticket, "And the invoice.", wait_for_customer=True)
    assert problem(again)[1] == "waiting-already"
    await write(portal, ticket, "Here it is.")
    read = await portal.read(ticket)
    assert not read["waiting"]
    assert len(read["waits"]) == 1


async def test_an_answer_is_mailed_in_one_thread_with_the_acknowledgement(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    first = (await answer(portal, ticket, "Which version do you use?")).json()
    (sent,) = await mails(portal, f"message/{first['message_id']}")
    assert sent["to"] == CONTACT["email"]
    assert sent["subject"].startswith(f"[{ticket['reference']}] ")
    assert sent["text"].startswith(f"{MARKER}\n\nWhich version do you use?")
    assert sent["after_keys"] == [f"acknowledgement/{ticket['ticket_id']}"]
    assert sent["reply_tag"] == ticket["reference"]
    async with portal.db.transaction(Scope.portal()) as tx:
        rows = await tx.fetch_all(
            text("SELECT mail_id FROM mail_thread WHERE ticket_id = :ticket_id"),
            {"ticket_id": UUID(ticket["ticket_id"])},
        )
    keys = (f"acknowledgement/{ticket['ticket_id']}", f"message/{first['message_id']}")
    assert {row.mail_id for row in rows} == {mail.local_part(key) for key in keys}


async def test_an_answer_is_mailed_whatever_was_copied_into_the_subject(portal: Portal) -> None:
    described = {"subject": "It beeps \x07\x1b[31m\tred", "context": "Always."}
    ticket = await portal.register(await portal.new_customer(), description=described)
    (sent,) = await mails(portal, f"message/{(await answer(portal, ticket, 'Why?')).json()['message_id']}")
    assert sent["subject"] == f"[{ticket['reference']}] It beeps [31m red"


async def test_about_a_closed_ticket_support_is_silent_and_the_customer_opens_another(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer(), product=await portal.new_product())
    for deed in ("take-charge", "closing"):
        assert (await portal.act(ticket, deed)).status_code == 200
    for internal in (False, True):
        refused = await answer(portal, ticket, "One more thing.", internal=internal)
        assert problem(refused)[1] == "ticket-closed-already"
    went_on = (await write(portal, ticket, "It is back again.")).json()
    assert went_on["ticket_id"] != ticket["ticket_id"]
    other = await portal.read(ticket | {"ticket_id": went_on["ticket_id"]})
    assert (other["follows"], other["product"]) == (ticket["ticket_id"], ticket["product"])
    assert (other["description"]["context"], other["state"]) == ("It is back again.", "registered")
    assert (await portal.read(ticket))["state"] == "closed"


async def test_the_same_request_again_says_it_once(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    firm, key = portal.firm(UUID(ticket["customer_id"])), once()
    path = f"/v1/tickets/{ticket['ticket_id']}/messages"
    for _ in range(2):
        assert (await firm.post(path, json={"text": "Once."}, headers=key)).status_code == 201
    assert len((await firm.get(path)).json()["items"]) == 1


async def test_another_customers_ticket_is_not_there(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    stranger = portal.firm(await portal.new_customer())
    path = f"/v1/tickets/{ticket['ticket_id']}/messages"
    for refused in (
        await stranger.get(path),
        await stranger.post(path, json={"text": "Mine."}, headers=once()),
    ):
        assert problem(refused)[:2] == (404, "ticket-unknown")
