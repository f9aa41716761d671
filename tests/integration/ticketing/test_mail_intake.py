"""Mail becomes tickets and messages: nothing is lost, nothing goes round in circles, nothing crosses over."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis import mail
from chassis.auth import Role
from chassis.db import Scope
from chassis.hears import Context
from chassis.settings import Settings
from contracts.events.tenancy import ContractEnded
from services.ticketing.commands import mail_intake
from services.ticketing.commands.mail_intake import work_next
from services.ticketing.jobs import go_on_with_mail
from tests.integration.ticketing.portal import NOW, Portal, asked, opened, problem
from tests.support.callers import once
from tests.support.postgres import DatabaseMaker

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0"
    "000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
async def portal(module_database: DatabaseMaker) -> AsyncIterator[Portal]:
    """Ticketing with its API, on a database of its own; no other test's mails are in it."""
    async with opened(module_database("ticketing")) as portal:
        yield portal


def written(
    sender: str, subject: str = "A quote", said: str = "It cannot be saved.", **told: str
) -> EmailMessage:
    """A mail as a person's program writes it."""
    message = EmailMessage(policy=SMTP)
    headers = {"Message-ID": f"<{uuid4().hex}@cabinet.example>", "To": "support@portal.example"}
    headers |= {"From": f"Claire Durand <{sender}>", "Subject": subject}
    for name, value in (headers | {name.replace("_", "-"): value for name, value in told.items()}).items():
        message[name] = value
    message.set_content(said)
    return message


async def post(portal: Portal, message: EmailMessage | bytes, **envelope: str) -> httpx.Response:
    """The gateway delivers a mail."""
    raw = message if isinstance(message, bytes) else message.as_bytes()
    return await portal.of(Role.machine).post(
        "/v1/mail", content=raw, params=envelope, headers={"Content-Type": "message/rfc822"}
    )


async def work(portal: Portal) -> int:
    """Works on all that is due; how many mails that was."""
    count = 0
    while await work_next(portal.db, portal.clock.business_now()):
        count += 1
    return count


async def mailed(portal: Portal, message: EmailMessage, **envelope: str) -> dict[str, Any]:
    """A mail was delivered and worked on; what staff sees of it."""
    taken = await post(portal, message, **envelope)
    assert taken.status_code == 202, taken.text
    await work(portal)
    return await seen(portal, taken.json()["mail_id"])


