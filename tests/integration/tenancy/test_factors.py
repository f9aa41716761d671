"""Second factors: enrolled at the door, each code taken once, and the publisher's staff have one."""

import asyncio
import os

import httpx
from sqlalchemy import text

from chassis.db import Scope
from chassis.sealing import Sealer, is_sealed, new_key
from services.tenancy import totp
from services.tenancy.commands.sealing import reseal_all
from services.tenancy.tokens import Keys
from tests.integration.tenancy.portal import PASSWORD, Firm, Portal, session_of, slug_of
from tests.support.callers import once

PATH = "/v1/sessions/second-factor"
TEST_KEYS = os.environ["LIVRET_SEALING_KEYS"].split(",")


async def entered(portal: Portal, answer: httpx.Response) -> httpx.AsyncClient:
    """A client with the token of the session that an answer opened."""
    return portal.client((await portal.exchange(session_of(answer))).json()["access_token"])


async def enrolled(portal: Portal, firm: Firm) -> tuple[str, list[str], httpx.AsyncClient]:
    """The administrator has a second factor: its secret, its recovery codes, and who has entered."""
    secret, confirmed = await portal.enrol(firm.slug, "claire", PASSWORD)
    assert confirmed.status_code == 201, confirmed.text
    return secret, confirmed.json()["recovery_codes"], await entered(portal, confirmed)


async def test_a_password_alone_no_longer_opens(portal: Portal) -> None:
    firm = await portal.new_firm()
    before = session_of(await portal.log_in(firm.slug, "claire", PASSWORD))
    secret, codes, client = await enrolled(portal, firm)
    assert (len(codes), len(set(codes))) == (10, 10)
    assert (await client.get("/v1/me")).json()["second_factor"] is True
    assert (await client.get("/v1/me")).json()["recovery_codes_left"] == 10
    assert (await portal.exchange(before)).status_code == 401
    asked = await portal.log_in(firm.slug, "claire", PASSWORD)
    assert (asked.status_code, slug_of(asked)) == (403, "second-factor-required")
    code = await portal.fresh_code(secret)
    assert (await portal.log_in(firm.slug, "claire", PASSWORD, code=code)).status_code == 201


async def test_a_code_opens_once_also_for_two_at_once(portal: Portal) -> None:
    firm = await portal.new_firm()
    secret, _, _ = await enrolled(portal, firm)
    code = await portal.fresh_code(secret)
    tries = await asyncio.gather(*(portal.log_in(firm.slug, "claire", PASSWORD, code=code) for _ in range(4)))
    assert sorted(answer.status_code for answer in tries) == [201, 401, 401, 401]
    assert slug_of(await portal.log_in(firm.slug, "claire", PASSWORD, code=code)) == "credentials-refused"


async def test_a_wrong_code_is_answered_as_a_wrong_password_and_as_nobody(portal: Portal) -> None:
    firm = await portal.new_firm()
    await enrolled(portal, firm)
    answers = [
        await portal.log_in(firm.slug, "claire", PASSWORD, code="abcdef"),
        await portal.log_in(firm.slug, "claire", "wrong wrong wrong", code="abcdef"),
        await portal.log_in(firm.slug, "claire", "wrong wrong wrong"),
        await portal.log_in(firm.slug, "nobody", PASSWORD, code="abcdef"),
    ]
    bodies = [{**answer.json(), "trace_id": None} for answer in answers]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert all(body == bodies[0] for body in bodies)


async def test_codes_are_tries_and_bounded(portal: Portal) -> None:
    firm = await portal.new_firm()
    await enrolled(portal, firm)
    tries = [await portal.log_in(firm.slug, "claire", PASSWORD, code=f"x{n:05}") for n in range(11)]
    assert slug_of(tries[-1]) == "too-many-attempts"


async def test_a_recovery_code_opens_once_however_it_is_typed(portal: Portal) -> None:
    firm = await portal.new_firm()
    _, codes, _ = await enrolled(portal, firm)
    typed = codes[0].upper().replace("-", " ")
    answer = await portal.log_in(firm.slug, "claire", PASSWORD, code=typed)
    client = await entered(portal, answer)
    assert (await client.get("/v1/me")).json()["recovery_codes_left"] == 9
    assert slug_of(await portal.log_in(firm.slug, "claire", PASSWORD, code=typed)) == "credentials-refused"


async def test_it_is_kept_sealed_and_its_recovery_codes_hashed(portal: Portal) -> None:
    firm = await portal.new_firm()
    secret, codes, _ = await enrolled(portal, firm)
    async with portal.db.transaction(Scope.customer(firm.customer_id)) as tx:
        (row,) = await tx.fetch_all(text("SELECT secret_sealed, recovery_hashes FROM second_factor"))
        lines = await tx.fetch_all(text("SELECT action, details::text AS told FROM audit_trail"))
    assert is_sealed(row.secret_sealed)
    assert secret not in row.secret_sealed
    assert not set(codes) & set(row.recovery_hashes)
    assert {"begin_second_factor", "enrol_second_factor", "log_in"} <= {line.action for line in lines}
    assert not any(secret in line.told or codes[0] in line.told for line in lines)


