"""A forgotten password is reset by mail, and who asks learns nothing."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from chassis.clock import system_now
from chassis.db import Scope
from services.tenancy.commands import passwords
from services.tenancy.commands.credentials import Instants
from tests.integration.tenancy.portal import PASSWORD, Firm, Portal, session_of, slug_of
from tests.support.callers import once

ANOTHER = "another sentence of words"
MAIL = "paul@cabinet.example"


async def joined(firm: Firm, identifier: str, mail: str | None = MAIL) -> str:
    """A collaborator who has chosen a password; the credential's id."""
    sent = {"name": "Paul Duval", "role": "firm_collaborator", "mail": mail}
    person = await firm.admin.post("/v1/people", json=sent, headers=once())
    path = f"/v1/people/{person.json()['person_id']}/credentials"
    given = await firm.admin.post(path, json={"identifier": identifier})
    await firm.portal.enter(firm.slug, identifier, given.json()["secret"])
    credential_id: str = given.json()["credential_id"]
    return credential_id


async def asked(portal: Portal, slug: str, identifier: str, address: str = "198.51.100.7") -> object:
    """The status and the body of the answer to a request."""
    sent = {"portal": slug, "identifier": identifier}
    answer = await portal.client(address=address).post("/v1/password-resets", json=sent)
    return answer.status_code, answer.json()


async def mails(portal: Portal, to: str, beginning: str) -> list[str]:
    """The texts of what was mailed to somebody, oldest first."""
    async with portal.db.transaction(Scope.machine()) as tx:
        rows = await tx.fetch_all(
            text("SELECT payload FROM effect WHERE idempotency_key LIKE :key ORDER BY id"),
            {"key": f"{beginning}/%"},
        )
    return [row.payload["text"] for row in rows if row.payload["to"] == to]


async def mailed_link(portal: Portal, to: str) -> str:
    """The secret of the newest link, once the worker has answered."""
    async with portal.db.transaction(Scope.portal()) as tx:
        await passwords.answer_resets(tx, "http://portal.example", portal.at())
    found = re.findall(
        r"http://portal\.example/api/tenancy/password-reset#(\S+)",
        (await mails(portal, to, "password-reset"))[-1],
    )
    return str(found[0])


async def accepted(portal: Portal, link: str, password: str = ANOTHER) -> tuple[int, str]:
    """The status and the refusal of a reset by a link."""
    sent = {"token": link, "password": password}
    answer = await portal.client().post("/v1/password-resets/acceptance", json=sent)
    return answer.status_code, slug_of(answer) if answer.status_code >= 400 else ""


async def test_a_mailed_link_sets_another_password_once_and_ends_every_session(portal: Portal) -> None:
    firm, to = await portal.new_firm(), "once@cabinet.example"
    await joined(firm, "once", to)
    session = session_of(await portal.log_in(firm.slug, "once", PASSWORD))
    assert await asked(portal, firm.slug, "ONCE ") == (202, {"taken": True})
    link = await mailed_link(portal, to)
    assert await accepted(portal, link, "short") == (422, "password-too-short")
    assert await accepted(portal, link, "livret-livret-livret") == (422, "password-blocked")
    assert (await portal.exchange(session)).status_code == 200
    assert await accepted(portal, link) == (204, "")
    assert (await portal.exchange(session)).status_code == 401
    assert slug_of(await portal.log_in(firm.slug, "once", PASSWORD)) == "credentials-refused"
    assert (await portal.log_in(firm.slug, "once", ANOTHER)).status_code == 201
    assert await accepted(portal, link, "and once more this way") == (410, "link-spent")
    (told,) = await mails(portal, to, "access-changed")
    assert "vient d'être changé" in told
    async with portal.db.transaction(Scope.customer(firm.customer_id)) as tx:
        lines = await tx.fetch_all(text("SELECT action, details::text AS details FROM audit_trail"))
    assert {"mail_password_reset", "reset_password"} <= {line.action for line in lines}
    assert not any(link in line.details or ANOTHER in line.details for line in lines)


async def test_the_link_is_kept_as_a_hash(portal: Portal) -> None:
    firm, to = await portal.new_firm(), "hash@cabinet.example"
    await joined(firm, "hashed", to)
    await asked(portal, firm.slug, "hashed")
    link = await mailed_link(portal, to)
    async with portal.db.transaction(Scope.portal()) as tx:
        rows = await tx.fetch_all(text("SELECT reset_hash FROM credential WHERE reset_hash IS NOT NULL"))
    assert rows
    assert not any(link in row.reset_hash for row in rows)


async def test_the_answer_is_the_same_for_nobody(portal: Portal) -> None:
    firm = await portal.new_firm()
    await joined(firm, "somebody")
    answers = [
        await asked(portal, firm.slug, "somebody"),
        await asked(portal, firm.slug, "nobody"),
        await asked(portal, "no-such-portal", "somebody"),
        await asked(portal, firm.slug, "a b"),
    ]
    assert answers == [(202, {"taken": True})] * 4


