"""Programs that sign what they ask with (RFC 7523): an assertion opens once, and only as it should be."""

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.integration.tenancy.letting_in import (
    ENDPOINT,
    INVALID_CLIENT,
    ISSUER,
    PRIVATE,
    Program,
    error_of,
    let_in,
    public_jwk,
)
from tests.integration.tenancy.portal import Portal


async def test_a_stranger_costs_the_same_work(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks, exactly one signature is verified."""
    verified = 0
    decode = jwt.decode

    def counting(token: str, *arguments: object, **options: object) -> object:
        nonlocal verified
        verified += bool(arguments)
        return decode(token, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("services.tenancy.assertions.jwt.decode", counting)
    rsa = generate_rsa_key(65537, 2048)
    nobody = Program(program.firm, str(uuid4()))
    for assertion in (
        program.assertion(),
        program.assertion(generate_private_key(SECP256R1())),
        program.assertion(rsa, "RS256"),
        nobody.assertion(),
        nobody.assertion(rsa, "RS256"),
    ):
        verified = 0
        await program.with_assertion(assertion)
        assert verified == 1


async def test_an_assertion_opens_once(program: Program) -> None:
    assertion = program.assertion()
    assert (await program.with_assertion(assertion)).status_code == 200
    replayed = await program.with_assertion(assertion)
    assert error_of(replayed) == INVALID_CLIENT
    assert replayed.json()["error_description"] == "The assertion was used already."


async def test_an_assertion_presented_many_times_at_once_opens_once(program: Program) -> None:
    assertion = program.assertion()
    answers = await asyncio.gather(*(program.with_assertion(assertion) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 5]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"aud": "https://elsewhere.example"}, "The assertion's aud is another's."),
        ({"aud": None}, "The assertion's aud is another's."),
        ({"aud": "livret"}, "The assertion's aud is another's."),
        ({"iss": "somebody else"}, "The assertion's iss and sub are to be the client id."),
        ({"exp": 1}, "The assertion has expired, or says no exp."),
        ({"exp": None}, "The assertion has expired, or says no exp."),
        ({"exp": "soon"}, "The assertion's exp is no whole number of seconds."),
        (
            {"exp": 4_000_000_000},
            "The assertion's exp is more than five minutes ahead.",
        ),
        ({"nbf": 4_000_000_000}, "The assertion is not valid yet."),
        ({"jti": None}, "The assertion's jti is to be a text of 1 to 200 characters."),
        ({"jti": "x" * 201}, "The assertion's jti is to be a text of 1 to 200 characters."),
    ],
)
async def test_an_assertion_that_says_something_else_is_refused(
    program: Program, changes: dict[str, Any], said: str
) -> None:
    answer = await program.with_assertion(program.assertion(**changes))
    assert error_of(answer) == INVALID_CLIENT
    assert answer.json()["error_description"] == said


@pytest.mark.parametrize("audience", [ENDPOINT, ISSUER, ["https://elsewhere.example", ISSUER]])
async def test_an_assertion_may_be_meant_for_the_endpoint_or_the_issuer(
    program: Program, audience: object
) -> None:
    assert (await program.with_assertion(program.assertion(aud=audience))).status_code == 200


def unsafe(claims: Mapping[str, object], header: Mapping[str, object], signature: bytes = b"") -> str:
    """A token as its maker's library would refuse to make it."""
    parts = [json.dumps(part).encode() for part in (header, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, signature))


async def test_another_algorithm_is_refused(program: Program) -> None:
    """HS256 with the public key as its secret, `none`, and RS256 or ES384 where the key is for ES256."""
    pem = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "typ": "JWT"}
    to_sign = unsafe(program.claims(), header).rstrip(".").encode()
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    confused = f"{to_sign.decode()}.{base64.urlsafe_b64encode(mac.sign(to_sign, pem)).rstrip(b'=').decode()}"
    for assertion in (
        confused,
        unsafe(program.claims(), {"alg": "none"}),
        unsafe(program.claims(), {"alg": "None"}, b"x"),
        program.assertion(generate_rsa_key(65537, 2048), "RS256"),
        program.assertion(generate_private_key(SECP384R1()), "ES384"),
        "no.token.atall",
        "",
    ):
        answer = await program.with_assertion(assertion)
        assert error_of(answer) == INVALID_CLIENT, assertion


async def test_keys_are_told_apart_by_their_names(portal: Portal) -> None:
    """The newest is meant where none is named; one is named by its own `kid`, or by the id we gave it."""
    program = await let_in(await portal.new_firm())
    old, new = PRIVATE, generate_private_key(SECP256R1())
    await program.give("old", public_key=public_jwk(old, kid="old"))
    newer = await program.give("new", public_key=public_jwk(new))

    def signed(key: object, kid: str | None) -> str:
        headers = {"kid": kid} if kid else None
        return jwt.encode(program.claims(), key, algorithm="ES256", headers=headers)  # type: ignore[arg-type]

    tried = {
        "old by its kid": signed(old, "old"),
        "new by its id": signed(new, newer["credential_id"]),
        "new unnamed": signed(new, None),
        "old unnamed": signed(old, None),
        "new by the other's": signed(new, "old"),
    }
    found = {name: (await program.with_assertion(each)).status_code for name, each in tried.items()}
    assert found == dict(zip(tried, (200, 200, 200, 401, 401), strict=True))


async def test_an_rsa_key_signs_too(portal: Portal) -> None:
    program = await let_in(await portal.new_firm())
    rsa = generate_rsa_key(65537, 2048)
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(rsa.public_key(), as_dict=True)
    await program.give("rsa", public_key={name: jwk[name] for name in ("kty", "n", "e")})
    assert (await program.with_assertion(program.assertion(rsa, "RS256"))).status_code == 200
