"""Effects: asked for with the deed, performed after it, by one at a time, to their end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from chassis import effects, mail
from chassis.clock import Clock
from chassis.db import Database, Scope
from chassis.effects import Effect, EffectRefused
from chassis.embedded.ports import free_port
from chassis.hears import Context
from chassis.settings import Settings
from tests.support.postgres import DatabaseMaker


@pytest.fixture
async def db(database: DatabaseMaker) -> AsyncIterator[Database]:
    """A database with the chassis's tables alone."""
    db = Database.create(database("chassis").app_url)
    yield db
    await db.close()


def context(target: str = "file:///nowhere") -> Context:
    """A process whose mail goes there."""
    return Context("probe", Clock(), Settings(mail=target))


async def ask(db: Database, *keys: str, kind: str = "note") -> None:
    """Asks for effects in one transaction."""
    async with db.transaction(Scope.machine()) as tx:
        for key in keys:
            await tx.effect(kind, key, {"secret": key})


async def rows(db: Database) -> list[tuple[str, int, str]]:
    """State, attempts and payload of each effect."""
    async with db.engine.begin() as connection:
        found = await connection.execute(
            text("SELECT state, attempts, payload::text FROM effect ORDER BY id")
        )
        return [(row[0], row[1], row[2]) for row in found]


async def lapse(db: Database) -> None:
    """Ends leases and waits, as time does."""
    async with db.engine.begin() as connection:
        await connection.execute(text("UPDATE effect SET due_at = '-infinity', lease_until = NULL"))


async def test_an_effect_is_performed_once_by_two_workers_and_forgets_its_payload(db: Database) -> None:
    done: list[str] = []

    async def note(effect: Effect, _context: Context) -> None:
        done.append(effect.idempotency_key)
        await asyncio.sleep(0.05)

    await ask(db, *"abcdefgh")
    await ask(db, "a")
    counts = await asyncio.gather(
        *(effects.perform_once(db, {"note": note}, context(), limit=4) for _ in range(3))
    )
    assert sum(counts) == 8
    assert sorted(done) == list("abcdefgh")
    assert await rows(db) == [("done", 1, "{}")] * 8
    assert await effects.perform_once(db, {"note": note}, context()) == 0


async def test_one_whose_worker_died_is_performed_by_another_when_its_lease_ends(db: Database) -> None:
    done: list[int] = []

    async def dies(_effect: Effect, _context: Context) -> None:
        raise asyncio.CancelledError

    async def note(effect: Effect, _context: Context) -> None:
        done.append(effect.attempts)

    await ask(db, "a")
    with pytest.raises(asyncio.CancelledError):
        await effects.perform_once(db, {"note": dies}, context())
    assert await effects.perform_once(db, {"note": note}, context()) == 0
    await lapse(db)
    assert await effects.perform_once(db, {"note": note}, context()) == 1
    assert done == [2]


async def test_who_fails_after_its_lease_has_ended_decides_nothing(db: Database) -> None:
    begun, may_fail = asyncio.Event(), asyncio.Event()

    async def late(_effect: Effect, _context: Context) -> None:
        begun.set()
        await may_fail.wait()
        raise EffectRefused

    async def fails(_effect: Effect, _context: Context) -> None:
        raise OSError("away")

    await ask(db, "a")
    first = asyncio.create_task(effects.perform_once(db, {"note": late}, context()))
    await begun.wait()
    await lapse(db)
    await effects.perform_once(db, {"note": fails}, context())
    may_fail.set()
    await first
    assert [row[:2] for row in await rows(db)] == [("pending", 2)]


async def test_a_failure_is_tried_again_and_a_refusal_is_not(db: Database) -> None:
    async def fails(effect: Effect, _context: Context) -> None:
        raise EffectRefused if effect.idempotency_key == "b" else OSError("away")

    await ask(db, "a", "b")
    await effects.perform_once(db, {"note": fails}, context())
    assert [row[:2] for row in await rows(db)] == [("pending", 1), ("dead", 1)]
    for _ in range(20):
        await lapse(db)
        await effects.perform_once(db, {"note": fails}, context())
    assert [row[:2] for row in await rows(db)] == [("dead", 12), ("dead", 1)]
    assert (await effects.standing(db)).dead == 2
    assert await effects.replay(db) == 2
    assert [row[:2] for row in await rows(db)] == [("pending", 0), ("pending", 0)]


async def test_what_is_rolled_back_asks_for_nothing(db: Database) -> None:
    async def undone() -> None:
        async with db.transaction(Scope.machine()) as tx:
            await tx.effect("note", "a", {})
            raise EffectRefused

    with pytest.raises(EffectRefused):
        await undone()
    assert await rows(db) == []


async def test_mail_lies_in_the_directory_once_however_often_it_is_sent(db: Database, tmp_path: Path) -> None:
    async with db.transaction(Scope.machine()) as tx:
        await mail.send(tx, key="invitation/7", to="anne@cabinet.example", subject="Accès", text="Bonjour")
    for _ in range(2):
        await effects.perform_once(db, {"mail": mail.perform}, context(tmp_path.as_uri()))
    await mail.perform(
        Effect("mail", "invitation/7", {"to": "a@b.example", "subject": "s", "text": "t"}, 2),
        context(tmp_path.as_uri()),
    )
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("invitation-7")
    assert file.suffix == ".eml"


class Mailbox:
    """A real SMTP server that keeps what it takes, and refuses one address for good."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("gone"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 OK"


async def test_mail_goes_to_a_server_and_a_mailbox_that_is_gone_is_final(db: Database) -> None:
    mailbox = Mailbox()
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, ready_timeout=60.0)
    controller.start()
    try:
        async with db.transaction(Scope.machine()) as tx:
            await mail.send(tx, key="1", to="Anne <anne@cabinet.example>", subject="Accès", text="Bonjour")
            await mail.send(tx, key="2", to="gone@cabinet.example", subject="Accès", text="Bonjour")
        await effects.perform_once(db, {"mail": mail.perform}, context(f"smtp://127.0.0.1:{port}"))
    finally:
        controller.stop()
    assert sorted(row[0] for row in await rows(db)) == ["dead", "done"]
    (content,) = mailbox.taken
    assert b"anne@cabinet.example" in content
