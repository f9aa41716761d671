"""Programs: what they may be let in for, how long a key lives, and what a signed assertion must say.

Signatures and hashes are compared elsewhere; here is what follows from them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from chassis.roles import Role
from chassis.scopes import scopes_of
from services.tenancy.program_refusals import (
    ClientRefused,
    KeyLifetimeUnfit,
    ProgramDisabled,
    PublicKeyUnfit,
    ScopeRefused,
    ScopesUnfit,
    TooManyKeys,
)

KEYS_AT_MOST = 10
KEY_LIVES = timedelta(days=365)
KEY_LIVES_AT_MOST = timedelta(days=731)
TOKEN_LIVES = timedelta(minutes=10)
ASSERTION_LIVES_AT_MOST = timedelta(minutes=5)
SKEW = timedelta(seconds=5)
JTI_MAXIMUM = 200
ASSERTION_ALGORITHMS = frozenset({"ES256", "RS256"})
RSA_BITS = (2048, 4096)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_OF_KIND = {"EC": "ES256", "RSA": "RS256"}


def acceptable_scopes(role: Role, asked: Iterable[str]) -> list[str]:
    """At least one scope, each of which a program of this role may hold; once each, in order."""
    scopes = sorted(set(asked))
    unfit = [scope for scope in scopes if scope not in scopes_of(role)]
    if unfit or not scopes:
        raise ScopesUnfit.of(" ".join(unfit))
    return scopes


def granted_scopes(held: Sequence[str], asked: Sequence[str] | None) -> frozenset[str]:
    """RFC 6749, 3.3: a token is for what its program holds, or for less if less is asked; never for more."""
    if asked is None:
        return frozenset(held)
    if not asked or not set(asked) <= set(held):
        raise ScopeRefused
    return frozenset(asked)


def key_end(asked: datetime | None, now: datetime) -> datetime:
    """A key lives a year unless another end is asked for: after now, and within two years."""
    if asked is None:
        return now + KEY_LIVES
    if not now < asked <= now + KEY_LIVES_AT_MOST:
        raise KeyLifetimeUnfit.of(asked.isoformat())
    return asked


def may_have_another_key(disabled_at: datetime | None, live: int) -> None:
    """Several keys live at once, so that they can be exchanged one by one; but not without end."""
    if disabled_at is not None:
        raise ProgramDisabled
    if live >= KEYS_AT_MOST:
        raise TooManyKeys


def algorithm_of(jwk: Mapping[str, str]) -> str:
    """The one algorithm that a registered public key (RFC 7517) verifies: ES256 on P-256, or RS256."""
    algorithm = _OF_KIND.get(jwk.get("kty", ""))
    fits = algorithm is not None and jwk.get("alg", algorithm) == algorithm and jwk.get("use", "sig") == "sig"
    if not fits or (jwk.get("kty") == "EC" and jwk.get("crv") != "P-256"):
        raise PublicKeyUnfit.of("an elliptic curve key on P-256 or an RSA key, to verify signatures")
    return str(algorithm)


def acceptable_bits(bits: int) -> None:
    """An RSA key has 2048 to 4096 bits: shorter is weak, longer is costly to verify."""
    if not RSA_BITS[0] <= bits <= RSA_BITS[1]:
        raise PublicKeyUnfit.of(f"{bits} bits")


def assertion_end(
    claims: Mapping[str, Any], client_id: str, audiences: frozenset[str], now: datetime
) -> datetime:
    """RFC 7523, 3: issued by the client for itself, meant for us, in its time, and named to be used once.

    `claims` come from a signature that was verified. Gives when the assertion is over.
    """
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise ClientRefused("The assertion's iss and sub are to be the client id.")
    if not audiences & set(_listed(claims.get("aud"))):
        raise ClientRefused("The assertion's aud is another's.")
    ends_at, begins_at = _instant(claims, "exp"), _instant(claims, "nbf")
    if ends_at is None or ends_at <= now:
        raise ClientRefused("The assertion has expired, or says no exp.")
    if ends_at > now + ASSERTION_LIVES_AT_MOST + SKEW:
        raise ClientRefused("The assertion's exp is more than five minutes ahead.")
    if begins_at is not None and begins_at > now + SKEW:
        raise ClientRefused("The assertion is not valid yet.")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= JTI_MAXIMUM:
        raise ClientRefused(f"The assertion's jti is to be a text of 1 to {JTI_MAXIMUM} characters.")
    return ends_at


def _listed(audience: object) -> list[str]:
    if isinstance(audience, str):
        return [audience]
    return [each for each in audience if isinstance(each, str)] if isinstance(audience, list) else []


def _instant(claims: Mapping[str, Any], name: str) -> datetime | None:
    """A NumericDate as an instant. A claim that is no whole number of seconds of our age is refused."""
    value = claims.get(name)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < 2**33:
        raise ClientRefused(f"The assertion's {name} is no whole number of seconds.")
    return _EPOCH + timedelta(seconds=value)


def token_life(key_expires_at: datetime, now: datetime) -> timedelta:
    """Ten minutes, or until the key ends: no token outlives its key."""
    if key_expires_at <= now:
        raise ClientRefused("This key's time is over.")
    return min(TOKEN_LIVES, key_expires_at - now)
