"""How a program gets a token, and every way in which it does not: RFC 6749 (4.4, 5.2)."""

import base64
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from chassis.clock import system_now
from chassis.documents import TOKEN_PATH
from services.tenancy.commands import tokens as commands
from tests.integration.tenancy.letting_in import (
    ENDPOINT,
    INVALID_CLIENT,
    ISSUER,
    SCOPES,
    Program,
    error_of,
    expire,
    let_in,
    token_of,
)
from tests.integration.tenancy.portal import Portal, slug_of


def basic(client_id: str, secret: str) -> dict[str, str]:
    """The header, each part form-encoded as RFC 6749 wants it."""
    joined = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return {"Authorization": f"Basic {base64.b64encode(joined.encode()).decode()}"}


async def test_a_secret_opens_in_the_form_and_in_the_header(portal: Portal, program: Program) -> None:
    given = await program.give("both ways")
    form = {"grant_type": "client_credentials"}
    in_form = await program.with_secret(given["client_secret"])
    header = basic(program.client_id, given["client_secret"])
    in_header = await portal.client().post(TOKEN_PATH, data=form, headers=header)
    for answer in (in_form, in_header):
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["pragma"] == "no-cache"
        told = answer.json()
        assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 600, " ".join(SCOPES))
    claims = jwt.decode(in_form.json()["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 600
    assert (claims["sub"], claims["cid"]) == (program.client_id, given["credential_id"])
    assert (claims["role"], claims["cus"]) == ("partner", str(program.firm.customer_id))


async def test_a_token_is_for_what_it_says_alone(portal: Portal, program: Program) -> None:
    secret = (await program.give("narrow"))["client_secret"]
    narrow = await program.with_secret(secret, scope="catalog:read")
    assert narrow.json()["scope"] == "catalog:read"
    refused = await portal.client(narrow.json()["access_token"]).get("/v1/companies")
    assert (refused.status_code, slug_of(refused)) == (403, "insufficient-scope")
    challenge = refused.headers["www-authenticate"]
    assert challenge == 'Bearer error="insufficient_scope", scope="companies:read"'
    whole = await program.with_secret(secret)
    assert (await portal.client(whole.json()["access_token"]).get("/v1/companies")).status_code == 200


@pytest.mark.parametrize(
    "scope", ["metering:read", "companies:read metering:read", "customers:read", "x", " "]
)
async def test_a_scope_that_is_not_held_is_refused(program: Program, scope: str) -> None:
    assert error_of(await program.with_assertion(program.assertion(), scope=scope)) == (400, "invalid_scope")


async def test_a_program_opens_nothing_of_peoples(portal: Portal, program: Program) -> None:
    bearer = (await program.with_assertion(program.assertion())).json()["access_token"]
    for method, path in (("GET", "/v1/me"), ("GET", "/v1/programs"), ("POST", "/v1/companies")):
        answer = await portal.client(bearer).request(method, path)
        assert (answer.status_code, slug_of(answer)) == (403, "not-allowed")


async def test_the_last_use_is_dated_when_a_token_is_given_not_when_it_is_used(
    portal: Portal, program: Program
) -> None:
    given = await program.give("dated")
    assert (await program.key_shown(given["credential_id"]))["last_used_at"] is None
    answer = await program.with_secret(given["client_secret"])
    used = (await program.key_shown(given["credential_id"]))["last_used_at"]
    assert used is not None
    await portal.client(answer.json()["access_token"]).get("/v1/companies")
    assert (await program.key_shown(given["credential_id"]))["last_used_at"] == used
    await program.with_secret("wrong")
    assert (await program.key_shown(given["credential_id"]))["last_used_at"] == used


async def test_wrong_unknown_and_malformed_clients_are_one_answer(portal: Portal, program: Program) -> None:
    stranger = generate_private_key(SECP256R1())
    nobody = Program(program.firm, str(uuid4()))
    answers = [
        await program.with_secret("lvs_wrong"),
        await nobody.with_secret("lvs_wrong"),
        await token_of(portal, client_id="no id at all", client_secret="lvs_wrong"),
        await program.with_assertion(program.assertion(stranger)),
        await nobody.with_assertion(nobody.assertion()),
        await nobody.with_assertion(nobody.assertion(aud="elsewhere")),
    ]
    assert [error_of(answer) for answer in answers] == [INVALID_CLIENT] * 6
    assert len({answer.text for answer in answers}) == 1


async def test_a_secret_opens_nothing_after_its_end_and_no_token_outlives_it(
    portal: Portal, program: Program
) -> None:
    end = system_now() + timedelta(seconds=90)
    given = await program.give("short", expires_at=end.isoformat())
    answer = await program.with_secret(given["client_secret"])
    assert 0 < answer.json()["expires_in"] <= 90
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert claims["exp"] == int(end.timestamp())
    await expire(portal, given["credential_id"])
    refused = await program.with_secret(given["client_secret"])
    assert error_of(refused) == INVALID_CLIENT
    assert refused.json()["error_description"] == "This key's time is over."


async def test_several_keys_live_until_each_is_disabled(portal: Portal) -> None:
    program = await let_in(await portal.new_firm())
    first, second = await program.give("first"), await program.give("second")
    assert first["client_secret"].startswith("lvs_")
    for given in (first, second):
        assert (await program.with_secret(given["client_secret"])).status_code == 200
    assert (await program.disable_key(first["credential_id"])).status_code == 204
    assert error_of(await program.with_secret(first["client_secret"])) == INVALID_CLIENT
    assert (await program.with_secret(second["client_secret"])).status_code == 200


async def sent(portal: Portal, body: str, **headers: str) -> httpx.Response:
    """A token request as these bytes."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return await portal.client().post(TOKEN_PATH, content=body, headers=form | headers)


GRANT = "grant_type=client_credentials"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("", (400, "invalid_request")),
        ("client_id=a&client_secret=b", (400, "invalid_request")),
        ("grant_type=password&client_id=a&client_secret=b", (400, "unsupported_grant_type")),
        ("grant_type=authorization_code&client_id=a&client_secret=b", (400, "unsupported_grant_type")),
        (f"{GRANT}&{GRANT}&client_id=a&client_secret=b", (400, "invalid_request")),
        (f"{GRANT}&client_id=a", (401, "invalid_client")),
        (f"{GRANT}&client_secret=b", (400, "invalid_request")),
        (f"{GRANT}&client_id=&client_secret=b", (400, "invalid_request")),
        (f"{GRANT}&client_id=a&client_secret=b&client_assertion=c", (400, "invalid_request")),
        (f"{GRANT}&client_assertion=c", (400, "invalid_request")),
        (f"{GRANT}&client_assertion=c&client_assertion_type=saml", (400, "invalid_request")),
        (f"{GRANT}&client_id=%00&client_secret=b", (400, "invalid_request")),
        (f"{GRANT}&client_id=%ff&client_secret=b", (400, "invalid_request")),
        (f"{GRANT}&client_id={'a' * 2000}&client_secret=b", (400, "invalid_request")),
        (f"{GRANT}&client_id=a&client_secret=b&x={'a' * 17_000}", (400, "invalid_request")),
    ],
)
async def test_a_request_out_of_shape_is_refused_in_the_words_of_the_rfc(
    portal: Portal, body: str, found: tuple[int, str]
) -> None:
    assert error_of(await sent(portal, body)) == found


async def test_headers_out_of_shape_are_refused_too(portal: Portal, program: Program) -> None:
    for value in ("Basic", "Basic !!!", "Bearer abc", "Basic " + base64.b64encode(b"no colon").decode()):
        assert error_of(await sent(portal, GRANT, Authorization=value)) == INVALID_CLIENT
    both = await sent(portal, f"{GRANT}&client_secret=b", **basic(program.client_id, "x"))
    assert error_of(both) == (400, "invalid_request")
    other = await sent(portal, f"{GRANT}&client_id=other", **basic(program.client_id, "x"))
    assert error_of(other) == (400, "invalid_request")
    in_json = await portal.client().post(TOKEN_PATH, json={"grant_type": "client_credentials"})
    assert error_of(in_json) == (400, "invalid_request")


async def test_requests_are_bounded_whether_the_client_exists_or_not(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = await let_in(await portal.new_firm())
    secret = (await program.give("first"))["client_secret"]
    quota = commands.OF_CLIENT.quota
    for client_id in (program.client_id, str(uuid4())):
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": "wrong"}
        client = portal.client(address="203.0.113.9")
        answers = [await client.post(TOKEN_PATH, data=form) for _ in range(quota + 1)]
        assert {error_of(answer) for answer in answers[:quota]} == {INVALID_CLIENT}
        assert error_of(answers[quota]) == (429, "temporarily_unavailable")
        assert 1 <= int(answers[quota].headers["retry-after"]) <= 300
        assert f";q={quota};" in answers[quota].headers["ratelimit-policy"]
    assert (await program.with_secret(secret)).status_code == 200, "from elsewhere it still gets in"


async def test_requests_of_one_address_are_bounded(portal: Portal) -> None:
    client = portal.client(address="203.0.113.10")
    form = {"grant_type": "client_credentials", "client_secret": "wrong"}
    found = [
        (await client.post(TOKEN_PATH, data=form | {"client_id": str(uuid4())})).status_code
        for _ in range(commands.OF_ADDRESS.quota + 1)
    ]
    assert (set(found[:-1]), found[-1]) == ({401}, 429)


async def test_the_place_describes_itself(portal: Portal) -> None:
    told = (await portal.client().get("/.well-known/oauth-authorization-server")).json()
    assert (told["issuer"], told["token_endpoint"]) == (ISSUER, ENDPOINT)
    assert told["grant_types_supported"] == ["client_credentials"]
    assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]
    assert told["token_endpoint_auth_signing_alg_values_supported"] == ["ES256", "RS256"]
    assert set(SCOPES) < set(told["scopes_supported"])