async def test_the_request_does_the_same_work_for_nobody(portal: Portal) -> None:
    """It is written down and looked at by nobody: the database is asked the same, and time tells nothing."""
    firm = await portal.new_firm()
    await joined(firm, "worked-for")
    work: dict[str, list[str]] = {}

    def note(statement: str) -> None:
        work[identifier].append(statement)

    with statements(portal, note):
        for identifier in ("worked-for", "nobody-at-all", "no identifier"):
            work[identifier] = []
            await asked(portal, firm.slug, identifier)
    first = work["worked-for"]
    assert any("reset_due" in statement for statement in first)
    assert list(work.values()) == [first] * 3


@contextmanager
def statements(portal: Portal, note: Callable[[str], None]) -> Iterator[None]:
    """Notes what the requests of this task ask the database."""
    task = asyncio.current_task()

    def see(_: object, __: object, statement: str, *___: object) -> None:
        if asyncio.current_task() is task:
            note(statement)

    engine = portal.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", see)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", see)


@pytest.mark.parametrize("case", ["no mail", "one-time", "disabled", "nobody"])
async def test_who_may_have_none_is_mailed_none(portal: Portal, case: str) -> None:
    firm = await portal.new_firm()
    identifier = f"without-{case.replace(' ', '-')}"
    to = f"{identifier}@cabinet.example"
    if case == "one-time":
        sent = {"name": "P", "role": "firm_collaborator", "mail": to}
        person = await firm.admin.post("/v1/people", json=sent, headers=once())
        path = f"/v1/people/{person.json()['person_id']}/credentials"
        await firm.admin.post(path, json={"identifier": identifier})
    elif case != "nobody":
        credential = await joined(firm, identifier, None if case == "no mail" else to)
        if case == "disabled":
            path = f"/v1/credentials/{credential}/disablement"
            await firm.admin.post(path, json={"reason": "Lost."})
    assert await asked(portal, firm.slug, identifier) == (202, {"taken": True})
    async with portal.db.transaction(Scope.portal()) as tx:
        await passwords.answer_resets(tx, "http://portal.example", portal.at())
        left = (await tx.execute(text("SELECT count(*) FROM reset_due"))).scalar_one()
    assert left == 0
    assert await mails(portal, to, "password-reset") == []


async def test_a_link_opens_for_half_an_hour_and_the_newest_only(portal: Portal) -> None:
    firm, to = await portal.new_firm(), "late@cabinet.example"
    await joined(firm, "late", to)
    await asked(portal, firm.slug, "late")
    first = await mailed_link(portal, to)
    await asked(portal, firm.slug, "late")
    second = await mailed_link(portal, to)
    assert await accepted(portal, first) == (410, "link-spent")
    await asked(portal, firm.slug, "late")
    long_ago = Instants(portal.at().business, system_now() - timedelta(minutes=30))
    async with portal.db.transaction(Scope.portal()) as tx:
        await passwords.answer_resets(tx, "http://portal.example", long_ago)
    third = await mailed_link(portal, to)
    assert third != second
    assert await accepted(portal, third) == (410, "link-spent")
    assert await accepted(portal, "never-mailed") == (410, "link-spent")


async def test_a_password_changed_meanwhile_spends_the_link(portal: Portal) -> None:
    firm, to = await portal.new_firm(), "meanwhile@cabinet.example"
    await joined(firm, "meanwhile", to)
    await asked(portal, firm.slug, "meanwhile")
    link = await mailed_link(portal, to)
    assert (await portal.log_in(firm.slug, "meanwhile", PASSWORD, ANOTHER)).status_code == 201
    assert await accepted(portal, link, "a third sentence here") == (410, "link-spent")


async def test_requests_are_bounded_and_a_mailed_link_outlives_the_wait(portal: Portal) -> None:
    firm, to = await portal.new_firm(), "bounded@cabinet.example"
    await joined(firm, "bounded", to)
    for number in range(passwords.RESETS_OF_ACCOUNT.quota):
        assert (await asked(portal, firm.slug, "bounded", f"203.0.113.{number}")) == (202, {"taken": True})
    answer = await portal.client(address="203.0.113.77").post(
        "/v1/password-resets", json={"portal": firm.slug, "identifier": "bounded"}
    )
    assert (answer.status_code, slug_of(answer)) == (429, "too-many-attempts")
    assert passwords.RESETS_OF_ACCOUNT.window < passwords.RESET_LIVES
    assert await accepted(portal, await mailed_link(portal, to)) == (204, "")


async def test_a_changed_password_is_told_by_mail(portal: Portal) -> None:
    firm, to = await portal.new_firm(), "told@cabinet.example"
    await joined(firm, "told", to)
    session = session_of(await portal.log_in(firm.slug, "told", PASSWORD))
    client = portal.client((await portal.exchange(session)).json()["access_token"])
    blocked = await client.put("/v1/me/password", json={"current": PASSWORD, "new": "PaulDuval PaulDuval"})
    assert slug_of(blocked) == "password-blocked"
    assert "the name" in blocked.json()["detail"]
    changed = await client.put("/v1/me/password", json={"current": PASSWORD, "new": ANOTHER})
    assert changed.status_code == 204
    assert len(await mails(portal, to, "access-changed")) == 1


async def test_the_page_of_a_reset_runs_its_own_script_only(portal: Portal) -> None:
    client = portal.client()
    page = await client.get("/password-reset")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert 'data-door="v1/password-resets/acceptance"' in page.text
    assert (await client.get("/password-reset/password.js")).status_code == 200
    assert (await client.get("/password-reset/invitation.js")).status_code == 404
