"""Mail that is made to hurt, that fails or is worked on twice: nothing is lost, nothing done by halves."""

from datetime import timedelta
from typing import Any

import pytest

from services.ticketing.commands import mail_intake
from services.ticketing.commands.mail_intake import work_next
from services.ticketing.mail_reading import read_mail
from services.ticketing.refusals.attachments import AttachmentsTooMany
from tests.integration.ticketing.mails import (
    answers,
    mailed,
    post,
    seen,
    ticket_of,
    work,
    writer,
    written,
)
from tests.integration.ticketing.portal import NOW, Portal, problem

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


async def test_a_mail_that_another_worker_took_meanwhile_stays_as_that_left_it(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = await writer(portal)
    mail_id = (await post(portal, written(address))).json()["mail_id"]
    put_off = mail_intake._put_off

    def fail(_raw: bytes) -> None:
        raise RuntimeError("out of paper")

    async def late(*told: Any) -> None:
        monkeypatch.setattr(mail_intake, "read_mail", read_mail)
        assert await work(portal) == 1
        await put_off(*told)

    monkeypatch.setattr(mail_intake, "read_mail", fail)
    monkeypatch.setattr(mail_intake, "_put_off", late)
    assert await work_next(portal.db, portal.clock.business_now())
    await ticket_of(portal, await seen(portal, mail_id))
    assert await work(portal) == 0


async def test_only_a_whole_mail_of_a_bounded_size_is_taken(portal: Portal) -> None:
    assert problem(await post(portal, b" \r\n"))[1] == "mail-empty"
    assert problem(await post(portal, b"a" * (25 * 1024 * 1024 + 1)))[1] == "body-too-large"
    _, address = await writer(portal)
    big = written(address)
    big.add_attachment(
        b"%PDF-1.4\n" + b"a" * 8_000_000, maintype="application", subtype="pdf", filename="a.pdf"
    )
    await mailed(portal, big)


async def test_a_mail_becomes_something_whole_or_nothing(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, address = await writer(portal)

    async def refuse(*_: object) -> None:
        raise AttachmentsTooMany

    monkeypatch.setattr(mail_intake, "attach_all", refuse)
    told = await mailed(portal, written(address))
    assert (told["state"], told["reason"]) == ("refused", "attachments-too-many")
    assert (await portal.agent.get(f"/v1/customers/{customer}/tickets")).json()["items"] == []
    assert len(await answers(portal, address)) == 1, "what was not registered is not acknowledged"
