"""Tokens that nobody but a forger would make: each service answers 401 to each, and says nothing of why."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.auth import ALGORITHM, Caller, Role, SigningKey, TokenVerifier, claims_of, sign
from chassis.auth.tokens import _REQUIRED
from chassis.clock import system_now
from tests.safety.conftest import Town
from tests.support.callers import KEY

pytestmark = pytest.mark.xdist_group("safety")

DAY = timedelta(days=1)
"""No run of the tests lasts so long."""
ASKED = {"tenancy": "/v1/me", "catalog": "/v1/offerings", "metering": "/v1/months/2026-03/base"}
STRANGER = SigningKey(KEY.kid, generate_private_key(SECP256R1()))
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLAIMS = claims_of(Caller(uuid4(), uuid4(), Role.firm_admin, uuid4()), system_now(), DAY)


def part(of: object) -> bytes:
    """One part of a token."""
    raw = of if isinstance(of, bytes) else json.dumps(of).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def assembled(header: object, payload: object, signature: bytes = b"") -> str:
    """A token of these parts as they are."""
    return b".".join([part(header), part(payload), part(signature)]).decode()


def signed(header: dict[str, Any], payload: object, key: SigningKey = KEY) -> str:
    """A token that is signed rightly, whatever stands in it."""
    said = part({"alg": ALGORITHM, "kid": key.kid, "typ": "JWT"} | header) + b"." + part(payload)
    signature = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(said, key.private)
    return (said + b"." + part(signature)).decode()


def by_another_algorithm() -> Iterator[tuple[str, str]]:
    """What a forger makes who knows the public key."""
    public = KEY.private.public_key()
    secrets = {
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "PEM": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "JWK": json.dumps(KEY.public_jwk()).encode(),
        "nothing": b"",
    }
    for name, secret in secrets.items():
        for algorithm, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
            said = part({"alg": algorithm, "kid": KEY.kid}) + b"." + part(CLAIMS)
            mac = part(hmac.new(secret, said, digest).digest())
            yield f"{algorithm} with the key as {name}", (said + b"." + mac).decode()
    for algorithm in ("none", "None", "NONE", "nOnE", "", "es256", "ES256K", "EdDSA"):
        yield f"alg {algorithm!r}", assembled({"alg": algorithm, "kid": KEY.kid}, CLAIMS)
    yield "RS256", jwt.encode(CLAIMS, RSA, algorithm="RS256", headers={"kid": KEY.kid})
    curve = generate_private_key(SECP384R1())
    yield "ES384", jwt.encode(CLAIMS, curve, algorithm="ES384", headers={"kid": KEY.kid})


def by_another_key() -> Iterator[tuple[str, str]]:
    """Signed by a stranger, who says where the key is to be found."""
    yield "another's key under our name", sign(CLAIMS, STRANGER)
    public = STRANGER.public_jwk()
    told: dict[str, dict[str, Any]] = {
        "jwk": {"jwk": public},
        "jku": {"jku": "https://evil.example/keys"},
        "x5u": {"x5u": "https://evil.example/cert"},
        "x5c": {"x5c": ["MIIB"]},
    }
    for name, header in told.items():
        yield f"a key by {name}", signed(header, CLAIMS, STRANGER)
    names: list[Any] = [
        "b2d7a1de-0000-4000-8000-000000000000", "../../../../etc/passwd", "/dev/null", "' OR '1'='1", "\x00",
        "a\r\nX-Evil: 1", "k" * 3000, ["tests"], {"kid": "tests"}, 0, None, True, "",
    ]  # fmt: skip
    for kid in names:
        yield f"kid {str(kid)[:30]!r}", signed({"kid": kid}, CLAIMS, STRANGER)
    yield "no kid", assembled({"alg": ALGORITHM}, CLAIMS, b"x" * 64)
    for name, signature in {"empty": b"", "zeros": bytes(64), "ones": b"\xff" * 64, "short": b"x"}.items():
        yield f"signature of {name}", assembled({"alg": ALGORITHM, "kid": KEY.kid}, CLAIMS, signature)


def of_other_claims() -> Iterator[tuple[str, str]]:
    """Signed rightly, and yet not to be accepted."""
    for name in _REQUIRED:
        yield f"without {name}", sign({k: v for k, v in CLAIMS.items() if k != name}, KEY)
    now, day = int(system_now().timestamp()), int(DAY.total_seconds())
    wrong: list[tuple[str, Any]] = [
        ("aud", "another"), ("aud", []), ("aud", ["another"]), ("aud", {"livret": 1}), ("aud", None),
        ("iss", "urn:livret:catalog"), ("iss", ["urn:livret:tenancy"]), ("iss", None),
        ("exp", now - day), ("exp", "tomorrow"), ("exp", None), ("exp", -1),
        ("nbf", now + day), ("nbf", "now"), ("iat", now + day),
        ("role", "emperor"), ("role", ["firm_admin"]), ("role", None), ("role", ""),
        ("sub", "nobody"), ("sub", 1), ("cid", "x"), ("cus", "x"), ("cus", 7), ("com", "../"), ("obo", "x"),
    ]  # fmt: skip
    for name, value in wrong:
        # The same name in every worker that collects this, whatever the second.
        told = f"now {value - now:+d}" if isinstance(value, int) and abs(value - now) < 10**6 else repr(value)
        yield f"{name} {told}", signed({}, CLAIMS | {name: value})
    yield "claims encoded twice", signed({}, json.dumps(CLAIMS))
    yield "claims within another token", signed({}, sign(CLAIMS, KEY).encode())
    yield "claims in a list", signed({}, [CLAIMS])
    yield "claims that are none", signed({}, None)
    yield "claims that are no JSON", signed({}, b"\xff\xfe")
    yield "a critical header nobody knows", signed({"crit": ["exp"], "exp": 1}, CLAIMS)
    yield "a payload that is not encoded", signed({"b64": False, "crit": ["b64"]}, CLAIMS)
    yield "deep claims", signed({}, b'{"a":' * 600 + b"1" + b"}" * 600)


def of_no_form() -> Iterator[tuple[str, str]]:
    """What is no token at all."""
    whole = sign(CLAIMS, KEY)
    yield "nothing", " "
    yield "two parts", ".".join(whole.split(".")[:2])
    yield "four parts", whole + "." + whole.split(".")[2]
    yield "five parts", whole + ".a.b"
    yield "no head", whole.partition(".")[2]
    yield "enormous", whole + "A" * 5000
    yield "many dots", "." * 4000
    yield "latin", "é.é.é"
    yield "a header that is a list", assembled([1], CLAIMS)
    yield "a header that is no JSON", assembled(b"\xff", CLAIMS)
    yield "a header encoded twice", assembled(json.dumps({"alg": ALGORITHM, "kid": KEY.kid}), CLAIMS)


FORGED = [*by_another_algorithm(), *by_another_key(), *of_other_claims(), *of_no_form()]


async def answer_to(town: Town, service: str, token: bytes) -> httpx.Response:
    """The answer to a read with this token."""
    client = town.portal.client(service, None)
    return await client.get(ASKED[service], headers={b"Authorization": b"Bearer " + token})


@pytest.mark.parametrize(("name", "token"), FORGED, ids=[name for name, _ in FORGED])
async def test_it_opens_nothing_anywhere(name: str, token: str, town: Town) -> None:
    for service in ASKED:
        answer = await answer_to(town, service, token.encode("latin-1"))
        assert answer.status_code == 401, f"{service}: {answer.status_code} {answer.text}"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json().get("detail") in (
            None,
            "It has expired.",
            "It was signed with a key that is not known.",
            "It is not signed as tokens of this portal are.",
        )


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "Bearer", "bearer ", "Token x", "Bearer\t", ""])
async def test_another_kind_of_authorization_is_none(header: str, town: Town) -> None:
    client = town.portal.client("tenancy", None)
    answer = await client.get("/v1/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:livret:problem:not-authenticated")


async def test_the_token_that_all_of_these_are_made_of_is_a_good_one(town: Town) -> None:
    """Or else each would be refused for something else than what it is."""
    assert (await answer_to(town, "catalog", sign(CLAIMS, KEY).encode())).status_code == 200
    assert (await answer_to(town, "catalog", signed({}, CLAIMS).encode())).status_code == 200


async def test_a_token_is_only_good_where_it_is_addressed_to(town: Town) -> None:
    app = town.portal.app("catalog")
    known: TokenVerifier = app.state.auth
    app.state.auth = TokenVerifier(known.ring.source, known.revocations, audience="livret-elsewhere")
    try:
        answer = await answer_to(town, "catalog", sign(CLAIMS, KEY).encode())
    finally:
        app.state.auth = known
    assert answer.status_code == 401
