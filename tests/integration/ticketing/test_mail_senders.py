"""Whose a mail is, who may not write, and what agents decide."""

from datetime import date, timedelta
from uuid import uuid4

from contracts.events.tenancy import ContractEnded
from tests.integration.ticketing.mails import (
    answers,
    begun,
    known,
    mailed,
    messages,
    seen,
    ticket_of,
    work,
    writer,
    written,
)
from tests.integration.ticketing.portal import NOW, Portal, asked, problem
from tests.support.callers import once


async def test_an_unknown_sender_waits_for_an_agent_who_says_whose_it_is(portal: Portal) -> None:
    customer, address = await portal.new_customer(), f"zoe@{uuid4().hex[:12]}.example"
    told = await mailed(portal, written(address))
    assert (told["state"], told["reason"], told["customer_id"]) == ("unmatched", "sender_unknown", None)
    path = f"/v1/mails/{told['mail_id']}"
    nobody = await portal.agent.post(f"{path}/assignment", json={"customer_id": str(uuid4())})
    assert problem(nobody)[1] == "ticketing-customer-unknown"
    assigned = await portal.agent.post(f"{path}/assignment", json={"customer_id": str(customer)})
    assert assigned.json()["state"] == "received"
    again = await portal.agent.post(f"{path}/assignment", json={"customer_id": str(customer)})
    assert problem(again)[1] == "mail-settled"
    await work(portal)
    ticket = await ticket_of(portal, await seen(portal, told["mail_id"]))
    assert ticket["customer_id"] == str(customer)
    next_one = await mailed(portal, written(address))
    assert next_one["state"] == "done", "a ticket's contact is known from then on"


async def test_a_customer_that_names_anothers_address_does_not_get_its_mails(portal: Portal) -> None:
    customer, address = await portal.new_customer(), f"victim@{uuid4().hex[:12]}.example"
    ticket = await portal.register(customer, contact={"email": address})
    told = await mailed(portal, written(address, "Between us"))
    assert (told["state"], told["reason"], told["customer_id"]) == ("unmatched", "sender_unknown", None)
    about = await mailed(portal, written(address, f"[{ticket['reference']}] it"))
    assert about["ticket_id"] == ticket["ticket_id"], "of that ticket it is the contact"
    await known(portal, customer, own := f"claire@{uuid4().hex[:12]}.example")
    for deed in ("take-charge", "closing"):
        assert (await portal.act(ticket, deed)).status_code == 200
    followed = await ticket_of(portal, await mailed(portal, written(own, f"[{ticket['reference']}] it")))
    assert (followed["follows"], followed["contact"]["email"]) == (ticket["ticket_id"], own)
    assert (await mailed(portal, written(address)))["reason"] == "sender_unknown"
    itself = await ticket_of(portal, await mailed(portal, written(address, f"[{ticket['reference']}] it")))
    assert (itself["follows"], itself["contact"]["email"]) == (ticket["ticket_id"], address)
    assert (await mailed(portal, written(address)))["reason"] == "sender_unknown"


async def test_a_contact_of_a_call_is_known(portal: Portal) -> None:
    customer, address = await portal.new_customer(), f"zoe@{uuid4().hex[:12]}.example"
    call = asked(contact={"email": address})
    called = await portal.agent.post(f"/v1/customers/{customer}/tickets", json=call, headers=once())
    assert called.status_code == 201, called.text
    assert (await mailed(portal, written(address)))["customer_id"] == str(customer)


async def test_a_mail_is_put_away_with_a_reason_and_stays_on_record(portal: Portal) -> None:
    told = await mailed(portal, written(f"spam@{uuid4().hex[:12]}.example", "Buy"))
    path = f"/v1/mails/{told['mail_id']}"
    away = await portal.agent.post(f"{path}/discarding", json={"reason": "Advertising."})
    assert (away.json()["state"], away.json()["explanation"]) == ("discarded", "Advertising.")
    assert (
        problem(await portal.agent.post(f"{path}/discarding", json={"reason": "Again."}))[1] == "mail-settled"
    )
    assert problem(await portal.agent.post(f"{path}/release"))[1] == "mail-not-held"
    listed = await portal.agent.get("/v1/mails", params={"state": "discarded", "limit": 200})
    assert told["mail_id"] in {item["mail_id"] for item in listed.json()["items"]}
    source = await portal.agent.get(f"{path}/source")
    assert source.headers["content-disposition"].startswith("attachment")
    assert source.headers["content-type"].startswith("text/plain")
    assert b"Subject: Buy" in source.content
    assert problem(await portal.agent.get(f"/v1/mails/{uuid4()}"))[1] == "mail-unknown"
    assert problem(await portal.agent.get(f"/v1/mails/{uuid4()}/source"))[1] == "mail-unknown"


