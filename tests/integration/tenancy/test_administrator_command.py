"""`livret administrator`: a publisher's first administrator gets in, without a demonstration."""

import asyncio

import pytest

from services.__main__ import main
from tests.integration.tenancy.portal import PASSWORD, Portal, session_of


async def command(portal: Portal, *arguments: str) -> int:
    """Runs it as a process would, apart from this event loop."""
    where = ["--database-url", portal.database.app_url]
    return await asyncio.to_thread(main, ["administrator", *arguments, *where])


async def test_who_was_added_enters_with_a_password_and_a_factor_of_its_own(
    portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command(portal, "Irene", "--name", "Irène Roux", "--mail", "irene@publisher.example") == 0
    told = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert (told["portal"], told["identifier"]) == ("publisher", "Irene")

    _, entered = await portal.enrol("publisher", "irene", told["one-time secret"], new=PASSWORD)

    assert entered.status_code == 201, entered.text
    client = portal.client((await portal.exchange(session_of(entered))).json()["access_token"])
    me = (await client.get("/v1/me")).json()
    assert (me["role"], me["name"], me["customer_id"]) == ("publisher_admin", "Irène Roux", None)
    asked = {"action": "add_administrator"}
    (line,) = (await client.get("/v1/audit", params=asked)).json()["items"]
    assert (line["subject"], line["person_id"]) == (me["person_id"], None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("admin", "--name", "Another"), "This identifier is given to somebody already"),
        (("two words", "--name", "Another"), "identifier"),
        (("other", "--name", " "), "A name is needed"),
        (("other", "--name", "Another", "--mail", "nowhere"), "--mail: "),
    ],
)
async def test_what_cannot_be_added_is_told_and_adds_nobody(
    portal: Portal, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    before = (await portal.publisher.get("/v1/staff")).json()["items"]
    assert await command(portal, *arguments) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("livret administrator: ")
    assert told.err.count("\n") == 1
    assert said in told.err
    assert (await portal.publisher.get("/v1/staff")).json()["items"] == before


async def test_inside_a_service_its_own_database_is_meant(
    portal: Portal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVRET_DATABASE_URL", portal.database.app_url)
    assert await asyncio.to_thread(main, ["administrator", "second", "--name", "Second"]) == 0
    assert "second" in capsys.readouterr().out


async def test_a_database_that_does_not_answer_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = "postgresql://livret_app:x@127.0.0.1:1/livret_tenancy"
    told = ["administrator", "admin", "--name", "Irène Roux", "--database-url", url]
    assert await asyncio.to_thread(main, told) == 1
    assert capsys.readouterr().err.startswith("livret administrator: the database cannot be used: ")
