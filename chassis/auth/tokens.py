"""Bearer tokens: signed by tenancy with ES256, verified here without asking anyone.

Keys come from a JWKS source and rotate: an unknown `kid` fetches them again, at most once in a while, so
that forged ones cannot make us hammer tenancy. A verified token is remembered by its hash (99 µs become
1 µs), and forgotten when it expires or when the keys change.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

from chassis import metrics
from chassis.auth.caller import Caller, TokenRefused
from chassis.auth.revocation import Revocations
from chassis.clock import monotonic, system_now
from chassis.refusals import Refusal
from chassis.roles import Role
from chassis.telemetry import get_logger

ALGORITHM = "ES256"
ISSUER = "urn:livret:tenancy"
AUDIENCE = "livret"
JWKS_PATH = "/v1/jwks"
"""Where tenancy shows its public keys; behind the origin, under `/api/tenancy`."""

REFETCH_SECONDS = 5.0
REFRESH_SECONDS = 30.0
SKEW_SECONDS = 5
MAX_TOKEN_LENGTH = 4096
MAX_REMEMBERED = 20_000
_REQUIRED = ["iss", "aud", "sub", "cid", "role", "iat", "nbf", "exp", "jti"]

KeySource = Callable[[], Awaitable[Mapping[str, Any]]]
"""Gives the JWKS document: `{"keys": [...]}`."""

_log = get_logger(__name__)


class KeysUnavailable(Refusal):
    slug = "keys-unavailable"
    status = 503
    sentence = "The keys that tokens are checked with cannot be had now."


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the `kid` that its public half is published under."""

    kid: str
    private: EllipticCurvePrivateKey

    def public_jwk(self) -> dict[str, Any]:
        """The public half, as an entry of a JWKS."""
        jwk: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return jwk | {"kid": self.kid, "use": "sig", "alg": ALGORITHM}


def claims_of(caller: Caller, issued_at: datetime, lifetime: timedelta) -> dict[str, Any]:
    """The claims that stand for a caller; `issued_at` is system time."""
    optional = {"cus": caller.customer_id, "com": caller.company_id, "obo": caller.on_behalf_of}
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(caller.person_id),
        "cid": str(caller.credential_id),
        "role": caller.role.value,
        "iat": int(issued_at.timestamp()),
        "nbf": int(issued_at.timestamp()),
        "exp": int((issued_at + lifetime).timestamp()),
        "jti": str(uuid4()),
        **{name: str(value) for name, value in optional.items() if value},
        **({"scope": " ".join(sorted(caller.scopes))} if caller.scopes else {}),
    }


def sign(claims: Mapping[str, Any], key: SigningKey) -> str:
    """A token of these claims."""
    return jwt.encode(dict(claims), key.private, algorithm=ALGORITHM, headers={"kid": key.kid})


def keys_at(url: str, transport: httpx.AsyncBaseTransport | None = None) -> KeySource:
    """A source that fetches the JWKS over HTTP, or from an app of this process by its transport."""

    async def fetch() -> Mapping[str, Any]:
        async with httpx.AsyncClient(timeout=3, transport=transport) as client:
            answer = await client.get(url)
            answer.raise_for_status()
            document: Mapping[str, Any] = answer.json()
            return document

    return fetch


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    expires_at: int


@dataclass(slots=True)
class KeyRing:
    """The public keys by `kid`, fetched when they are missing or old."""

    source: KeySource
    keys: dict[str, EllipticCurvePublicKey] = field(default_factory=dict)
    generation: int = 0
    """Grows when a key was added or withdrawn."""
    _asked_at: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, kid: str) -> EllipticCurvePublicKey:
        """The key of that name. Refuses a name that is unknown after a fresh look."""
        if kid not in self.keys:
            await self.refresh(REFETCH_SECONDS)
        if not self.keys:
            raise KeysUnavailable(retry_after=int(REFETCH_SECONDS))
        if kid not in self.keys:
            raise TokenRefused("It was signed with a key that is not known.")
        return self.keys[kid]

    async def refresh(self, at_least_seconds: float = REFRESH_SECONDS) -> None:
        """Fetches the keys unless that was tried less than so many seconds ago; a failure keeps the old."""
        async with self._lock:
            if monotonic() - self._asked_at < at_least_seconds:
                return
            self._asked_at = monotonic()
            try:
                found = _public_keys(await self.source())
            except (httpx.HTTPError, ValueError, KeyError, jwt.PyJWTError, OSError) as fault:
                _log.warning("jwks_not_fetched", fault=type(fault).__name__)
                return
            if {kid: key.public_numbers() for kid, key in found.items()} != {
                kid: key.public_numbers() for kid, key in self.keys.items()
            }:
                self.keys, self.generation = found, self.generation + 1