async def test_connect_asks_customer_service(portal: Portal) -> None:
    _, address = await writer(portal, "connect")
    ticket = await ticket_of(portal, await mailed(portal, written(address)))
    assert (ticket["kind"], ticket["queue"]) == ("customer_service", "customer-service")


async def test_a_refusal_is_told_once_a_day(portal: Portal) -> None:
    customer, address = await writer(portal)
    suspended = {"reason": "users_not_trained", "explanation": "No training was followed."}
    path = f"/v1/customers/{customer}/support-suspensions"
    assert (await portal.agent.post(path, json=suspended, headers=once())).status_code == 201
    for _ in range(2):
        told = await mailed(portal, written(address))
        assert (told["state"], told["reason"]) == ("refused", "support-suspended-now")
    (answer,) = await answers(portal, address)
    assert "13.2-h" in answer["text"]
    assert "training" not in answer["text"]
    await portal.set_time(NOW + timedelta(days=1))
    await mailed(portal, written(address))
    await portal.set_time(NOW)
    assert len(await answers(portal, address)) == 2


async def test_after_the_contract_support_is_over(portal: Portal) -> None:
    customer, address = await writer(portal)
    await portal.hear(ContractEnded(customer_id=customer, last_day=date(2026, 3, 9), ended_at=NOW))
    assert (await mailed(portal, written(address)))["reason"] == "support-over"


async def test_a_companys_people_are_sent_to_their_firm(portal: Portal) -> None:
    customer = await portal.new_customer()
    company, address = await portal.new_company(customer), f"paul@{uuid4().hex[:12]}.example"
    await known(portal, customer, address, company_id=str(company))
    told = await mailed(portal, written(address))
    assert (told["state"], told["reason"]) == ("refused", "ticket-goes-to-the-firm")
    (answer,) = await answers(portal, address)
    assert "17-a" in answer["text"]


async def test_senders_are_listed_and_removed(portal: Portal) -> None:
    customer, other = await portal.new_customer(), await portal.new_customer()
    domain = f"{uuid4().hex[:12]}.example"
    sender = await known(portal, customer, domain.upper())
    assert (sender["kind"], sender["sender"]) == ("domain", domain)
    path = f"/v1/customers/{customer}/mail-senders"
    for sent, slug in (
        ({"sender": domain}, "mail-sender-known-already"),
        ({"sender": "gmail.com"}, "domain-shared"),
        ({"sender": "not an address"}, "sender-malformed"),
        ({"sender": "a@b.example", "company_id": str(uuid4())}, "ticketing-company-unknown"),
    ):
        assert problem(await portal.agent.post(path, json=sent, headers=once()))[1] == slug
    assert (await mailed(portal, written(f"anybody@{domain}")))["customer_id"] == str(customer)
    await known(portal, other, f"zoe@{domain}")
    assert (await mailed(portal, written(f"zoe@{domain}")))["customer_id"] == str(other)
    foreign = await portal.agent.delete(f"/v1/customers/{other}/mail-senders/{sender['sender_id']}")
    assert problem(foreign)[1] == "mail-sender-unknown"
    assert [item["sender"] for item in (await portal.agent.get(path)).json()["items"]] == [domain]
    assert (await portal.agent.delete(f"{path}/{sender['sender_id']}")).status_code == 204
    assert (await mailed(portal, written(f"nobody@{domain}")))["state"] == "unmatched"


async def test_naming_another_customers_ticket_opens_nothing(portal: Portal) -> None:
    _, _, ticket, first = await begun(portal)
    _, stranger = await writer(portal)
    for message in (
        written(stranger, f"[{ticket['reference']}] let me in"),
        written(stranger, "let me in", In_Reply_To=first["Message-ID"]),
        written(stranger, "let me in", To=f"support+{ticket['reference']}@portal.example"),
    ):
        told = await mailed(portal, message)
        assert (told["state"], told["reason"], told["ticket_id"]) == (
            "unmatched",
            "sender_not_of_ticket",
            None,
        )
        assert await messages(portal, ticket) == []
    assert await answers(portal, stranger) == []


async def test_who_is_said_to_be_forged_is_left_to_an_agent(portal: Portal) -> None:
    _, address = await writer(portal)
    told = await mailed(portal, written(address, Authentication_Results="mx.portal.example; dmarc=fail"))
    assert (told["state"], told["reason"]) == ("unmatched", "said_forged")