async def test_what_was_begun_counts_only_when_confirmed(portal: Portal) -> None:
    firm = await portal.new_firm()
    sent = {"portal": firm.slug, "identifier": "claire", "password": PASSWORD}
    client = portal.client()
    not_begun = await client.post(f"{PATH}/confirmation", json=sent | {"code": "123456"})
    assert slug_of(not_begun) == "second-factor-not-begun"
    wrong = await client.post(f"{PATH}/enrolment", json=sent | {"password": "wrong wrong wrong"})
    assert slug_of(wrong) == "credentials-refused"
    first = (await client.post(f"{PATH}/enrolment", json=sent)).json()
    assert first["otpauth_uri"].startswith("otpauth://totp/Livret:")
    assert first["secret"] in first["otpauth_uri"]
    assert (await portal.log_in(firm.slug, "claire", PASSWORD)).status_code == 201
    second = (await client.post(f"{PATH}/enrolment", json=sent)).json()
    now = totp.step_at(portal.at().system)
    stale = await client.post(
        f"{PATH}/confirmation", json=sent | {"code": totp.code_at(first["secret"], now)}
    )
    assert (stale.status_code, slug_of(stale)) == (422, "code-refused")
    code = totp.code_at(second["secret"], now)
    assert (await client.post(f"{PATH}/confirmation", json=sent | {"code": code})).status_code == 201
    for answer in (
        await client.post(f"{PATH}/enrolment", json=sent),
        await client.post(f"{PATH}/confirmation", json=sent | {"code": code}),
    ):
        assert (answer.status_code, slug_of(answer)) == (409, "second-factor-enrolled")


async def test_a_password_may_be_shorter_beside_it_and_not_without(portal: Portal) -> None:
    firm = await portal.new_firm()
    secret, codes, client = await enrolled(portal, firm)
    changed = await client.put("/v1/me/password", json={"current": PASSWORD, "new": "chevalpi"})
    assert changed.status_code == 204
    code = await portal.fresh_code(secret)
    client = await entered(portal, await portal.log_in(firm.slug, "claire", "chevalpi", code=code))
    removal = {"password": "chevalpi", "code": codes[0]}
    kept = await client.post("/v1/me/second-factor/removal", json=removal)
    assert slug_of(kept) == "password-too-short"


async def test_it_is_removed_with_password_and_code_and_told_by_mail(portal: Portal) -> None:
    firm = await portal.new_firm()
    sent = {"name": "Paul", "role": "firm_collaborator", "mail": "removed@cabinet.example"}
    person = await firm.admin.post("/v1/people", json=sent, headers=once())
    path = f"/v1/people/{person.json()['person_id']}/credentials"
    given = (await firm.admin.post(path, json={"identifier": "removed"})).json()
    _, confirmed = await portal.enrol(firm.slug, "removed", given["secret"], PASSWORD)
    client, recovery = await entered(portal, confirmed), confirmed.json()["recovery_codes"]
    for password, code, slug in (
        ("wrong wrong wrong", recovery[0], "credentials-refused"),
        (PASSWORD, "abcdef", "credentials-refused"),
    ):
        refused = await client.post("/v1/me/second-factor/removal", json={"password": password, "code": code})
        assert slug_of(refused) == slug
    removal = {"password": PASSWORD, "code": recovery[0]}
    assert (await client.post("/v1/me/second-factor/removal", json=removal)).status_code == 204
    assert (await portal.exchange(session_of(confirmed))).status_code == 401
    again = await portal.log_in(firm.slug, "removed", PASSWORD)
    assert again.status_code == 201
    client = await entered(portal, again)
    assert slug_of(await client.post("/v1/me/second-factor/removal", json=removal)) == "no-second-factor"
    async with portal.db.transaction(Scope.machine()) as tx:
        rows = await tx.fetch_all(
            text("SELECT payload FROM effect WHERE idempotency_key LIKE :key ORDER BY id"),
            {"key": f"access-changed/{given['credential_id']}/%"},
        )
    assert ["second facteur" in row.payload["text"] for row in rows] == [True, True]


async def test_the_publishers_staff_enter_only_with_one(portal: Portal) -> None:
    publisher = await portal.enter_publisher()
    sent = {"name": "Bruno", "role": "support_agent"}
    person = await publisher.post("/v1/staff", json=sent, headers=once())
    path = f"/v1/staff/{person.json()['person_id']}/credentials"
    given = (await publisher.post(path, json={"identifier": "bruno"})).json()
    refused = await portal.log_in("publisher", "bruno", given["secret"], PASSWORD)
    assert (refused.status_code, slug_of(refused)) == (403, "second-factor-enrolment-required")
    secret, confirmed = await portal.enrol("publisher", "bruno", given["secret"], PASSWORD)
    assert confirmed.status_code == 201
    client = await entered(portal, confirmed)
    assert (await client.get("/v1/me")).json()["role"] == "support_agent"
    code = await portal.fresh_code(secret)
    assert (await portal.log_in("publisher", "bruno", PASSWORD, code=code)).status_code == 201


async def test_secrets_are_sealed_anew_under_a_new_key(portal: Portal) -> None:
    firm = await portal.new_firm()
    secret, _, _ = await enrolled(portal, firm)
    original = portal.app.state.sealer
    async with portal.db.transaction(Scope.machine()) as tx:
        pem = (await tx.execute(text("SELECT private_pem FROM signing_key LIMIT 1"))).scalar_one()
        assert is_sealed(pem)
        plain = original.opened(pem)
        await tx.execute(text("UPDATE signing_key SET private_pem = :pem"), {"pem": plain})
    new = new_key()
    both = Sealer([new, *TEST_KEYS])
    assert await reseal_all(portal.db, both) >= 2
    assert await reseal_all(portal.db, both) == 0
    alone = Sealer([new])
    assert (await Keys(portal.db, alone).jwks())["keys"]
    portal.app.state.sealer = alone
    try:
        code = await portal.fresh_code(secret)
        assert (await portal.log_in(firm.slug, "claire", PASSWORD, code=code)).status_code == 201
    finally:
        portal.app.state.sealer = original
        await reseal_all(portal.db, Sealer([*TEST_KEYS, new]))
