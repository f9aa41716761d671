"""Signed client assertions (RFC 7523): keys as programs register them, and signatures verified with them.

What an assertion must say is a rule's matter. One signature is verified whoever presents what: where there is
no key to verify with, a decoy's, so that the time tells nothing of the client.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from jwt.types import Options

from services.tenancy.program_model import ProgramKey
from services.tenancy.program_refusals import ClientRefused, PublicKeyUnfit
from services.tenancy.rules.programs import ASSERTION_ALGORITHMS, acceptable_bits, algorithm_of

MAX_ASSERTION = 4096
_KEPT = {"EC": ("kty", "crv", "x", "y", "kid"), "RSA": ("kty", "n", "e", "kid")}
_SIGNATURE_ALONE: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
_NOTHING: Options = {"verify_signature": False, **_SIGNATURE_ALONE}


def registered_key(jwk: Mapping[str, str]) -> dict[str, str]:
    """The public key as it is kept: its public members alone. Raises PublicKeyUnfit."""
    algorithm = algorithm_of(jwk)
    try:
        key = jwt.PyJWK(dict(jwk), algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise PublicKeyUnfit.of("it cannot be read as a JWK") from None
    if isinstance(key, RSAPublicKey):
        acceptable_bits(key.key_size)
    return {name: jwk[name] for name in _KEPT[jwk["kty"]] if name in jwk}


def client_named(assertion: str) -> str:
    """The client that an assertion names as its subject; nothing of it is verified yet."""
    try:
        subject = jwt.decode(assertion, options=_NOTHING).get("sub")
    except (jwt.PyJWTError, ValueError):
        raise ClientRefused from None
    if not isinstance(subject, str):
        raise ClientRefused
    return subject


def verified(assertion: str, keys: Sequence[ProgramKey]) -> tuple[ProgramKey, Mapping[str, Any]]:
    """The key that signed an assertion, and what it says. Raises ClientRefused.

    The key is the one that the header names by its `kid` (its own, or the id we gave it); without a name,
    the newest of the algorithm.
    """
    try:
        header = jwt.get_unverified_header(assertion)
    except (jwt.PyJWTError, ValueError):
        raise ClientRefused from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ASSERTION_ALGORITHMS:
        raise ClientRefused
    key = next((each for each in keys if _fits(each, algorithm, kid)), None)
    jwk = key.public_key if key is not None and key.public_key else _DECOYS[algorithm]
    try:
        public = jwt.PyJWK(dict(jwk), algorithm=algorithm)
        claims = jwt.decode(assertion, public, algorithms=[algorithm], options=_SIGNATURE_ALONE)
    except (jwt.PyJWTError, ValueError):
        raise ClientRefused from None
    if key is None:
        raise ClientRefused
    return key, claims


def _fits(key: ProgramKey, algorithm: str, kid: object) -> bool:
    if key.public_key is None or algorithm_of(key.public_key) != algorithm:
        return False
    return kid is None or kid in (key.public_key.get("kid"), str(key.credential_id))


def _decoys() -> dict[str, dict[str, str]]:
    """Keys that nobody has: a curve's whose private half is forgotten, and a number that is no product."""
    curve = generate_private_key(SECP256R1()).public_key()
    number = RSAPublicNumbers(65537, secrets.randbits(2048) | 1 << 2047 | 1).public_key()
    return {
        "ES256": jwt.algorithms.ECAlgorithm.to_jwk(curve, as_dict=True),
        "RS256": jwt.algorithms.RSAAlgorithm.to_jwk(number, as_dict=True),
    }


_DECOYS = _decoys()