async def seen(portal: Portal, mail_id: str) -> dict[str, Any]:
    """A mail as staff reads it."""
    answer = await portal.agent.get(f"/v1/mails/{mail_id}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def known(portal: Portal, customer: UUID, sender: str, **more: Any) -> dict[str, Any]:
    """An agent says who writes for a customer."""
    path = f"/v1/customers/{customer}/mail-senders"
    answer = await portal.agent.post(path, json={"sender": sender} | more, headers=once())
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def writer(portal: Portal, plan: str = "open") -> tuple[UUID, str]:
    """A customer, and an address that writes for it."""
    customer, address = await portal.new_customer(plan), f"claire@{uuid4().hex[:12]}.example"
    await known(portal, customer, address)
    return customer, address


async def ticket_of(portal: Portal, told: dict[str, Any]) -> dict[str, Any]:
    """The ticket that a mail became, or was added to."""
    assert told["state"] == "done", told
    return await portal.read(told)


async def messages(portal: Portal, told: dict[str, Any]) -> list[dict[str, Any]]:
    """What was said about the ticket of a mail."""
    path = f"/v1/customers/{told['customer_id']}/tickets/{told['ticket_id']}/messages"
    items: list[dict[str, Any]] = (await portal.agent.get(path)).json()["items"]
    return items


async def files(portal: Portal, told: dict[str, Any]) -> list[tuple[str, int | None]]:
    """Names of a ticket's files, and the message that each came with."""
    async with portal.db.transaction(Scope.portal()) as tx:
        rows = await tx.fetch_all(
            text(
                "SELECT name, message_number FROM ticket_attachment WHERE ticket_id = :ticket_id"
                " ORDER BY name"
            ),
            {"ticket_id": UUID(told["ticket_id"])},
        )
    return [(row.name, row.message_number) for row in rows]


async def answers(portal: Portal, address: str) -> list[dict[str, Any]]:
    """Mails that go to an address."""
    async with portal.db.transaction(Scope.machine()) as tx:
        rows = await tx.fetch_all(
            text("SELECT payload FROM effect WHERE payload->>'to' = :address ORDER BY idempotency_key"),
            {"address": address},
        )
    return [dict(row.payload) for row in rows]


async def test_a_mail_becomes_a_ticket_that_is_acknowledged(portal: Portal) -> None:
    customer, address = await writer(portal)
    message = written(address, "=?utf-8?Q?Le_devis_refus=C3=A9?=", "Il ne s'enregistre pas.\n\n> vieux")
    message.add_attachment(PNG, maintype="image", subtype="png", filename="écran.png")
    message.add_attachment(b"MZ", maintype="application", subtype="x-msdownload", filename="tool.exe")
    told = await mailed(portal, message, sender=address, recipient="support@portal.example")
    ticket = await ticket_of(portal, told)
    assert (ticket["customer_id"], ticket["channel"], ticket["kind"]) == (str(customer), "email", "support")
    assert ticket["description"]["subject"] == "Le devis refusé"
    assert ticket["description"]["context"].startswith(
        "Il ne s'enregistre pas.\n\n> vieux\n\n[Attachment tool.exe"
    )
    assert (ticket["contact"]["name"], ticket["contact"]["email"]) == ("Claire Durand", address)
    assert await files(portal, told) == [("écran.png", None)]
    (acknowledgement,) = await answers(portal, address)
    assert ticket["reference"] in acknowledgement["subject"]
    assert [(file["name"], file["size_bytes"]) for file in told["files"]] == [
        ("écran.png", len(PNG)),
        ("tool.exe", 2),
    ]


async def test_a_mail_that_comes_again_is_the_same(portal: Portal) -> None:
    _, address = await writer(portal)
    message = written(address)
    first = (await post(portal, message)).json()["mail_id"]
    again = b"Received: from another.example\r\n" + message.as_bytes()
    assert (await post(portal, again)).json()["mail_id"] == first
    assert await work(portal) == 1
    assert (await post(portal, again)).json() == {"mail_id": first, "state": "done"}
    assert await work(portal) == 0


async def test_a_mail_that_comes_twice_at_once_is_kept_and_worked_on_once(portal: Portal) -> None:
    _, address = await writer(portal)
    message = written(address)
    taken = await asyncio.gather(*(post(portal, message) for _ in range(4)))
    assert len({each.json()["mail_id"] for each in taken}) == 1
    others = [(await post(portal, written(address))).json()["mail_id"] for _ in range(5)]
    now = portal.clock.business_now()
    worked = await asyncio.gather(*(work_next(portal.db, now) for _ in range(3)))
    assert (sum(worked) + await work(portal), len(others)) == (6, 5)
    tickets = [
        (await seen(portal, mail_id))["ticket_id"] for mail_id in (taken[0].json()["mail_id"], *others)
    ]
    assert len(set(tickets)) == 6


HOSTILE = {
    "nothing but NUL": b"\x00" * 100,
    "NUL in a header": b"From: %s\r\nSubject: a\x00b\r\n\r\na\x00b",
    "a header that is none": b"From: %s\r\n\xff\xfe\r\nSubject: \xe9\r\n\r\n\xe9",
    "no body": b"From: %s\r\nSubject: A quote",
    "nested without end": b"From: %s\r\n"
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 1_000,
    "one long line": b"From: %s\r\n\r\n" + b"a" * 5_000_000,
    "a subject that is a header": b"From: %s\r\nSubject: =?utf-8?Q?a=0D=0ABcc:_x@y.example?=\r\n\r\nb",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
async def test_a_mail_that_is_made_to_hurt_hurts_nothing(portal: Portal, content: bytes) -> None:
    _, address = await writer(portal)
    taken = await post(portal, content.replace(b"%s", address.encode()))
    assert taken.status_code == 202, taken.text
    await work(portal)
    told = await seen(portal, taken.json()["mail_id"])
    if told["sender"] is None:
        assert (told["state"], told["reason"]) == ("unmatched", "sender_unreadable")
    else:
        assert (await ticket_of(portal, told))["contact"]["email"] == address
        assert len(await answers(portal, address)) == 1


async def begun(portal: Portal) -> tuple[UUID, str, dict[str, Any], EmailMessage]:
    """A ticket that came by mail: its customer, its contact's address, itself, and the mail."""
    customer, address = await writer(portal)
    message = written(address)
    return customer, address, await ticket_of(portal, await mailed(portal, message)), message


async def test_an_answer_finds_its_ticket_in_each_way(portal: Portal) -> None:
    _, address, ticket, first = await begun(portal)
    path = f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}/messages"
    asked = await portal.agent.post(path, json={"text": "Which version?"}, headers=once())
    ours = mail.local_part(f"message/{asked.json()['message_id']}")
    said = "12.3.\n\nLe 10/03/2026, Support a écrit :\n> Which version?"
    ways = [
        written(address, "Re: it", said, In_Reply_To=f"<{ours}@livret.example>"),
        written(address, "Re: it", said, References=f"{first['Message-ID']} <x@elsewhere.example>"),
        written(address, f"Re: [{ticket['reference']}] it", said),
        written(address, "Re: it", said, To=f"support+{ticket['reference']}@portal.example"),
    ]
    for number, way in enumerate(ways, 2):
        told = await mailed(portal, way)
        assert (told["state"], told["ticket_id"]) == ("done", ticket["ticket_id"])
        message = (await messages(portal, told))[-1]
        assert (message["number"], message["side"], message["channel"]) == (number, "customer", "email")
        assert (message["text"], message["author"]) == ("12.3.", None)
        assert message["author_name"] == f"Claire Durand <{address}>"
    by_envelope = await mailed(
        portal, written(address, "Re: it", said), recipient=f"support+{ticket['reference']}@portal.example"
    )
    assert by_envelope["ticket_id"] == ticket["ticket_id"]


async def test_an_answers_file_goes_with_its_message(portal: Portal) -> None:
    _, address, ticket, _ = await begun(portal)
    message = written(address, f"[{ticket['reference']}]", "Here it is.")
    message.add_attachment(PNG, maintype="image", subtype="png", filename="a.png")
    assert await files(portal, await mailed(portal, message)) == [("a.png", 1)]


async def test_an_answer_to_a_closed_ticket_opens_another(portal: Portal) -> None:
    _, address, ticket, _ = await begun(portal)
    for deed in ("take-charge", "closing"):
        assert (await portal.act(ticket, deed)).status_code == 200
    told = await mailed(portal, written(address, f"[{ticket['reference']}]", "It is back."))
    other = await ticket_of(portal, told)
    assert (other["follows"], other["channel"]) == (ticket["ticket_id"], "email")


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


@pytest.mark.parametrize(
    ("headers", "envelope", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, {}, "automatic"),
        ({"Precedence": "bulk"}, {}, "bulk"),
        ({"List_Id": "<news.example>"}, {}, "mailing_list"),
        ({}, {"sender": ""}, "null_return_path"),
        ({"From": "Livret <no-reply@livret.example>"}, {}, "own_mail"),
    ],
)
async def test_what_no_person_wrote_is_recorded_and_never_answered(
    portal: Portal, headers: dict[str, str], envelope: dict[str, str], reason: str
) -> None:
    _, address = await writer(portal)
    told = await mailed(portal, written(address, **headers), **envelope)
    assert (told["state"], told["reason"], told["ticket_id"]) == ("ignored", reason, None)
    assert await answers(portal, address) == []


