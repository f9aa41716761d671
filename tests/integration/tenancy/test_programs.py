"""11-a, 11-b: a firm lets programs in, gives them keys and shuts them out; so does the publisher its own."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from sqlalchemy import text

from chassis.clock import system_now
from chassis.db import Scope
from chassis.hears import Context
from contracts.events import Event
from contracts.events.tenancy import CredentialDisabled
from services.tenancy.jobs import forget_what_is_over
from services.tenancy.resync import resync
from services.tenancy.rules.programs import KEYS_AT_MOST
from services.tenancy.store.programs import list_keys_at_the_door, use_key
from tests.integration.tenancy.letting_in import SCOPES, Program, error_of, let_in, public_jwk
from tests.integration.tenancy.portal import NOW, Portal, slug_of
from tests.support.callers import once


async def test_a_program_is_let_in_changed_and_listed(portal: Portal) -> None:
    firm = await portal.new_firm()
    program = await let_in(firm, *SCOPES, "companies:read")
    shown = await firm.admin.get(program.path)
    assert (shown.json()["scopes"], shown.json()["role"], shown.json()["keys"]) == (SCOPES, "partner", [])
    wanted = {"name": "Payroll", "scopes": ["companies:read"]}
    assert (await firm.admin.put(program.path, json=wanted)).status_code == 428
    seen = {"If-Match": shown.headers["etag"]}
    changed = await firm.admin.put(program.path, json=wanted, headers=seen)
    assert (changed.json()["name"], changed.json()["scopes"]) == ("Payroll", ["companies:read"])
    stale = await firm.admin.put(program.path, json=wanted, headers=seen)
    assert (stale.status_code, slug_of(stale)) == (412, "changed-meanwhile")
    second = await let_in(firm)
    listed = (await firm.admin.get("/v1/programs?limit=1")).json()
    rest = (await firm.admin.get(f"/v1/programs?cursor={listed['next_cursor']}")).json()
    ids = {each["program_id"] for each in (*listed["items"], *rest["items"])}
    assert ids == {program.client_id, second.client_id}


@pytest.mark.parametrize("scopes", [[], ["customers:read"], ["companies:read", "nothing:read"]])
async def test_a_scope_that_partners_do_not_hold_is_refused(portal: Portal, scopes: list[str]) -> None:
    sent = {"name": "Bookkeeping", "scopes": scopes}
    firm = await portal.new_firm()
    answer = await firm.admin.post("/v1/programs", json=sent, headers=once())
    assert (answer.status_code, slug_of(answer)) == (422, "scopes-unfit")
    program = await let_in(firm)
    changed = await firm.admin.put(program.path, json=sent, headers={"If-Match": "*"})
    assert slug_of(changed) == "scopes-unfit"


async def test_a_secret_is_shown_once_and_kept_as_a_hash(portal: Portal) -> None:
    program = await let_in(await portal.new_firm())
    given = await program.give("first")
    assert given["client_id"] == program.client_id
    assert len(given["client_secret"]) >= 43
    shown = await program.firm.admin.get(program.path)
    assert given["client_secret"] not in shown.text
    async with portal.db.transaction(Scope.portal()) as tx:
        for table in ("program_key", "audit_trail", "outbox", "idempotent_answer"):
            rows = await tx.fetch_all(text(f"SELECT t::text FROM {table} t"))
            assert not any(given["client_secret"] in row[0] for row in rows), table


async def test_names_of_live_keys_differ_and_their_number_is_bounded(portal: Portal) -> None:
    program = await let_in(await portal.new_firm())
    first = await program.give("first")
    path = f"{program.path}/keys"
    taken = await program.firm.admin.post(path, json={"name": "first"})
    assert (taken.status_code, slug_of(taken)) == (409, "key-name-taken")
    for number in range(1, KEYS_AT_MOST):
        await program.give(f"another {number}")
    many = await program.firm.admin.post(path, json={"name": "one more"})
    assert (many.status_code, slug_of(many)) == (409, "too-many-keys")
    await program.disable_key(first["credential_id"])
    await program.give("first")


@pytest.mark.parametrize("days", [-1, 0, 732])
async def test_a_key_ends_after_now_and_within_two_years(portal: Portal, days: int) -> None:
    program = await let_in(await portal.new_firm())
    sent = {"name": "first", "expires_at": (system_now() + timedelta(days=days)).isoformat()}
    answer = await program.firm.admin.post(f"{program.path}/keys", json=sent)
    assert (answer.status_code, slug_of(answer)) == (422, "key-lifetime-unfit")


def rsa_jwk(bits: int) -> dict[str, Any]:
    """The public half of a new RSA key."""
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(generate_rsa_key(65537, bits).public_key(), as_dict=True)
    return {name: jwk[name] for name in ("kty", "n", "e")}


@pytest.mark.parametrize(
    ("jwk", "slug"),
    [
        (public_jwk() | {"y": public_jwk()["x"]}, "public-key-unfit"),
        (public_jwk(alg="RS256"), "public-key-unfit"),
        ({"kty": "EC", "crv": "P-256"}, "public-key-unfit"),
        ({"kty": "RSA", "n": "AQAB"}, "public-key-unfit"),
        (rsa_jwk(1024), "public-key-unfit"),
        (public_jwk(generate_private_key(SECP384R1())), "input-refused"),
        (public_jwk(d="AQAB"), "input-refused"),
        ({"kty": "oct", "k": "AQAB"}, "input-refused"),
        ({"jwks_uri": "https://elsewhere.example/keys"}, "input-refused"),
    ],
)
async def test_a_key_that_cannot_be_trusted_is_refused(
    portal: Portal, jwk: dict[str, str], slug: str
) -> None:
    program = await let_in(await portal.new_firm())
    answer = await program.firm.admin.post(f"{program.path}/keys", json={"name": "k", "public_key": jwk})
    assert (answer.status_code, slug_of(answer)) == (422, slug)


async def test_a_disabled_key_opens_nothing_and_its_tokens_neither(portal: Portal) -> None:
    program = await let_in(await portal.new_firm())
    given = await program.give("first")
    bearer = (await program.with_secret(given["client_secret"])).json()["access_token"]
    client = portal.client(bearer)
    assert (await client.get("/v1/companies")).status_code == 200
    assert (await program.disable_key(given["credential_id"])).status_code == 204
    await portal.app.state.revocations.refresh(portal.db)
    refused = await client.get("/v1/companies")
    assert (refused.status_code, slug_of(refused)) == (401, "token-refused")
    again = await program.disable_key(given["credential_id"])
    assert (again.status_code, slug_of(again)) == (409, "program-key-disabled")
    shown = await program.key_shown(given["credential_id"])
    assert shown["disabled_reason"] == "It leaked."


async def test_a_disabled_program_is_out_with_all_its_keys(portal: Portal) -> None:
    program = await let_in(await portal.new_firm())
    keys = [await program.give(name) for name in ("first", "second")]
    await program.disable_key(keys[0]["credential_id"])
    path, admin = program.path, program.firm.admin
    ended = await admin.post(f"{path}/disablement", json={"reason": "No longer ours."})
    assert ended.status_code == 204
    assert error_of(await program.with_secret(keys[1]["client_secret"])) == (401, "invalid_client")
    wanted = {"name": "Payroll", "scopes": ["companies:read"]}
    refused = [
        await admin.post(f"{path}/disablement", json={"reason": "Again."}),
        await admin.post(f"{path}/keys", json={"name": "another"}),
        await admin.put(path, json=wanted, headers={"If-Match": "*"}),
    ]
    assert [(each.status_code, slug_of(each)) for each in refused] == [(409, "program-disabled")] * 3
    said = [event for event in await program.firm.said() if isinstance(event, CredentialDisabled)]
    assert [(str(event.credential_id), event.reason) for event in said] == [
        (keys[0]["credential_id"], "It leaked."),
        (keys[1]["credential_id"], "No longer ours."),
    ]
    again = [event for event in await said_again(portal) if isinstance(event, CredentialDisabled)]
    assert {event.credential_id for event in said} <= {event.credential_id for event in again}


async def said_again(portal: Portal) -> list[Event]:
    """What a service that was added later is told."""
    async with portal.db.transaction(Scope.portal()) as tx:
        return [event async for event in resync(tx)]


async def test_a_token_asked_for_while_its_key_is_disabled_is_refused_or_dies(portal: Portal) -> None:
    program = await let_in(await portal.new_firm())
    given = await program.give("first")
    tries = [program.with_secret(given["client_secret"]) for _ in range(5)]
    answers = await asyncio.gather(*tries, program.disable_key(given["credential_id"]))
    await portal.app.state.revocations.refresh(portal.db)
    for answer in answers[:-1]:
        if answer.status_code == 200:
            client = portal.client(answer.json()["access_token"])
            assert (await client.get("/v1/companies")).status_code == 401


async def test_a_key_that_was_found_opens_nothing_if_it_is_disabled_before_it_is_used(portal: Portal) -> None:
    program = await let_in(await portal.new_firm())
    given = await program.give("first")
    async with portal.db.transaction(Scope.machine()) as tx:
        (found,) = await list_keys_at_the_door(tx, UUID(program.client_id))
    used = []
    for _ in range(2):
        async with portal.db.transaction(Scope.customer(found.customer_id)) as tx:
            used.append(await use_key(tx, found, system_now()))
        await program.disable_key(given["credential_id"])
    assert used == [True, False]


async def test_what_is_done_with_programs_is_written_down(portal: Portal) -> None:
    program = await let_in(await portal.new_firm())
    given = await program.give("first")
    wanted = {"name": "Payroll", "scopes": ["companies:read"]}
    await program.firm.admin.put(program.path, json=wanted, headers={"If-Match": "*"})
    await program.disable_key(given["credential_id"])
    await program.firm.admin.post(f"{program.path}/disablement", json={"reason": "Over."})
    query = text("SELECT action, subject, before, after FROM audit_trail WHERE subject = :id ORDER BY at")
    async with portal.db.transaction(Scope.customer(program.firm.customer_id)) as tx:
        rows = await tx.fetch_all(query, {"id": program.client_id})
    assert [row.action for row in rows] == [
        "register_program", "give_program_key", "change_program", "disable_program_key", "disable_program",
    ]  # fmt: skip
    assert "Bookkeeping" in str(rows[2].before)
    assert "Payroll" in str(rows[2].after)


async def test_the_publishers_machines_see_the_portal_as_far_as_their_scopes(portal: Portal) -> None:
    firm = await portal.new_firm()
    sent = {"name": "Mail gateway", "scopes": ["customers:read"]}
    made = await portal.publisher.post("/v1/machines", json=sent, headers=once())
    assert (made.status_code, made.json()["role"]) == (201, "machine")
    machine = Program(firm, made.json()["program_id"])
    path = f"/v1/machines/{machine.client_id}"
    given = (await portal.publisher.post(f"{path}/keys", json={"name": "first"})).json()
    bearer = (await machine.with_secret(given["client_secret"])).json()["access_token"]
    client = portal.client(bearer)
    assert (await client.get(f"/v1/customers/{firm.customer_id}")).status_code == 200
    assert slug_of(await client.get("/v1/companies")) == "not-allowed"
    assert (await firm.admin.get(machine.path)).status_code == 404
    listed = (await portal.publisher.get("/v1/machines")).json()["items"]
    assert machine.client_id in {each["program_id"] for each in listed}
    changed = await portal.publisher.put(
        path, json=sent | {"scopes": ["companies:read"]}, headers={"If-Match": "*"}
    )
    assert slug_of(changed) == "scopes-unfit"
    disable = f"{path}/keys/{given['credential_id']}/disablement"
    assert (await portal.publisher.post(disable, json={"reason": "Lost."})).status_code == 204
    await portal.app.state.revocations.refresh(portal.db)
    assert (await client.get(f"/v1/customers/{firm.customer_id}")).status_code == 401
    assert (await portal.publisher.post(f"{path}/disablement", json={"reason": "Over."})).status_code == 204


async def test_another_programs_key_is_not_there(portal: Portal) -> None:
    firm = await portal.new_firm()
    one, other = await let_in(firm), await let_in(firm)
    given = await one.give("first")
    answer = await other.disable_key(given["credential_id"])
    assert (answer.status_code, slug_of(answer)) == (404, "program-key-unknown")
    unknown = await (await portal.new_firm()).admin.get(one.path)
    assert (unknown.status_code, slug_of(unknown)) == (404, "program-unknown")


async def test_spent_assertions_are_forgotten_when_they_are_over(portal: Portal) -> None:
    program = await let_in(await portal.new_firm())
    await program.give("signing", public_key=public_jwk())
    assert (await program.with_assertion(program.assertion())).status_code == 200
    count = text("SELECT count(*) AS n FROM spent_assertion WHERE program_id = :id")
    age = text("UPDATE spent_assertion SET expires_at = :at WHERE program_id = :id")
    context = Context("tenancy", portal.app.state.clock, portal.app.state.settings)
    found = []
    for at in (system_now() + timedelta(minutes=1), system_now() - timedelta(seconds=1)):
        async with portal.db.transaction(Scope.portal()) as tx:
            await tx.execute(age, {"at": at, "id": program.client_id})
            await forget_what_is_over(tx, NOW, context)
            found.append((await tx.execute(count, {"id": program.client_id})).scalar_one())
    assert found == [1, 0]
