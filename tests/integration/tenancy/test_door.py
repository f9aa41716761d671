"""11-a, 11-b: who enters, what a session is, and how soon a disabled credential opens nothing."""

import asyncio
import csv
import io
import re
from uuid import UUID

import httpx
import jwt
from sqlalchemy import text

from chassis.app import FOLLOW_SECONDS
from chassis.auth import SigningKey, sign
from chassis.clock import system_now
from chassis.db import Scope
from contracts.events.tenancy import CredentialDisabled, CredentialIssued
from services.tenancy.tokens import Keys, ensure_key, rotate_key
from tests.integration.tenancy.portal import PASSWORD, Firm, Portal, session_of, slug_of
from tests.support.callers import once

ANOTHER = "another sentence of words"


async def given(firm: Firm, identifier: str, mail: str | None = None, by: str = "secret") -> dict[str, str]:
    """A collaborator with a credential; the answer to it."""
    sent = {"name": "Paul", "role": "firm_collaborator", "mail": mail}
    person = await firm.admin.post("/v1/people", json=sent, headers=once())
    answer = await firm.admin.post(
        f"/v1/people/{person.json()['person_id']}/credentials", json={"identifier": identifier, "by": by}
    )
    assert answer.status_code == 201, answer.text
    result: dict[str, str] = answer.json()
    return result


async def status_of(client: httpx.AsyncClient) -> int:
    """How a request of this client is answered."""
    return (await client.get("/v1/me")).status_code


async def test_a_one_time_secret_opens_only_to_be_replaced_and_only_once(portal: Portal) -> None:
    firm = await portal.new_firm()
    secret = (await given(firm, "Paul"))["secret"]
    assert len(secret.replace("-", "")) == 30
    asked = await portal.log_in(firm.slug, "paul", secret)
    assert (asked.status_code, slug_of(asked)) == (403, "password-change-required")
    short = await portal.log_in(firm.slug, "paul", secret, "short")
    assert (short.status_code, slug_of(short)) == (422, "password-too-short")
    assert (await portal.log_in(firm.slug, "paul", secret, PASSWORD)).status_code == 201
    assert slug_of(await portal.log_in(firm.slug, "paul", secret, PASSWORD)) == "credentials-refused"
    assert (await portal.log_in(firm.slug, "PAUL ", PASSWORD)).status_code == 201


async def test_a_one_time_secret_used_twice_at_once_opens_once(portal: Portal) -> None:
    firm = await portal.new_firm()
    secret = (await given(firm, "twice"))["secret"]
    passwords = [f"{PASSWORD} {n}" for n in range(4)]
    tries = await asyncio.gather(*(portal.log_in(firm.slug, "twice", secret, new) for new in passwords))
    assert sorted(answer.status_code for answer in tries) == [201, 401, 401, 401]


async def test_the_cookie_is_bound_to_the_host_and_the_token_is_kept_as_a_hash(portal: Portal) -> None:
    firm = await portal.new_firm()
    answer = await portal.log_in(firm.slug, "claire", PASSWORD)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-livret=")
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    async with portal.db.transaction(Scope.portal()) as tx:
        rows = await tx.fetch_all(text("SELECT token_hash FROM session"))
    assert all(session_of(answer).encode() not in row.token_hash for row in rows)


async def test_wrong_unknown_and_elsewhere_are_one_answer(portal: Portal) -> None:
    firm, other = await portal.new_firm(), await portal.new_firm()
    await given(other, "only-there")
    answers = [
        await portal.log_in(firm.slug, "claire", "wrong wrong wrong wrong"),
        await portal.log_in(firm.slug, "nobody", PASSWORD),
        await portal.log_in(firm.slug, "only-there", PASSWORD),
        await portal.log_in("no-such-portal", "claire", PASSWORD),
        await portal.log_in(firm.slug, "a b", PASSWORD),
    ]
    without_trace = [{**answer.json(), "trace_id": None} for answer in answers]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert all(body == without_trace[0] for body in without_trace)


async def test_an_unknown_account_costs_the_same_work(portal: Portal) -> None:
    """Each try works exactly one Argon2id, whatever is kept."""
    hasher = portal.app.state.hasher
    worked = 0

    def counting(kept: str, presented: str) -> bool:
        nonlocal worked
        worked += 1
        return False

    original = hasher._verified
    hasher._verified = counting
    try:
        for kept in (None, "sha256:00", "$argon2id$whatever"):
            assert not await hasher.matches(kept, "x")
    finally:
        hasher._verified = original
    assert worked == 3


async def test_a_session_ends_when_one_logs_out(portal: Portal) -> None:
    firm = await portal.new_firm()
    session = session_of(await portal.log_in(firm.slug, "claire", PASSWORD))
    assert (await portal.exchange(session)).status_code == 200
    out = await portal.client().delete("/v1/sessions/current", headers={"Cookie": f"__Host-livret={session}"})
    assert out.status_code == 204
    assert (await portal.exchange(session)).status_code == 401
    assert (await portal.client().post("/v1/sessions/exchange")).status_code == 401
    assert (await portal.exchange("never-existed")).status_code == 401