def _public_keys(document: Mapping[str, Any]) -> dict[str, EllipticCurvePublicKey]:
    found = {}
    for jwk in document["keys"]:
        key = jwt.PyJWK(jwk, algorithm=ALGORITHM).key
        if isinstance(key, EllipticCurvePublicKey):
            found[jwk["kid"]] = key
    return found


class TokenVerifier:
    """Turns a token into its caller, or refuses it."""

    def __init__(self, keys: KeySource, revocations: Revocations, audience: str = AUDIENCE) -> None:
        self.ring = KeyRing(keys)
        self.revocations = revocations
        self.audience = audience
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._generation = 0

    async def verify(self, token: str) -> Caller:
        """The caller that a token stands for. Raises `TokenRefused`, or `KeysUnavailable`."""
        try:
            caller = await self._caller_of(token)
        except Refusal:
            metrics.TOKENS.labels("refused").inc()
            raise
        if caller.credential_id in self.revocations:
            metrics.TOKENS.labels("refused").inc()
            raise TokenRefused("Its credential was disabled.")
        return caller

    async def _caller_of(self, token: str) -> Caller:
        self._forget_if_keys_changed()
        digest = hashlib.sha256(token.encode()).digest()
        known = self._remembered.get(digest)
        if known is not None and system_now().timestamp() < known.expires_at:
            metrics.TOKENS.labels("cached").inc()
            return known.caller
        claims = await self._claims(token)
        caller = _caller(claims)
        self._forget_if_keys_changed()
        self._remember(digest, _Remembered(caller, int(claims["exp"])))
        metrics.TOKENS.labels("verified").inc()
        return caller

    async def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > MAX_TOKEN_LENGTH:
            raise TokenRefused
        try:
            key = await self.ring.find(_kid(token))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self.audience,
                issuer=ISSUER,
                leeway=SKEW_SECONDS,
                options={"require": _REQUIRED},
            )
        except jwt.PyJWTError as fault:
            raise TokenRefused(_reason(fault)) from None
        if system_now().timestamp() >= claims["exp"]:
            raise TokenRefused("It has expired.")
        return claims

    def _forget_if_keys_changed(self) -> None:
        if self._generation != self.ring.generation:
            self._remembered.clear()
            self._generation = self.ring.generation

    def _remember(self, digest: bytes, known: _Remembered) -> None:
        self._remembered[digest] = known
        if len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)


def _kid(token: str) -> str:
    header = jwt.get_unverified_header(token)
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(kid, str):
        raise TokenRefused("It is not signed as tokens of this portal are.")
    return kid


def _reason(fault: jwt.PyJWTError) -> str | None:
    return "It has expired." if isinstance(fault, jwt.ExpiredSignatureError) else None


def _caller(claims: Mapping[str, Any]) -> Caller:
    try:
        return Caller(
            person_id=UUID(claims["sub"]),
            credential_id=UUID(claims["cid"]),
            role=Role(claims["role"]),
            customer_id=UUID(claims["cus"]) if claims.get("cus") else None,
            company_id=UUID(claims["com"]) if claims.get("com") else None,
            on_behalf_of=UUID(claims["obo"]) if claims.get("obo") else None,
            scopes=frozenset(claims.get("scope", "").split()),
        )
    except (ValueError, TypeError, AttributeError):
        raise TokenRefused from None
