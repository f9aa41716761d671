"""A token is accepted when tenancy signed it for us, now, and for nobody who was disabled since."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.auth import (
    Caller,
    KeysUnavailable,
    Revocations,
    Role,
    SigningKey,
    TokenRefused,
    TokenVerifier,
    claims_of,
    sign,
)
from chassis.auth import tokens as module
from chassis.clock import system_now
from tests.chassis.web.conftest import caller_of, new_key

MINUTE = timedelta(minutes=1)


class Source:
    """A JWKS that counts how often it was asked."""

    def __init__(self, *keys: SigningKey) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.broken = False

    async def __call__(self) -> Mapping[str, Any]:
        self.asked += 1
        if self.broken:
            raise httpx.ConnectError("down")
        return {"keys": [key.public_jwk() for key in self.keys]}


KEY = new_key("one")


def _verifier(source: Source | None = None) -> TokenVerifier:
    return TokenVerifier(source or Source(KEY), Revocations())


def _token(caller: Caller, key: SigningKey = KEY, changes: Mapping[str, object] | None = None) -> str:
    claims = claims_of(caller, system_now(), MINUTE) | dict(changes or {})
    return sign({name: value for name, value in claims.items() if value is not None}, key)


async def test_a_token_gives_its_caller_back() -> None:
    caller = Caller(uuid4(), uuid4(), Role.company_user, uuid4(), uuid4(), on_behalf_of=uuid4())
    assert await _verifier().verify(_token(caller)) == caller


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"nbf": 4_000_000_000},
        {"role": "emperor"},
        {"sub": "nobody"},
        {"cus": "not-a-uuid"},
        {"exp": None},
        {"jti": None},
        {"cid": None},
        {"iat": "yesterday"},
    ],
)
async def test_claims_that_do_not_hold_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(TokenRefused):
        await _verifier().verify(_token(caller_of(), changes=changes))


async def test_a_token_that_expired_a_second_ago_is_refused() -> None:
    token = sign(claims_of(caller_of(), system_now() - MINUTE, timedelta(seconds=59)), KEY)
    with pytest.raises(TokenRefused):
        await _verifier().verify(token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "x" * 5000, "..", "eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        await _verifier().verify(token)


async def test_a_token_of_any_length_is_not_even_looked_at() -> None:
    source = Source(KEY)
    with pytest.raises(TokenRefused):
        await _verifier(source).verify(_token(caller_of(), changes={"scope": "x" * 5000}))
    assert source.asked == 0


def _signed_by_hmac(claims: Mapping[str, Any], secret: bytes) -> str:
    """What a forger makes of a public key; the library itself refuses to."""
    parts = [{"alg": "HS256", "kid": KEY.kid}, claims]
    signed = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = hmac.digest(secret, signed, "sha256")
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


async def test_no_other_algorithm_is_accepted() -> None:
    claims = claims_of(caller_of(), system_now(), MINUTE)
    public = KEY.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for token in (
        _signed_by_hmac(claims, public),
        jwt.encode(claims, rsa_key, algorithm="RS256", headers={"kid": KEY.kid}),
        jwt.encode(claims, "", algorithm="none", headers={"kid": KEY.kid}),
    ):
        with pytest.raises(TokenRefused):
            await _verifier().verify(token)


async def test_a_changed_token_is_refused_even_when_the_true_one_is_remembered() -> None:
    verifier = _verifier()
    token = _token(caller_of())
    await verifier.verify(token)
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"role": "publisher_admin"}).encode())
    with pytest.raises(TokenRefused):
        await verifier.verify(f"{head}.{forged.decode().rstrip('=')}.{signature}")


async def test_a_remembered_token_is_not_verified_again_but_still_expires(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verifier = _verifier()
    token = _token(caller_of())
    await verifier.verify(token)
    monkeypatch.setattr(jwt, "decode", None)
    await verifier.verify(token)
    monkeypatch.undo()
    now = system_now()
    monkeypatch.setattr(module, "system_now", lambda: now + MINUTE + timedelta(seconds=1))
    with pytest.raises(TokenRefused):
        await verifier.verify(token)


async def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_REMEMBERED", 3)
    verifier = _verifier()
    for _ in range(5):
        await verifier.verify(_token(caller_of()))
    assert len(verifier._remembered) == 3


async def test_a_new_key_is_fetched_when_it_is_first_met() -> None:
    source = Source(KEY)
    verifier = _verifier(source)
    await verifier.verify(_token(caller_of()))
    source.keys.append(new_key("two"))
    verifier.ring._asked_at -= module.REFETCH_SECONDS + 1
    await verifier.verify(_token(caller_of(), source.keys[1]))
    assert source.asked == 2


async def test_forged_key_names_do_not_make_us_hammer_tenancy() -> None:
    source = Source(KEY)
    verifier = _verifier(source)
    for number in range(50):
        with pytest.raises(TokenRefused):
            await verifier.verify(_token(caller_of(), new_key(f"forged-{number}")))
    assert source.asked == 1


async def test_a_withdrawn_key_opens_nothing_more_not_even_what_was_remembered() -> None:
    source = Source(KEY)
    verifier = _verifier(source)
    token = _token(caller_of())
    await verifier.verify(token)
    source.keys = [new_key("two")]
    await verifier.ring.refresh(at_least_seconds=0)
    with pytest.raises(TokenRefused):
        await verifier.verify(token)


async def test_keys_that_cannot_be_fetched_are_503_and_known_ones_are_kept() -> None:
    source = Source(KEY)
    source.broken = True
    with pytest.raises(KeysUnavailable):
        await _verifier(source).verify(_token(caller_of()))
    source.broken = False
    verifier = _verifier(source)
    await verifier.verify(_token(caller_of()))
    source.broken = True
    await verifier.ring.refresh(at_least_seconds=0)
    await verifier.verify(_token(caller_of()))


async def test_a_disabled_credential_is_refused_though_its_token_is_remembered() -> None:
    verifier = _verifier()
    caller = caller_of()
    token = _token(caller)
    await verifier.verify(token)
    verifier.revocations.credential_ids.add(caller.credential_id)
    with pytest.raises(TokenRefused):
        await verifier.verify(token)