async def test_a_disabled_credential_opens_nothing_within_two_seconds(portal: Portal) -> None:
    firm = await portal.new_firm()
    credential = await given(firm, "stolen")
    answer = await portal.log_in(firm.slug, "stolen", credential["secret"], PASSWORD)
    session = session_of(answer)
    bearer = (await portal.exchange(session)).json()["access_token"]
    thief = portal.client(bearer)
    assert await status_of(thief) == 200
    path = f"/v1/credentials/{credential['credential_id']}/disablement"
    assert (await firm.admin.post(path, json={"reason": "Laptop stolen."})).status_code == 204
    assert (await portal.exchange(session)).status_code == 401
    async with asyncio.timeout(60):
        while (answer := await thief.get("/v1/me")).status_code == 200:
            await asyncio.sleep(0.05)
    assert answer.json().get("detail") == "Its credential was disabled."
    assert FOLLOW_SECONDS < 2, "so often does each process look"
    async with portal.db.transaction(Scope.portal()) as tx:
        open_ones = text("SELECT count(*) FROM session WHERE credential_id = :id AND ended_at IS NULL")
        left = (await tx.execute(open_ones, {"id": UUID(credential["credential_id"])})).scalar_one()
    assert left == 0
    assert slug_of(await portal.log_in(firm.slug, "stolen", PASSWORD)) == "credentials-refused"
    assert slug_of(await firm.admin.post(path, json={"reason": "x"})) == "credential-already-disabled"
    (event,) = [event for event in await firm.said() if isinstance(event, CredentialDisabled)]
    assert (str(event.credential_id), event.reason) == (credential["credential_id"], "Laptop stolen.")
    await given(firm, "stolen")


async def test_a_deactivated_companys_people_no_longer_enter(portal: Portal) -> None:
    firm = await portal.new_firm()
    company_id = await firm.new_company()
    batch = await firm.admin.post("/v1/credentials/batch", json={"company_ids": [company_id]})
    (one,) = batch.json()["items"]
    session = session_of(await portal.log_in(firm.slug, one["identifier"], one["secret"], PASSWORD))
    await firm.admin.post(f"/v1/companies/{company_id}/activation")
    assert (await portal.exchange(session)).status_code == 200
    await firm.admin.post(f"/v1/companies/{company_id}/deactivation")
    assert (await portal.exchange(session)).status_code == 401
    assert slug_of(await portal.log_in(firm.slug, one["identifier"], PASSWORD)) == "credentials-refused"


async def test_changing_the_password_ends_every_session(portal: Portal) -> None:
    firm = await portal.new_firm()
    session = session_of(await portal.log_in(firm.slug, "claire", PASSWORD))
    wrong = await firm.admin.put("/v1/me/password", json={"current": "not the right one", "new": ANOTHER})
    assert wrong.status_code == 401
    changed = await firm.admin.put("/v1/me/password", json={"current": PASSWORD, "new": ANOTHER})
    assert changed.status_code == 204
    assert (await portal.exchange(session)).status_code == 401
    assert (await portal.log_in(firm.slug, "claire", PASSWORD)).status_code == 401
    assert (await portal.log_in(firm.slug, "claire", ANOTHER)).status_code == 201


async def test_an_invitation_is_mailed_and_its_link_opens_once(portal: Portal) -> None:
    firm = await portal.new_firm()
    invited = await given(firm, "invited", mail="paul@cabinet.example", by="mail")
    assert invited.get("secret") is None
    async with portal.db.transaction(Scope.machine()) as tx:
        row = await tx.fetch_one(
            text("SELECT payload FROM effect WHERE idempotency_key = :key"),
            {"key": f"invitation/{invited['credential_id']}"},
        )
    assert row is not None
    (link,) = set(re.findall(r"http\S+#(\S+)", row.payload["text"]))
    assert not any(
        isinstance(event, CredentialIssued) and event.identifier == "invited" for event in await firm.said()
    )
    assert slug_of(await portal.log_in(firm.slug, "invited", link, PASSWORD)) == "credentials-refused"
    accept = {"token": link, "password": PASSWORD}
    client = portal.client()
    assert (await client.post("/v1/invitations/acceptance", json=accept)).status_code == 204
    spent = await client.post("/v1/invitations/acceptance", json=accept)
    assert (spent.status_code, slug_of(spent)) == (410, "link-spent")
    assert (await portal.log_in(firm.slug, "invited", PASSWORD)).status_code == 201
    assert any(
        isinstance(event, CredentialIssued) and event.identifier == "invited" for event in await firm.said()
    )


async def test_the_invitations_page_runs_its_own_script_only(portal: Portal) -> None:
    client = portal.client()
    page = await client.get("/invitation")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert (await client.get("/invitation/password.js")).status_code == 200
    assert (await client.get("/invitation/__init__.py")).status_code == 404