async def test_our_own_mail_that_comes_back_and_one_that_went_in_circles_end_here(portal: Portal) -> None:
    _, address, ticket, _ = await begun(portal)
    ours = mail.local_part(f"acknowledgement/{ticket['ticket_id']}")
    back = await mailed(portal, written(address, Message_ID=f"<{ours}@livret.example>"))
    assert (back["state"], back["reason"]) == ("ignored", "own_mail")
    raw = b"Received: from a.example\r\n" * 26 + written(address).as_bytes()
    taken = (await post(portal, raw)).json()
    assert (await seen(portal, taken["mail_id"]))["reason"] == "went_in_circles"


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


async def test_a_contact_of_a_call_is_known(portal: Portal) -> None:
    customer, address = await portal.new_customer(), f"zoe@{uuid4().hex[:12]}.example"
    call = asked(contact={"email": address})
    called = await portal.agent.post(f"/v1/customers/{customer}/tickets", json=call, headers=once())
    assert called.status_code == 201, called.text
    assert (await mailed(portal, written(address)))["customer_id"] == str(customer)


async def test_what_stands_above_our_line_is_the_answer(portal: Portal) -> None:
    _, address, ticket, _ = await begun(portal)
    path = f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}/messages"
    assert (await portal.agent.post(path, json={"text": "Which?"}, headers=once())).status_code == 201
    (sent,) = [each for each in await answers(portal, address) if "Which?" in each["text"]]
    said = f"12.3.\n\nSupport:\n{sent['text']}"
    told = await mailed(portal, written(address, f"Re: {sent['subject']}", said))
    assert (await messages(portal, told))[-1]["text"] == "12.3.\n\nSupport:"


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


async def test_the_job_works_on_what_came_in(portal: Portal) -> None:
    _, address = await writer(portal)
    taken = (await post(portal, written(address))).json()
    url = portal.db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    context = Context("ticketing", portal.clock, Settings(database_url=url))
    async with portal.db.transaction(Scope.portal()) as tx:
        await go_on_with_mail(tx, NOW, context)
        await go_on_with_mail(tx, NOW, context)
    await ticket_of(portal, await seen(portal, taken["mail_id"]))


async def test_a_mail_that_fails_is_tried_again_and_then_left_to_an_agent(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = await writer(portal)
    bad = (await post(portal, written(address))).json()["mail_id"]

    def fail(_raw: bytes) -> None:
        raise RuntimeError("out of paper")

    with monkeypatch.context() as patched:
        patched.setattr(mail_intake, "read_mail", fail)
        tried = 0
        for minute in (0, 1, 3, 6, 10):
            await portal.set_time(NOW + timedelta(minutes=minute))
            tried += await work(portal)
    await portal.set_time(NOW)
    told = await seen(portal, bad)
    assert (tried, told["state"], told["reason"]) == (5, "unmatched", "faulty")
    assert "out of paper" in told["explanation"]


async def test_only_a_whole_mail_of_a_bounded_size_is_taken(portal: Portal) -> None:
    assert problem(await post(portal, b" \r\n"))[1] == "mail-empty"
    assert problem(await post(portal, b"a" * (25 * 1024 * 1024 + 1)))[1] == "body-too-large"
    _, address = await writer(portal)
    big = written(address)
    big.add_attachment(
        b"%PDF-1.4\n" + b"a" * 8_000_000, maintype="application", subtype="pdf", filename="a.pdf"
    )
    await mailed(portal, big)
