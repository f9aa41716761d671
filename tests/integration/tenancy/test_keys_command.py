"""`livret keys rotate`: verifiers have the new key before it signs."""

import asyncio
import os

import pytest

from services.__main__ import main
from services.tenancy.tokens import Keys
from tests.integration.tenancy.portal import Portal


async def rotated(portal: Portal, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The name of the new key."""
    arguments = ["keys", "rotate", "--database-url", portal.database.app_url, *options]
    assert await asyncio.to_thread(main, arguments) == 0
    return capsys.readouterr().out.strip()


async def shown(portal: Portal) -> set[str]:
    """The keys that verifiers are told of."""
    return {key["kid"] for key in (await Keys(portal.db, portal.app.state.sealer).jwks())["keys"]}


async def test_a_new_key_is_shown_before_it_signs(portal: Portal, capsys: pytest.CaptureFixture[str]) -> None:
    before = (await Keys(portal.db, portal.app.state.sealer).signing()).kid
    new = await rotated(portal, capsys)
    assert await shown(portal) == {before, new}
    assert (await Keys(portal.db, portal.app.state.sealer).signing()).kid == before


async def test_at_once_the_others_are_no_longer_known(
    portal: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    new = await rotated(portal, capsys, "--at-once")
    assert await shown(portal) == {new}
    assert (await Keys(portal.db, portal.app.state.sealer).signing()).kid == new


async def test_a_database_that_does_not_answer_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = "postgresql://livret_app:x@127.0.0.1:1/livret_tenancy"
    assert await asyncio.to_thread(main, ["keys", "rotate", "--database-url", url]) == 1
    assert "livret keys:" in capsys.readouterr().err


async def test_secrets_are_sealed_anew_and_a_key_is_printed(
    portal: Portal, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await asyncio.to_thread(main, ["keys", "make"]) == 0
    new, old = capsys.readouterr().out.strip(), os.environ["LIVRET_SEALING_KEYS"]
    reseal = ["keys", "reseal", "--database-url", portal.database.app_url]
    monkeypatch.setenv("LIVRET_SEALING_KEYS", new)
    assert await asyncio.to_thread(main, reseal) == 1
    assert "opens what is sealed" in capsys.readouterr().err
    told = []
    for keys in (f"{new},{old}", f"{new},{old}", f"{old},{new}"):
        monkeypatch.setenv("LIVRET_SEALING_KEYS", keys)
        assert await asyncio.to_thread(main, reseal) == 0
        told.append(int(capsys.readouterr().out))
    assert told[0] >= 2
    assert told == [told[0], 0, told[0]]
    monkeypatch.setenv("LIVRET_SEALING_KEYS", "")
    assert await asyncio.to_thread(main, reseal) == 1
    assert "livret keys make" in capsys.readouterr().err
