"""Mail becomes tickets and messages: nothing is lost, nothing goes round in circles, nothing crosses over."""

import asyncio

import pytest
from sqlalchemy import text

from chassis import mail
from chassis.db import Scope
from chassis.hears import Context
from chassis.settings import Settings
from services.ticketing.commands.mail_delivery import take_in
from services.ticketing.commands.mail_intake import work_next
from services.ticketing.jobs import go_on_with_mail
from services.ticketing.model.mail import Envelope
from services.ticketing.rules import attachments
from services.ticketing.rules.mail_wording import CONTEXT_LENGTH
from tests.integration.ticketing.mails import (
    PNG,
    answers,
    begun,
    files,
    mailed,
    messages,
    post,
    seen,
    ticket_of,
    work,
    writer,
    written,
)
from tests.integration.ticketing.portal import NOW, Portal
from tests.support.callers import once


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


async def test_an_answers_files_go_with_its_message(portal: Portal) -> None:
    _, address, ticket, _ = await begun(portal)
    message = written(address, f"[{ticket['reference']}]", "Here it is.")
    names = [f"{number}.png" for number in (3, 1, 4, 2, 5)]
    for name in names:
        message.add_attachment(PNG, maintype="image", subtype="png", filename=name)
    told = await mailed(portal, message)
    assert await files(portal, told) == [(name, 1) for name in sorted(names)]
    place = f"/v1/customers/{told['customer_id']}/tickets/{told['ticket_id']}/attachments"
    listed = (await portal.agent.get(place)).json()["items"]
    assert [each["name"] for each in listed] == names, "in the order in which the mail has them"


async def test_an_answer_to_a_closed_ticket_opens_another(portal: Portal) -> None:
    _, address, ticket, _ = await begun(portal)
    for deed in ("take-charge", "closing"):
        assert (await portal.act(ticket, deed)).status_code == 200
    told = await mailed(portal, written(address, f"[{ticket['reference']}]", "It is back."))
    other = await ticket_of(portal, told)
    assert (other["follows"], other["channel"]) == (ticket["ticket_id"], "email")


async def test_an_answer_to_a_closed_ticket_that_is_full_has_room_for_its_files(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "TICKET_FILES", 1)
    _, address, ticket, _ = await begun(portal)
    for name in ("a.png", "b.png"):
        message = written(address, f"[{ticket['reference']}]", "é" * 50_000)
        message.add_attachment(PNG, maintype="image", subtype="png", filename=name)
        told = await mailed(portal, message)
        if name == "a.png":
            for deed in ("take-charge", "closing"):
                assert (await portal.act(ticket, deed)).status_code == 200
    assert (await ticket_of(portal, told))["follows"] == ticket["ticket_id"]
    assert await files(portal, told) == [("b.png", 1)]
    assert len((await ticket_of(portal, told))["description"]["context"]) == CONTEXT_LENGTH
    assert len((await messages(portal, told))[0]["text"]) == 50_000


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


async def test_what_stands_above_our_line_is_the_answer(portal: Portal) -> None:
    _, address, ticket, _ = await begun(portal)
    path = f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}/messages"
    assert (await portal.agent.post(path, json={"text": "Which?"}, headers=once())).status_code == 201
    (sent,) = [each for each in await answers(portal, address) if "Which?" in each["text"]]
    said = f"12.3.\n\nSupport:\n{sent['text']}"
    told = await mailed(portal, written(address, f"Re: {sent['subject']}", said))
    assert (await messages(portal, told))[-1]["text"] == "12.3.\n\nSupport:"


async def test_the_job_works_on_what_came_in(portal: Portal) -> None:
    _, address = await writer(portal)
    taken = (await post(portal, written(address))).json()
    url = portal.db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    context = Context("ticketing", portal.clock, Settings(database_url=url))
    async with portal.db.transaction(Scope.portal()) as tx:
        await go_on_with_mail(tx, NOW, context)
        await go_on_with_mail(tx, NOW, context)
    await ticket_of(portal, await seen(portal, taken["mail_id"]))


async def test_a_mail_that_comes_again_meanwhile_waits_for_the_first(portal: Portal) -> None:
    _, address = await writer(portal)
    message = written(address)
    async with portal.db.transaction(Scope.portal()) as tx:
        first = await take_in(tx, message.as_bytes(), Envelope(), (), NOW)
        again = asyncio.create_task(post(portal, message))
        await _is_waited_for(portal)
    answer = await again
    assert (answer.status_code, answer.json()["mail_id"]) == (202, str(first.mail_id))


async def _is_waited_for(portal: Portal) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(60):
        while True:
            async with portal.db.transaction(Scope.machine()) as tx:
                if (await tx.execute(waiting)).scalar_one():
                    return
            await asyncio.sleep(0.01)