async def test_an_invitation_needs_an_address(portal: Portal) -> None:
    firm = await portal.new_firm()
    person = await firm.admin.post("/v1/people", json={"name": "P", "role": "firm_admin"}, headers=once())
    path = f"/v1/people/{person.json()['person_id']}/credentials"
    answer = await firm.admin.post(path, json={"identifier": "p", "by": "mail"})
    assert (answer.status_code, slug_of(answer)) == (409, "no-mail-address")


async def test_an_identifier_is_given_once_while_it_lives(portal: Portal) -> None:
    firm = await portal.new_firm()
    person = await firm.admin.post("/v1/people", json={"name": "P", "role": "firm_admin"}, headers=once())
    path = f"/v1/people/{person.json()['person_id']}/credentials"
    taken = await firm.admin.post(path, json={"identifier": "CLAIRE"})
    assert (taken.status_code, slug_of(taken)) == (409, "identifier-taken")
    assert (await firm.admin.post(path, json={"identifier": "a b"})).status_code == 422


async def test_the_publisher_gives_no_access_to_a_firms_company(portal: Portal) -> None:
    firm = await portal.new_firm()
    company_id = await firm.new_company()
    path = f"/v1/customers/{firm.customer_id}/people"
    sent = {"name": "P", "role": "company_admin", "company_id": company_id}
    without = {"name": "P", "role": "company_admin"}
    answer = await portal.publisher.post(path, json=without, headers=once())
    assert (answer.status_code, slug_of(answer)) == (403, "role-not-given")
    assert (await portal.publisher.post(path, json=sent, headers=once())).status_code == 422
    own = await firm.admin.post("/v1/people", json=sent, headers=once())
    given_there = await portal.publisher.post(
        f"{path}/{own.json()['person_id']}/credentials", json={"identifier": "p"}
    )
    assert slug_of(given_there) == "role-not-given"
    staff = await firm.admin.post("/v1/people", json={"name": "P", "role": "billing"}, headers=once())
    assert slug_of(staff) == "role-not-given"


async def test_credentials_for_many_are_a_list_shown_once(portal: Portal) -> None:
    firm = await portal.new_firm()
    ids = [await firm.new_company(name=name) for name in ("Alpha", "=cmd|' /C calc'!A0", "Gamma")]
    first = await firm.admin.post("/v1/credentials/batch", json={"company_ids": ids[:1]})
    (alpha,) = first.json()["items"]
    assert alpha["name"] == "Alpha"
    rest = await firm.admin.post("/v1/credentials/batch?format=csv", json={"all": True})
    rows = list(csv.reader(io.StringIO(rest.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row[1] for row in rows] == ["name", "'=cmd|' /C calc'!A0", "Gamma"]
    assert (await firm.admin.post("/v1/credentials/batch", json={"all": True})).json()["items"] == []
    assert (await portal.log_in(firm.slug, rows[1][2], rows[1][3], PASSWORD)).status_code == 201
    renewed = await firm.admin.post("/v1/credentials/batch", json={"company_ids": ids[:1], "renew": True})
    assert len(renewed.json()["items"]) == 1
    refused = await portal.log_in(firm.slug, alpha["identifier"], alpha["secret"], PASSWORD)
    assert slug_of(refused) == "credentials-refused"
    kinds = [type(event) for event in await firm.said()]
    assert (kinds.count(CredentialIssued), kinds.count(CredentialDisabled)) == (5, 1)
    neither = await firm.admin.post("/v1/credentials/batch", json={})
    assert neither.status_code == 422


async def test_keys_rotate_while_tokens_live(portal: Portal) -> None:
    firm = await portal.new_firm()
    sealer = portal.app.state.sealer
    before = jwt.get_unverified_header(firm.admin.headers["authorization"].split()[1])["kid"]
    kid = await rotate_key(portal.db, sealer)
    fresh = Keys(portal.db, sealer)
    assert {key["kid"] for key in (await fresh.jwks())["keys"]} >= {before, kid}
    assert (await fresh.signing()).kid == before
    assert (await firm.admin.get("/v1/me")).status_code == 200
    leaked = await fresh.signing()
    at_once = await rotate_key(portal.db, sealer, at_once=True)
    await ensure_key(portal.db, sealer)
    portal.app.state.keys = Keys(portal.db, sealer)
    assert {key["kid"] for key in (await portal.app.state.keys.jwks())["keys"]} == {at_once}
    session = session_of(await portal.log_in(firm.slug, "claire", PASSWORD))
    bearer = (await portal.exchange(session)).json()["access_token"]
    assert (await portal.client(bearer).get("/v1/me")).status_code in (200, 401)
    await portal.app.state.auth.ring.refresh(0)
    assert (await portal.client(bearer).get("/v1/me")).status_code == 200
    assert (await portal.client(_forged(leaked)).get("/v1/me")).status_code == 401
    portal.publisher = await portal.enter_publisher()


def _forged(key: SigningKey) -> str:
    return sign({"exp": int(system_now().timestamp()) + 60, "sub": "x"}, key)
