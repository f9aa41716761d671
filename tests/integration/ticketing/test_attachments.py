"""Files of tickets, over HTTP: taken for what they are, seen by whom they are for, handed back inert."""

import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.ticketing.rules import attachments as rules
from services.ticketing.rules.attachments import FILE_BYTES
from tests.integration.ticketing.portal import NOW, Portal, problem
from tests.integration.ticketing.test_messages import answer, write
from tests.support.callers import once

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de")
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + b"\x00" * 100


def own(ticket: dict[str, Any]) -> str:
    return f"/v1/tickets/{ticket['ticket_id']}/attachments"


def customers(ticket: dict[str, Any]) -> str:
    return f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}/attachments"


async def send(
    portal: Portal, ticket: dict[str, Any], name: str, content: bytes, **more: Any
) -> httpx.Response:
    """The customer adds a file to its ticket."""
    firm = portal.firm(UUID(ticket["customer_id"]))
    return await firm.post(own(ticket), params={"name": name} | more, content=content, headers=once())


async def hand(
    portal: Portal, ticket: dict[str, Any], name: str, content: bytes, **more: Any
) -> httpx.Response:
    """A technician adds one."""
    return await portal.agent.post(
        customers(ticket), params={"name": name} | more, content=content, headers=once()
    )


async def test_a_file_comes_back_as_it_was_sent_to_be_saved_and_not_shown(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    sent = await send(portal, ticket, "../relevé été.png", PNG)
    assert sent.status_code == 201, sent.text
    shown = sent.json()
    assert (shown["name"], shown["media_type"], shown["size_bytes"]) == (
        "relevé été.png",
        "image/png",
        len(PNG),
    )
    firm = portal.firm(UUID(ticket["customer_id"]))
    for client, place in ((firm, own(ticket)), (portal.agent, customers(ticket))):
        read = await client.get(f"{place}/{shown['attachment_id']}")
        assert (read.status_code, read.content) == (200, PNG)
        assert read.headers["content-type"] == "image/png"
        assert read.headers["content-disposition"] == (
            "attachment; filename=\"releve ete.png\"; filename*=UTF-8''relev%C3%A9%20%C3%A9t%C3%A9.png"
        )
        assert read.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in read.headers["content-security-policy"]
        assert read.headers["repr-digest"].startswith("sha-256=:")


async def test_a_form_is_taken_too(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    firm = portal.firm(UUID(ticket["customer_id"]))
    files = {"file": ("table.csv", "numéro;nom\n".encode("cp1252"), "application/vnd.ms-excel")}
    sent = await firm.post(own(ticket), files=files, headers=once())
    assert (sent.status_code, sent.json()["media_type"]) == (201, "text/csv")
    lacking = await firm.post(own(ticket), files={"other": ("a.txt", b"a")}, headers=once())
    assert problem(lacking)[:2] == (422, "attachment-unreadable")


async def test_text_is_handed_back_without_a_guess_at_its_letters(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    content = "été".encode("cp1252")
    shown = (await send(portal, ticket, "a.txt", content)).json()
    read = await portal.agent.get(f"{customers(ticket)}/{shown['attachment_id']}")
    assert (read.headers["content-type"], read.content) == ("text/plain", content)


@pytest.mark.parametrize(
    ("name", "content", "status", "slug"),
    [
        ("shot.png", EXE, 422, "attachment-not-what-it-says"),
        ("setup.exe", EXE, 415, "attachment-type-refused"),
        ("page.svg", b"<svg/>", 415, "attachment-type-refused"),
        ("a.txt", b"", 422, "attachment-empty"),
        ("a.txt", b"a" * (FILE_BYTES + 1), 413, "attachment-too-large"),
        ("a.txt", b"a" * (FILE_BYTES + 200_000), 413, "body-too-large"),
    ],
    ids=["disguised", "program", "drawing", "empty", "large", "larger"],
)
async def test_what_is_not_taken_is_refused_by_name(
    portal: Portal, name: str, content: bytes, status: int, slug: str
) -> None:
    ticket = await portal.register(await portal.new_customer())
    for answered in (
        await send(portal, ticket, name, content),
        await hand(portal, ticket, name, content),
    ):
        assert problem(answered)[:2] == (status, slug)


async def test_the_largest_file_is_taken(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as package:
        package.writestr("a.log", b"a" * (FILE_BYTES - 1000))
    sent = await send(portal, ticket, "logs.zip", written.getvalue())
    assert (sent.status_code, sent.json()["size_bytes"]) == (201, len(written.getvalue()))


async def test_a_ticket_holds_no_more_than_it_may(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TICKET_FILES", 1)
    ticket = await portal.register(await portal.new_customer())
    assert (await send(portal, ticket, "a.txt", b"a")).status_code == 201
    assert problem(await send(portal, ticket, "b.txt", b"b"))[:2] == (409, "attachments-too-many")


async def test_what_one_side_adds_takes_no_room_of_the_others(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "TICKET_FILES", 1)
    ticket = await portal.register(await portal.new_customer())
    assert (await hand(portal, ticket, "dump.log", b"a", internal=True)).status_code == 201
    assert problem(await hand(portal, ticket, "how.txt", b"a"))[1] == "attachments-too-many"
    assert (await send(portal, ticket, "a.txt", b"a")).status_code == 201


async def test_what_is_for_colleagues_no_customer_sees_anywhere(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    note = (await answer(portal, ticket, "Looks like E-1207.", internal=True)).json()
    public = (await answer(portal, ticket, "We look into it.")).json()
    hidden = [
        (await hand(portal, ticket, "dump.log", b"secret", internal=True)).json(),
        (await hand(portal, ticket, "dump.log", b"secret", message=note["number"])).json(),
        (await hand(portal, ticket, "dump.log", b"secret", message=public["number"], internal=True)).json(),
    ]
    assert [each["internal"] for each in hidden] == [True, True, True]
    open_to_all = (await hand(portal, ticket, "how.pdf", b"%PDF-1.7\n")).json()
    firm = portal.firm(UUID(ticket["customer_id"]))
    listed = (await firm.get(own(ticket))).json()["items"]
    assert [each["attachment_id"] for each in listed] == [open_to_all["attachment_id"]]
    for each in hidden:
        read = await firm.get(f"{own(ticket)}/{each['attachment_id']}")
        assert problem(read)[:2] == (404, "attachment-unknown")
    history = (await firm.get(f"/v1/tickets/{ticket['ticket_id']}/history")).json()["items"]
    assert [line["what"] for line in history].count("attachment_added") == 1
    assert "note_added" not in {line["what"] for line in history}
    assert len((await portal.agent.get(customers(ticket))).json()["items"]) == 4


async def test_a_file_goes_with_a_message_of_ones_own(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    theirs = (await write(portal, ticket, "See the file.")).json()["number"]
    ours = (await answer(portal, ticket, "See ours.")).json()["number"]
    note = (await answer(portal, ticket, "Strange.", internal=True)).json()["number"]
    sent = await send(portal, ticket, "a.txt", b"a", message=theirs)
    assert (sent.status_code, sent.json()["message_number"]) == (201, theirs)
    assert (await hand(portal, ticket, "b.txt", b"b", message=ours)).json()["message_number"] == ours
    for number in (ours, note, 99):
        refused = await send(portal, ticket, "c.txt", b"c", message=number)
        assert problem(refused)[:2] == (404, "message-unknown")
    assert problem(await hand(portal, ticket, "c.txt", b"c", message=theirs))[:2] == (404, "message-unknown")


async def test_the_history_says_which_file_came_with_which_message(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    number = (await write(portal, ticket, "See the file.")).json()["number"]
    file = (await send(portal, ticket, "a.txt", b"a", message=number)).json()["attachment_id"]
    firm = portal.firm(UUID(ticket["customer_id"]))
    lines = (await firm.get(f"/v1/tickets/{ticket['ticket_id']}/history")).json()["items"]
    told = [(line["what"], line["message_number"], line["attachments"]) for line in lines[-2:]]
    assert told == [("message_added", number, []), ("attachment_added", number, [file])]


async def test_nothing_is_added_to_a_closed_ticket(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    for deed in ("take-charge", "closing"):
        assert (await portal.act(ticket, deed)).status_code == 200
    for refused in (await send(portal, ticket, "a.txt", b"a"), await hand(portal, ticket, "a.txt", b"a")):
        assert problem(refused)[:2] == (409, "ticket-closed-already")


async def test_files_are_listed_in_the_order_in_which_they_came(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    sent = []
    for number in range(5):
        await portal.set_time(NOW + timedelta(minutes=number))
        sent.append((await send(portal, ticket, f"{number}.txt", b"a")).json()["attachment_id"])
    await portal.set_time(NOW)
    firm = portal.firm(UUID(ticket["customer_id"]))
    first = (await firm.get(own(ticket), params={"limit": 2})).json()
    rest = (await firm.get(own(ticket), params={"cursor": first["next_cursor"]})).json()
    assert [each["attachment_id"] for each in first["items"] + rest["items"]] == sent


async def test_anothers_files_are_not_there(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    shown = (await send(portal, ticket, "a.txt", b"a")).json()
    stranger = portal.firm(await portal.new_customer())
    assert problem(await stranger.get(own(ticket)))[:2] == (404, "ticket-unknown")
    assert problem(await stranger.get(f"{own(ticket)}/{shown['attachment_id']}"))[1] == "attachment-unknown"
    added = await stranger.post(own(ticket), params={"name": "b.txt"}, content=b"b", headers=once())
    assert problem(added)[:2] == (404, "ticket-unknown")
    other = await portal.register(UUID(ticket["customer_id"]))
    firm = portal.firm(UUID(ticket["customer_id"]))
    assert (await firm.get(f"{own(other)}/{shown['attachment_id']}")).status_code == 404
    assert (await firm.get(f"{own(ticket)}/{uuid4()}")).status_code == 404
